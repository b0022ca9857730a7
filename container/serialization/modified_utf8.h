// container/serialization/modified_utf8.h
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace serval {

/// Java's text encoding in streams. Inside Serval text is UTF-8 (a lone surrogate keeps its three
/// bytes); on the wire U+0000 is C0 80 and a character beyond U+FFFF is two surrogates of three
/// bytes each.
///
/// Errors: decode returns false for bytes that a JVM rejects.
bool decode_modified_utf8(std::span<const std::uint8_t> in, std::string& out);

/// Number of bytes that encode_modified_utf8 appends.
std::size_t modified_utf8_size(std::string_view text);
/// Bytes that are not UTF-8 become U+FFFD, so that what leaves is always well formed.
void encode_modified_utf8(std::string_view text, std::vector<std::uint8_t>& out);

/// java.lang.String.hashCode of the text.
std::int32_t java_string_hash(std::string_view text);

}  // namespace serval
