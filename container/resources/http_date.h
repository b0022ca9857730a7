// container/resources/http_date.h
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace serval::core {

/// "Tue, 15 Nov 1994 12:45:26 GMT" of milliseconds since 1970-01-01 UTC.
std::string http_date(std::int64_t ms);

/// Milliseconds of a date in one of the three forms that HTTP allows, or nothing.
/// Source: RFC 9110 5.6.7.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace serval::core
