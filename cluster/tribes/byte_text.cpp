#include "cluster/tribes/byte_text.h"

#include <fmt/format.h>

namespace serval::tribes {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

Result<Bytes> bytes_from_list(std::string_view list) {
  Bytes bytes;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view word = trimmed(list.substr(0, comma));
    int value = 0;
    if (!serval::parse_into(word, value) || value < -128 || value > 255) {
      return Error{Errc::kInvalidArgument, fmt::format("[{}] is not a byte", word)};
    }
    bytes.push_back(static_cast<std::uint8_t>(value));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return bytes;
}

}  // namespace

Result<Bytes> bytes_from_text(std::string_view text) {
  const std::string_view whole = trimmed(text);
  if (whole.starts_with('{') && whole.ends_with('}')) {
    return bytes_from_list(whole.substr(1, whole.size() - 2));
  }
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < 0x80) {
      bytes.push_back(byte);
    } else if ((byte == 0xC2 || byte == 0xC3) && i + 1 < text.size()) {
      // The settings are UTF-8; U+0080 to U+00FF take two bytes there.
      bytes.push_back(static_cast<std::uint8_t>((byte & 0x03) << 6 | (text[++i] & 0x3F)));
    } else {
      return Error{Errc::kInvalidArgument, "a character that ISO-8859-1 does not have"};
    }
  }
  return bytes;
}

}  // namespace serval::tribes
