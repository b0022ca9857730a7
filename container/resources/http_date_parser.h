// container/resources/http_date_parser.h
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace serval::core {

/// Milliseconds since 1970-01-01 UTC of a date in one of the three forms that HTTP allows, or
/// nothing.
/// Source: RFC 9110 5.6.7.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace serval::core
