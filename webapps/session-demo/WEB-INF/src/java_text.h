// webapps/session-demo/WEB-INF/src/java_text.h
#pragma once
#include <serval/servlet.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Texts as a JVM makes and reads them, so that this application and its Java twin answer with the
/// same bytes. Errors: std::invalid_argument where Java throws.
namespace demo {

/// A C++ exception for Java's NumberFormatException and the like; the container answers 500.
using BadValue = serval::IllegalArgumentException;

/// String.valueOf(o): "1.0E10", "[a, b]", "{k=v}", "Cart{…}". Other objects show their class name.
std::string to_java_string(const serval::Value& value);
std::string to_java_string(double value);

/// The UTF-16 code units of a text in UTF-8 (a lone surrogate may stand in its three-byte form).
std::u16string to_utf16(std::string_view text);
/// String.hashCode().
std::int32_t hash_code(std::u16string_view text);

/// Integer.parseInt, Long.parseLong with a radix, Double.valueOf.
std::int64_t parse_integer(std::string_view text, int radix, std::int64_t min, std::int64_t max);
double parse_double(std::string_view text);

/// String.split(","): empty texts at the end are left out, but "" is one empty text.
std::vector<std::string> split_commas(std::string_view text);

/// A HashMap with these entries put one after the other, in the order in which Java walks through
/// it.
serval::Value hash_map(const std::vector<std::pair<std::string, std::string>>& entries);

}  // namespace demo
