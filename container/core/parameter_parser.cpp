#include "container/core/parameter_parser.h"

#include "container/base/ascii.h"

namespace serval::core {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower_case(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Length of the well-formed UTF-8 character at the front, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned char low = 0x80, high = 0xBF;  // of the second byte
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (length == 0 || text.size() < length || byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

std::string to_utf8(std::string bytes, ParameterCharset charset) {
  bool plain = true;
  for (const char c : bytes) plain = plain && static_cast<unsigned char>(c) < 0x80;
  if (plain) return bytes;
  std::string text;
  if (charset == ParameterCharset::kLatin1) {
    for (const char c : bytes) {
      const auto u = static_cast<unsigned char>(c);
      if (u >= 0x80) text.push_back(static_cast<char>(0xC0 | (u >> 6)));
      text.push_back(u >= 0x80 ? static_cast<char>(0x80 | (u & 0x3F)) : c);
    }
    return text;
  }
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::size_t length = utf8_length(rest);
    text.append(length > 0 ? rest.substr(0, length) : "\xEF\xBF\xBD");
    rest.remove_prefix(length > 0 ? length : 1);
  }
  return text;
}

/// %xx and '+' decoded; nothing if an escape is broken.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

}  // namespace

ParameterCharset body_charset(std::string_view content_type, std::string_view otherwise) {
  std::string_view name = otherwise;
  for (auto at = content_type.find(';'); at != std::string_view::npos;
       at = content_type.find(';', at + 1)) {
    const std::string_view parameter =
        trim(content_type.substr(at + 1, content_type.find(';', at + 1) - at - 1));
    constexpr std::string_view kCharset = "charset=";
    if (parameter.size() < kCharset.size() ||
        !same_ignoring_case(parameter.substr(0, kCharset.size()), kCharset)) {
      continue;
    }
    name = trim(parameter.substr(kCharset.size()));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
      name = name.substr(1, name.size() - 2);
    }
  }
  return same_ignoring_case(name, "utf-8") || same_ignoring_case(name, "utf8")
             ? ParameterCharset::kUtf8
             : ParameterCharset::kLatin1;
}

void ParameterParser::add(std::string_view text, ParameterCharset charset) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    if (limit_ >= 0 && parameters_.size() >= static_cast<std::size_t>(limit_)) {
      return fail("TOO_MANY_PARAMETERS");
    }
    add_pair(pair, charset);
  }
}

void ParameterParser::add_pair(std::string_view pair, ParameterCharset charset) {
  const std::size_t equals = pair.find('=');
  if (equals == 0) return fail("NO_NAME");
  auto name = decode(pair.substr(0, equals));
  auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                : decode(pair.substr(equals + 1));
  if (!name || !value) return fail("URL_DECODING");
  parameters_.emplace_back(to_utf8(*std::move(name), charset), to_utf8(*std::move(value), charset));
}

}  // namespace serval::core
