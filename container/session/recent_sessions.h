// container/session/recent_sessions.h
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace serval::core {

/// When the last hundred sessions of a manager came, or went, and how long those that went had
/// lived. Noting one takes no lock.
///
/// Units: milliseconds since 1970 for times, seconds for lives.
/// Threads: any; what is noted meanwhile may be missing in a figure.
/// Source: Tomcat org.apache.catalina.session.ManagerBase, its SessionTiming.
class RecentSessions {
 public:
  void note(std::int64_t now_ms, int lived_seconds = 0);
  void clear();
  /// Sessions per minute since the oldest of them; the greatest int if they are all of this moment.
  int per_minute(std::int64_t now_ms) const;
  /// Average life, 0 for none.
  int average_seconds() const;

 private:
  static constexpr std::size_t kRemembered = 100;
  struct One {
    std::atomic<std::int64_t> at_ms{0};  // 0: none yet
    std::atomic<int> lived_seconds{0};
  };
  std::array<One, kRemembered> all_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace serval::core
