#include "cluster/tribes/membership/cloud/membership_provider.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "container/base/error.h"

namespace serval::tribes {

UniqueId cloud_id(std::string_view text) {
  UniqueId id{};
  const int done = EVP_Digest(text.data(), text.size(), id.data(), nullptr, EVP_md5(), nullptr);
  SERVAL_ASSERT(done == 1, "OpenSSL has no MD5");
  return id;
}

std::string java_address_text(const Bytes& host) {
  if (host.size() != 16) return fmt::format("{}", fmt::join(host, "."));
  std::string text;
  for (std::size_t i = 0; i < host.size(); i += 2) {
    text += fmt::format("{}{:x}", i == 0 ? "" : ":", host[i] << 8 | host[i + 1]);
  }
  return text;
}

}  // namespace serval::tribes
