#pragma once
#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "cluster/tribes/interceptor.h"
#include "cluster/tribes/interceptors/drop_count.h"
#include "cluster/tribes/interceptors/order_queue.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// Numbers the messages to each member and hands received ones up in the order of their numbers.
/// All nodes need it at the same place.
///
/// A message that comes too early is acknowledged and held back. Waiting for what is missing ends
/// after `expire`, looked at when the sender's next message comes and with every heartbeat (Tomcat:
/// only the former), or when maxQueue messages of one sender or maxQueueSize bytes of all (Serval's
/// own attribute) are held. Then the held ones go up or, without forwardExpired, are dropped.
///
/// Copies: each message once for each destination. Blocks: a thread with a message waits while
/// another one hands up a message of the same sender.
/// Units: expire in ms, maxQueue in messages, maxQueueSize in bytes.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.OrderInterceptor; tribes-wire 10.7.
class OrderInterceptor final : public Interceptor {
 public:
  struct Options {
    std::chrono::milliseconds expire{3000};
    int max_queue = std::numeric_limits<int>::max();
    bool forward_expired = true;
    std::int64_t max_queue_size = 64 * 1024 * 1024;
    tribes::Options option_flag = 0;
  };
  static std::span<const Attribute<Options>> attributes();

  explicit OrderInterceptor(const Options& options);

  Result<> send(const Members& to, ChannelMessage message, Below below) override;
  Result<> receive(ChannelMessage message, Above above) override;
  void member_disappeared(const MemberPtr& member, Above above) override;
  void heartbeat(Below below) override;
  void stop(int levels) override;
  std::string_view simple_name() const override { return "OrderInterceptor"; }
  const Options& options() const { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.OrderInterceptor");
  }

  /// Bytes of messages that are held back.
  std::size_t held_bytes() const { return held_bytes_.load(); }

 private:
  struct Key {
    Bytes host;
    std::int32_t port = 0;
    UniqueId id{};
    auto operator<=>(const Key&) const = default;
  };
  struct Sender {
    std::mutex turn;   // held while messages of this sender go up
    OrderQueue queue;  // guarded by turn
  };
  static Key key_of(const Member& member) { return {member.host, member.port, member.id}; }
  std::int32_t next_number(const Member& to);
  void give_back(const Member& to, std::int32_t number);
  std::shared_ptr<Sender> sender(const Member& member);
  Result<> receive_numbered(std::int32_t number, ChannelMessage message, Above above);
  /// What need not wait any longer. Requires: the sender's turn.
  OrderQueue::Ready overdue(Sender& from, const Member& member);
  Result<> hand_up(OrderQueue::Ready ready, Above above, const ChannelMessage* own);

  const Options options_;
  DropCount dropped_;
  std::atomic<std::size_t> held_bytes_{0};
  std::mutex mutex_;
  std::map<Key, std::int32_t> sent_;                // guarded by mutex_: last number
  std::map<Key, std::shared_ptr<Sender>> senders_;  // guarded by mutex_
};

}  // namespace serval::tribes
