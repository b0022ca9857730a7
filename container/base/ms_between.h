// container/base/ms_between.h
#pragma once
#include <cstdint>
#include <limits>

namespace serval {

/// From one time to another; at the end of the range where the difference has no room, for times in
/// files and messages may be any.
constexpr std::int64_t ms_between(std::int64_t then, std::int64_t now) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(now, then, &difference)) return difference;
  return now < then ? std::numeric_limits<std::int64_t>::min()
                    : std::numeric_limits<std::int64_t>::max();
}

}  // namespace serval
