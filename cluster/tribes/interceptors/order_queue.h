#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "cluster/tribes/message.h"
#include "container/base/clock.h"

namespace serval::tribes {

/// The messages of one sender in the order of their numbers, which begin at 1. Holds back what came
/// too early. A number that is lower than expected is late and goes up at once.
///
/// Threads: not thread-safe. Source: tribes-wire 10.7.
class OrderQueue {
 public:
  using Ready = std::vector<ChannelMessage>;

  /// What may go up now, in order: nothing if the message is too early, or is held already. If
  /// another one with its number is held, the sender counts anew, having lost this node and found
  /// it again: all that is held goes up first (Tomcat refuses the message).
  Ready add(std::int32_t number, ChannelMessage message, Clock::Time now);

  /// Gives up waiting for what is missing before messages that are held for longer than `age`:
  /// everything up to the last of those comes out. Those themselves only if `forward`.
  Ready expire(Clock::Time now, std::chrono::milliseconds age, bool forward);
  /// Gives up waiting for anything: all that is held, if `forward`.
  Ready flush(bool forward);

  std::size_t held() const { return held_.size(); }
  std::size_t held_bytes() const { return bytes_; }

 private:
  struct Held {
    ChannelMessage message;
    Clock::Time since;
  };
  using Queue = std::map<std::int32_t, Held>;
  ChannelMessage take(Queue::iterator at);
  void take_expected(Ready& ready);

  std::int32_t expected_ = 1;
  std::size_t bytes_ = 0;
  Queue held_;
};

}  // namespace serval::tribes
