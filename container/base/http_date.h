// container/base/http_date.h
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace serval {

/// "Sat, 21 Nov 2026 03:00:00 GMT" (RFC 7231 7.1.1.1).
///
/// Units: seconds since 1970-01-01 UTC.
std::string http_date(std::int64_t seconds);

/// The current one, formatted once a second per thread. Valid until the thread's next call.
std::string_view current_http_date();

}  // namespace serval
