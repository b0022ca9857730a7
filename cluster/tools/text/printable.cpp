#include "cluster/tools/text/printable.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "container/base/error.h"

namespace serval::tools {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // bytes; 0: not UTF-8
};

/// The code point at the beginning. Overlong forms, surrogates and what lies beyond Unicode are
/// none.
CodePoint first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  char32_t value = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3FU);
  }
  static constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast[size] || value > 0x10FFFF || surrogate) return {};
  return {value, size};
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

/// Marks that no glyph shows and that may make a line look like another one.
bool is_invisible(char32_t c) {
  return (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

void append_escape(std::string& out, char32_t c) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += c < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c))
                       : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  }
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = first_of(text);
    if (c.size == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (is_control(c.value) || is_invisible(c.value)) {
      append_escape(out, c.value);
    } else {
      if (c.value == '"' || c.value == '\\') out += '\\';
      out += text.substr(0, c.size);
    }
    text.remove_prefix(c.size);
  }
  return out;
}

std::string quoted(std::string_view text) { return '"' + printable(text) + '"'; }

bool is_text(std::span<const std::uint8_t> bytes) {
  std::string_view text = as_text(bytes);
  if (text.empty()) return false;
  while (!text.empty()) {
    const CodePoint c = first_of(text);
    const bool layout = c.value == '\n' || c.value == '\r' || c.value == '\t';
    if (c.size == 0 || (is_control(c.value) && !layout)) return false;
    text.remove_prefix(c.size);
  }
  return true;
}

std::string bytes_text(std::span<const std::uint8_t> bytes, std::size_t limit) {
  if (bytes.empty()) return "";
  const auto shown = bytes.first(std::min(bytes.size(), limit));
  // The cut may have split the last character.
  const std::size_t least = shown.size() < bytes.size() ? shown.size() - 3 : shown.size();
  for (std::size_t size = shown.size(); size > 0 && size >= least; --size) {
    if (!is_text(shown.first(size))) continue;
    return quoted(as_text(shown.first(size))) + (size < bytes.size() ? "..." : "");
  }
  const std::size_t pairs = std::min(bytes.size(), (limit + 1) / 3);
  std::string text;
  for (const std::uint8_t byte : bytes.first(pairs)) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
  }
  return pairs < bytes.size() ? text + " ..." : text;
}

bool are(std::span<const std::uint8_t> bytes, std::string_view text) {
  return as_text(bytes) == text;
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::size_t width_of(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return !is_continuation(c); }));
}

std::string cut(std::string_view utf8, std::size_t width) {
  if (width_of(utf8) <= width) return std::string(utf8);
  static constexpr std::string_view kMore = "...";
  std::size_t room = width > kMore.size() ? width - kMore.size() : 0;
  std::size_t end = 0;
  for (; end < utf8.size(); ++end) {
    if (is_continuation(utf8[end])) continue;
    if (room == 0) break;
    --room;
  }
  return std::string(utf8.substr(0, end)) + std::string(kMore.substr(0, width));
}

std::string left(std::string_view utf8, std::size_t width) {
  const std::size_t has = width_of(utf8);
  return std::string(utf8) + std::string(has < width ? width - has : 0, ' ');
}

std::string right(std::string_view utf8, std::size_t width) {
  const std::size_t has = width_of(utf8);
  return std::string(has < width ? width - has : 0, ' ') + std::string(utf8);
}

std::string sha256(std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, 32> digest{};
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  SERVAL_ASSERT(done == 1, "SHA-256 of memory cannot fail");
  return hex(digest);
}

}  // namespace serval::tools
