// tests/support/eventually.h
#pragma once
#include <poll.h>

#include <chrono>

namespace serval::test {

/// How long a test waits for what must happen; far more than it takes.
inline constexpr std::chrono::seconds kPatience{30};

/// Asks again and again until the condition holds. False after `limit`.
template <class Condition>
bool eventually(Condition&& condition, std::chrono::milliseconds limit = kPatience) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    ::poll(nullptr, 0, 10);
  }
}

/// True if the condition holds all the time.
template <class Condition>
bool holds_for(std::chrono::milliseconds duration, Condition&& condition) {
  return !eventually([&] { return !condition(); }, duration);
}

}  // namespace serval::test
