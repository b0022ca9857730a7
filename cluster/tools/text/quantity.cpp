#include "cluster/tools/text/quantity.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>

namespace serval::tools {
namespace {

using namespace std::chrono_literals;

std::tm local_time(std::chrono::seconds wall) {
  const std::time_t seconds = static_cast<std::time_t>(wall.count());
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local;
}

template <class Duration>
std::string with_fraction(Duration wall, int digits) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(wall);
  const std::tm local = local_time(whole);
  return fmt::format("{:02}:{:02}:{:02}.{:0{}}", local.tm_hour, local.tm_min, local.tm_sec,
                     (wall - Duration(whole)).count(), digits);
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  static constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB"};
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (size >= 1023.95 && unit + 1 < kUnits.size()) {  // never "1024.0 KiB"
    size /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string duration_text(std::chrono::microseconds duration) {
  if (duration < 0us) return "-" + duration_text(-duration);
  const auto us = duration.count();
  if (duration < 10ms) return fmt::format("{:.2f} ms", static_cast<double>(us) / 1e3);
  if (duration < 1s) return fmt::format("{} ms", us / 1000);
  if (duration < 60s) return fmt::format("{:.1f} s", static_cast<double>(us / 100'000) / 10);
  const auto s = us / 1'000'000;
  if (s < 3600) return fmt::format("{} m {:02} s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{} h {:02} m", s / 3600, s / 60 % 60);
  return fmt::format("{} d {:02} h", s / 86400, s / 3600 % 24);
}

std::string time_text(std::chrono::milliseconds wall) { return with_fraction(wall, 3); }
std::string time_text(std::chrono::microseconds wall) { return with_fraction(wall, 6); }

std::string date_time_text(std::chrono::milliseconds wall) {
  const std::tm local = local_time(std::chrono::floor<std::chrono::seconds>(wall));
  return fmt::format("{:04}-{:02}-{:02} {}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
                     time_text(wall));
}

std::string count_text(std::uint64_t count, const char* one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

}  // namespace serval::tools
