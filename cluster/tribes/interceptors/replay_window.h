#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_set>

namespace serval::tribes {

/// Knows which messages have been there: their IVs, for as long as their time is recent.
///
/// Units: times are wall-clock milliseconds; the clocks of all nodes agree within the window.
/// Memory: the IVs of `messages` messages.
/// Threads: not thread-safe. Source: Tomcat EncryptInterceptor of 9.0.119 and later; tribes-wire
/// 10.6.
class ReplayWindow {
 public:
  /// Requires: both at least 1.
  ReplayWindow(std::chrono::milliseconds time, std::size_t messages, std::int64_t now_ms)
      : time_ms_(time.count()), messages_(messages), last_removed_(now_ms - time_ms_) {}

  /// True the first time, if the time is within the window; remembers the message then.
  bool accept(std::int64_t timestamp, std::span<const std::uint8_t> iv, std::int64_t now_ms);
  std::size_t size() const { return known_.size(); }

 private:
  const std::int64_t time_ms_;
  const std::size_t messages_;
  /// Of messages up to this time it is no longer known whether they have been there.
  std::int64_t last_removed_;
  std::unordered_set<std::string> known_;
  std::multimap<std::int64_t, std::string> by_time_;  // equal times: in the order of their coming
};

}  // namespace serval::tribes
