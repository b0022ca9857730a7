// cluster/tools/text/printable.h
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace serval::tools {

/// Text of a peer as a terminal may have it: control characters, characters that change the
/// direction of writing, and bytes that are not UTF-8 become "\n", "\u202e", "\x9b"; '"' and '\'
/// get a '\' in front.
std::string printable(std::string_view text);

/// `printable` in quotation marks.
std::string quoted(std::string_view text);

/// True if most people would call these bytes a text: UTF-8 without control characters but line
/// ends and tabs.
bool is_text(std::span<const std::uint8_t> bytes);

/// The bytes as a text in quotation marks if they are one, else as hexadecimal pairs; what is
/// beyond about `limit` characters is "...". Requires: limit > 3.
std::string bytes_text(std::span<const std::uint8_t> bytes, std::size_t limit);

/// True if the bytes are the characters of this text.
bool are(std::span<const std::uint8_t> bytes, std::string_view text);

/// "0a0bff".
std::string hex(std::span<const std::uint8_t> bytes);

/// Characters (code points), not bytes.
std::size_t width_of(std::string_view utf8);
/// At most `width` characters, the last three of a longer text are "...".
std::string cut(std::string_view utf8, std::size_t width);
/// Blanks behind (left) or in front (right), up to `width` characters.
std::string left(std::string_view utf8, std::size_t width);
std::string right(std::string_view utf8, std::size_t width);

/// Hexadecimal SHA-256.
std::string sha256(std::span<const std::uint8_t> bytes);

}  // namespace serval::tools
