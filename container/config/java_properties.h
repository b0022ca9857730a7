// container/config/java_properties.h
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/result.h"

namespace serval {

/// Key and value in file order; a key may come twice, the later one counts.
using JavaProperties = std::vector<std::pair<std::string, std::string>>;

/// Reads the text of a Java .properties file: comments (# and !), the separators "=", ":" and white
/// space, continued lines, \t \n \r \f \uXXXX. Bytes that are not UTF-8 are taken as ISO-8859-1.
///
/// Errors: kInvalidArgument with "file:line" for a broken \u escape or a NUL byte.
/// Source: the language of java.util.Properties.load.
Result<JavaProperties> parse_java_properties(std::string_view text, std::string_view file_name);

/// Errors: as above; kNotFound or kIo with the path when the file cannot be read.
Result<JavaProperties> read_java_properties(const std::filesystem::path& path);

}  // namespace serval
