#include "container/session/recent_sessions.h"

#include <algorithm>
#include <limits>

namespace serval::core {

void RecentSessions::note(std::int64_t now_ms, int lived_seconds) {
  One& one = all_[next_.fetch_add(1, std::memory_order_relaxed) % kRemembered];
  one.lived_seconds.store(lived_seconds, std::memory_order_relaxed);
  one.at_ms.store(now_ms, std::memory_order_relaxed);
}

void RecentSessions::clear() {
  for (One& one : all_) one.at_ms.store(0, std::memory_order_relaxed);
}

int RecentSessions::per_minute(std::int64_t now_ms) const {
  std::int64_t count = 0, oldest_ms = now_ms;
  for (const One& one : all_) {
    const std::int64_t at_ms = one.at_ms.load(std::memory_order_relaxed);
    if (at_ms == 0) continue;
    ++count;
    oldest_ms = std::min(oldest_ms, at_ms);
  }
  if (count == 0) return 0;
  if (oldest_ms == now_ms) return std::numeric_limits<int>::max();
  return static_cast<int>(count * 60'000 / (now_ms - oldest_ms));
}

int RecentSessions::average_seconds() const {
  std::int64_t count = 0, seconds = 0;
  for (const One& one : all_) {
    if (one.at_ms.load(std::memory_order_relaxed) == 0) continue;
    ++count;
    seconds += one.lived_seconds.load(std::memory_order_relaxed);
  }
  return count == 0 ? 0 : static_cast<int>(seconds / count);
}

}  // namespace serval::core
