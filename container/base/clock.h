// container/base/clock.h
#pragma once
#include <chrono>
#include <cstdint>

namespace serval {

/// Where time comes from, so that a test can pass its own.
///
/// Threads: any.
class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  virtual ~Clock() = default;
  /// Steady: never goes back; for time-outs and intervals.
  virtual Time now() const = 0;
  /// Milliseconds since 1970-01-01 UTC, as Java's currentTimeMillis; for what goes over the wire or
  /// to a person.
  virtual std::int64_t wall_ms() const = 0;

  /// Whole milliseconds from then until now, for the log.
  std::int64_t ms_since(Time then) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now() - then).count();
  }
};

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::steady_clock::now(); }
  std::int64_t wall_ms() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

/// The one SystemClock of the process.
const Clock& system_clock();

}  // namespace serval
