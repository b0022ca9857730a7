#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "cluster/tribes/message.h"
#include "container/base/clock.h"
#include "container/base/result.h"

namespace serval::tribes {

/// Puts the parts of messages together. A part's content is data, i32 index from 0, i32 count;
/// parts of one message have its id and its sender.
///
/// Memory: the data that waits, and what it takes to remember a part, never exceed `max_waiting`
/// bytes.
/// Errors: kProtocol for a part that makes no sense, kInvalidArgument when the limit is reached;
/// both cost the part's message. Threads: not thread-safe. Source: tribes-wire 10.5.
class FragmentStore {
 public:
  explicit FragmentStore(std::size_t max_waiting) : max_waiting_(max_waiting) {}

  /// The whole message with what the part that came first said of it (its content is the joined
  /// one), if this part was the last one missing. A part that is here already changes nothing.
  Result<std::optional<ChannelMessage>> add(ChannelMessage part, Clock::Time now);
  /// Drops messages whose first part came more than `age` ago; returns how many.
  std::size_t expire(Clock::Time now, std::chrono::milliseconds age);
  void forget(const Member& sender);
  void clear();

  std::size_t waiting_bytes() const { return waiting_; }
  std::size_t message_count() const { return messages_.size(); }

 private:
  struct Key {
    UniqueId sender, message;
    auto operator<=>(const Key&) const = default;
  };
  struct Message {
    ChannelMessage first;  // its content is in `parts`
    std::int32_t count = 0;
    std::size_t bytes = 0;  // that count against the limit
    Clock::Time since;
    std::map<std::int32_t, std::shared_ptr<const Bytes>> parts;  // with their trailers
  };
  using Messages = std::map<Key, Message>;
  Result<> keep(Message& message, ChannelMessage part, std::int32_t index);
  static ChannelMessage join(Message message);
  Messages::iterator drop(Messages::iterator at);

  const std::size_t max_waiting_;
  std::size_t waiting_ = 0;
  Messages messages_;
};

}  // namespace serval::tribes
