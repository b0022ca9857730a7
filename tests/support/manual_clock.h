// tests/support/manual_clock.h
#pragma once
#include "container/base/clock.h"

namespace serval::test {

/// Time that moves only when the test says so.
class ManualClock final : public Clock {
 public:
  Time now() const override { return now_; }
  std::int64_t wall_ms() const override { return wall_ms_; }
  void advance(std::chrono::milliseconds by) {
    now_ += by;
    wall_ms_ += by.count();
  }

 private:
  Time now_ = Time(std::chrono::hours(1));
  std::int64_t wall_ms_ = 1700000000000;
};

}  // namespace serval::test
