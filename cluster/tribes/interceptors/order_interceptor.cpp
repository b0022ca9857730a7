#include "cluster/tribes/interceptors/order_interceptor.h"

#include <fmt/format.h>

#include <array>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/fields.h"
#include "cluster/tribes/interceptors/send_join.h"
#include "cluster/tribes/transport/member_probe.h"
#include "container/base/executor.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.OrderInterceptor"};
constexpr std::size_t kTrailer = 4;

ChannelMessage numbered(ChannelMessage message, std::int32_t number) {
  Bytes content;
  content.reserve(message.content->size() + kTrailer);
  append_bytes(content, *message.content);
  append_big_endian(content, number);
  message.content = std::make_shared<const Bytes>(std::move(content));
  return message;
}

/// Holds a sender's turn. Waiting for it gives the shard's loop away.
class Turn {
 public:
  explicit Turn(std::mutex& turn) : turn_(turn) {
    if (turn_.try_lock()) return;
    const BlockingScope blocking;
    turn_.lock();
  }
  ~Turn() { turn_.unlock(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::mutex& turn_;
};

}  // namespace

std::span<const Attribute<OrderInterceptor::Options>> OrderInterceptor::attributes() {
  using O = Options;
  static const std::array table{
      attribute("expire", &O::expire, "ms to wait for a missing message"),
      attribute("maxQueue", &O::max_queue, "messages of one sender that may be held back"),
      attribute("forwardExpired", &O::forward_expired,
                "hand up what waited in vain; false: drop it"),
      attribute("maxQueueSize", &O::max_queue_size,
                "bytes of messages that may be held back, all senders together"),
      attribute("optionFlag", &O::option_flag, "only messages with these options"),
  };
  return table;
}

OrderInterceptor::OrderInterceptor(const Options& options)
    : Interceptor(options.option_flag), options_(options) {}

Result<> OrderInterceptor::send(const Members& to, ChannelMessage message, Below below) {
  if (!ok_to_process(message.options)) return below.send(to, std::move(message));
  if (to.size() == 1) {
    const std::int32_t number = next_number(*to.front());
    auto sent = below.send(to, numbered(std::move(message), number));
    if (!sent) give_back(*to.front(), number);
    return sent;
  }
  SendJoin join(std::move(message.done));
  for (const MemberPtr& member : to) {
    join.send({member}, numbered(message, next_number(*member)), below);
  }
  return {};
}

std::int32_t OrderInterceptor::next_number(const Member& to) {
  const std::lock_guard lock(mutex_);
  std::int32_t& last = sent_[key_of(to)];
  last = static_cast<std::int32_t>(static_cast<std::uint32_t>(last) + 1);
  return last;
}

/// A number that was not sent would make the member wait for it.
void OrderInterceptor::give_back(const Member& to, std::int32_t number) {
  const std::lock_guard lock(mutex_);
  const auto at = sent_.find(key_of(to));
  if (at != sent_.end() && at->second == number) --at->second;
}

std::shared_ptr<OrderInterceptor::Sender> OrderInterceptor::sender(const Member& member) {
  const std::lock_guard lock(mutex_);
  auto& sender = senders_[key_of(member)];
  if (!sender) sender = std::make_shared<Sender>();
  return sender;
}

Result<> OrderInterceptor::receive(ChannelMessage message, Above above) {
  if (!ok_to_process(message.options) || is_probe(*message.content)) {
    return above.receive(std::move(message));
  }
  const std::size_t size = message.content->size();
  if (size < kTrailer) {
    dropped_.add(kLog, message, "A message without the number of OrderInterceptor");
    return {};
  }
  const auto bytes = std::span<const std::uint8_t>(*message.content);
  const auto number = FieldReader(bytes.last(kTrailer)).integer<std::int32_t>();
  message.content = std::make_shared<const Bytes>(bytes.begin(), bytes.end() - kTrailer);
  return receive_numbered(number, std::move(message), above);
}

Result<> OrderInterceptor::receive_numbered(std::int32_t number, ChannelMessage message,
                                            Above above) {
  const auto from = sender(*message.address);
  const ChannelMessage head = message;  // content is shared
  const Turn turn(from->turn);
  const std::size_t before = from->queue.held_bytes();
  auto ready = from->queue.add(number, std::move(message), services().clock().now());
  held_bytes_ += from->queue.held_bytes() - before;
  auto result = hand_up(std::move(ready), above, &head);
  hand_up(overdue(*from, *head.address), above, nullptr);
  return result;
}

OrderQueue::Ready OrderInterceptor::overdue(Sender& from, const Member& member) {
  const std::size_t before = from.queue.held_bytes(), held = from.queue.held();
  const bool too_many = held > 0 && held >= static_cast<std::size_t>(options_.max_queue);
  const bool too_big = held > 0 && held_bytes_ > static_cast<std::size_t>(options_.max_queue_size);
  OrderQueue::Ready ready =
      too_many || too_big
          ? from.queue.flush(options_.forward_expired)
          : from.queue.expire(services().clock().now(), options_.expire, options_.forward_expired);
  held_bytes_ += from.queue.held_bytes() - before;
  if (from.queue.held() < held) {
    const std::string limit = too_many ? fmt::format("maxQueue [{}] messages", options_.max_queue)
                              : too_big
                                  ? fmt::format("maxQueueSize [{}] bytes", options_.max_queue_size)
                                  : fmt::format("expire [{}] ms", options_.expire.count());
    kLog.warn("Messages of [{}] waited for a missing one up to {}: [{}] handed on, [{}] dropped",
              member.name(), limit, ready.size(), held - from.queue.held() - ready.size());
  }
  return ready;
}

/// Returns what the layer above thinks of `own`. Nobody waits for the result of the others.
Result<> OrderInterceptor::hand_up(OrderQueue::Ready ready, Above above,
                                   const ChannelMessage* own) {
  Result<> result;
  for (ChannelMessage& message : ready) {
    const bool is_own = own && message.id == own->id;
    auto received = above.receive(std::move(message));
    if (is_own) result = std::move(received);
  }
  return result;
}

void OrderInterceptor::member_disappeared(const MemberPtr& member, Above above) {
  std::shared_ptr<Sender> gone;
  {
    const std::lock_guard lock(mutex_);
    sent_.erase(key_of(*member));
    const auto at = senders_.find(key_of(*member));
    if (at != senders_.end()) {
      gone = std::move(at->second);
      senders_.erase(at);
    }
  }
  if (gone) {
    const Turn turn(gone->turn);
    held_bytes_ -= gone->queue.held_bytes();
    hand_up(gone->queue.flush(true), above, nullptr);
  }
  above.member_disappeared(member);
}

void OrderInterceptor::heartbeat(Below below) {
  std::map<Key, std::shared_ptr<Sender>> senders;
  {
    const std::lock_guard lock(mutex_);
    senders = senders_;
  }
  for (const auto& [key, from] : senders) {
    const Turn turn(from->turn);
    Member member;
    member.host = key.host;
    member.port = key.port;
    hand_up(overdue(*from, member), above(), nullptr);
  }
  below.heartbeat();
}

void OrderInterceptor::stop(int levels) {
  const std::lock_guard lock(mutex_);
  if ((levels & level::kSender) != 0) sent_.clear();
  if ((levels & level::kReceiver) == 0) return;
  senders_.clear();
  held_bytes_ = 0;
}

}  // namespace serval::tribes
