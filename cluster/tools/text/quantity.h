// cluster/tools/text/quantity.h
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace serval::tools {

/// "328 B", "1.5 KiB", "8.0 MiB": 1024 each, one decimal place.
std::string size_text(std::uint64_t bytes);

/// "0.45 ms", "850 ms", "3.2 s", "4 m 05 s", "1 h 02 m", "3 d 04 h": two figures that matter.
std::string duration_text(std::chrono::microseconds duration);

/// "12:03:41.123", local time of day. `wall` counts from 1970-01-01 UTC.
std::string time_text(std::chrono::milliseconds wall);
/// "12:03:41.123456".
std::string time_text(std::chrono::microseconds wall);
/// "2026-11-21 12:03:41.123".
std::string date_time_text(std::chrono::milliseconds wall);

/// "1 message", "7 messages".
std::string count_text(std::uint64_t count, const char* one);

}  // namespace serval::tools
