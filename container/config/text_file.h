// container/config/text_file.h
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "container/base/result.h"

namespace serval {

/// The largest configuration file that is read.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20;

/// The bytes of a file.
///
/// Errors: kNotFound when it does not exist, kIo when it cannot be read, kInvalidArgument when it
/// is larger than `max_bytes` (checked before anything is allocated). All name the path.
Result<std::string> read_text_file(const std::filesystem::path& path,
                                   std::size_t max_bytes = kMaxConfigBytes);

/// Byte offset of the first byte that is not part of valid UTF-8, or npos.
std::size_t first_bad_utf8(std::string_view text);

/// ISO-8859-1 to UTF-8.
std::string utf8_from_latin1(std::string_view text);

/// UTF-8 to ISO-8859-1; what that has not becomes '?', as in Java.
std::string latin1_from_utf8(std::string_view text);

/// Appends one code point as UTF-8.
void append_utf8(std::string& out, char32_t code_point);

/// Without white space (blank, tab, line ends) at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace serval
