// cluster/ha/session/early_messages.h
#pragma once
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cluster/tribes/channel.h"
#include "container/base/clock.h"

namespace serval::ha {

/// Keeps messages about sessions that are not known yet, for a moment: a real Tomcat sends over
/// several connections, so a change may arrive before the creation of its session. When the session
/// appears, they are taken out and handled.
///
/// Units: a message waits at most kMaxAge; at most kMaxBytes of content wait together, further
/// messages are dropped.
/// Threads: any.
class EarlyMessages {
 public:
  static constexpr std::chrono::seconds kMaxAge{5};
  static constexpr std::size_t kMaxBytes = 16UL << 20;

  explicit EarlyMessages(const Clock& clock) : clock_(clock) {}

  void keep(std::string_view session_id, const tribes::Received& message);
  /// In the order of arrival; empty for most ids.
  std::vector<tribes::Received> take(std::string_view session_id);
  /// Forgets what waits too long. Called by keep() and by the background tick.
  void drop_old();
  std::size_t size() const;

 private:
  struct Waiting {
    Clock::Time since;
    std::vector<tribes::Received> messages;
  };
  void drop_old_locked();

  const Clock& clock_;
  mutable std::mutex mutex_;  // guards everything below
  std::unordered_map<std::string, Waiting> waiting_;
  std::size_t bytes_ = 0;
  Clock::Time next_look_;
};

}  // namespace serval::ha
