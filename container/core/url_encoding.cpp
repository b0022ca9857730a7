#include "container/core/url_encoding.h"

namespace serval::core {

std::string encode_path(std::string_view path) {
  static constexpr std::string_view kHex = "0123456789ABCDEF", kSafe = "-_.~!$&'()*+,=:@/";
  std::string encoded;
  encoded.reserve(path.size());
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kSafe.find(c) != std::string_view::npos) {
      encoded.push_back(c);
    } else {
      const auto u = static_cast<unsigned char>(c);
      encoded.append({'%', kHex[u >> 4], kHex[u & 15]});
    }
  }
  return encoded;
}

}  // namespace serval::core
