// tests/support/manual_clock.h
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

#include "container/base/clock.h"

namespace serval::test {

/// A clock that moves only when told to. Both times move together.
///
/// Threads: any.
class ManualClock final : public Clock {
 public:
  static constexpr std::int64_t kStartMs = 1'700'000'000'000;

  Time now() const override {
    return Time(std::chrono::milliseconds(ms_.load() - kStartMs) + std::chrono::hours(1));
  }
  std::int64_t wall_ms() const override { return ms_.load(); }
  void advance(std::chrono::milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{kStartMs};
};

}  // namespace serval::test
