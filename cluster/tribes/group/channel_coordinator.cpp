#include "cluster/tribes/group/channel_coordinator.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "cluster/tribes/group/message_trace.h"
#include "cluster/tribes/transport/channel_data.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.ChannelCoordinator"};
constexpr int kTransport = level::kReceiver | level::kSender;
constexpr int kMembership = level::kMembershipReceive | level::kMembershipSend;

/// Members are few and their frames gather better on few shards.
int useful_shards() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency() / 2), 1, 4);
}
constexpr int kMostShards = 64;

}  // namespace

ChannelCoordinator::ChannelCoordinator(Parts parts, Upwards upwards)
    : parts_(std::move(parts)), upwards_(std::move(upwards)) {}

ChannelCoordinator::~ChannelCoordinator() { stop(level::kAll); }

void ChannelCoordinator::start_executor() {
  if (executor_) return;
  Executor::Options options;
  options.name = "tribes-io";
  // One thread more than shards, which takes over from one that blocks.
  const int most = std::max(2, parts_.receiver->max_threads());
  const int shards = std::min(std::max(useful_shards(), parts_.receiver->min_threads()),
                              std::min(most - 1, kMostShards));
  options.shards = static_cast<std::size_t>(shards);
  options.max_threads = static_cast<std::size_t>(most);
  executor_ = std::make_unique<Executor>(options);
  executor_->start();
}

Result<> ChannelCoordinator::start(int levels) {
  for (const int one : {level::kReceiver, level::kSender, kMembership}) {
    const int wanted = levels & one & ~levels_;
    if (wanted == 0) continue;
    if (auto done = start_level(wanted); !done) return done;
    levels_ |= wanted;
  }
  return {};
}

Result<> ChannelCoordinator::start_level(int level) {
  if (level == level::kReceiver) {
    start_executor();
    auto done = parts_.receiver->start(
        *executor_, [this](ChannelMessage message) { return receive(std::move(message)); });
    if (!done) return done;
    const auto at = parts_.receiver->address();
    Member here;
    here.host = at.host;
    here.port = at.port;
    here.secure_port = at.secure_port;
    here.udp_port = at.udp_port;
    here.local = true;
    parts_.membership->set_local(std::move(here));
    return done;
  }
  if (level == level::kSender) {
    start_executor();
    return parts_.sender->start(*executor_, upwards_.send_failed);
  }
  parts_.membership->set_channel(upwards_.channel);
  MembershipService::Events events;
  events.added = upwards_.member_added;
  events.disappeared = upwards_.member_disappeared;
  events.broadcast = [this](std::span<const std::uint8_t> frames) { receive_broadcast(frames); };
  return parts_.membership->start(level, std::move(events));
}

void ChannelCoordinator::stop(int levels) {
  const int stopping = levels & levels_;
  if ((stopping & kMembership) != 0) parts_.membership->stop(stopping & kMembership);
  if ((stopping & level::kSender) != 0) parts_.sender->stop();
  if ((stopping & level::kReceiver) != 0) parts_.receiver->stop();
  levels_ &= ~stopping;
  if ((levels_ & kTransport) == 0 && executor_) {
    executor_->stop();
    executor_.reset();
  }
}

Result<> ChannelCoordinator::send(const Members& to, ChannelMessage message) {
  if (message_trace::enabled()) message_trace::sent("ChannelCoordinator", message, to);
  if ((message.options & option::kMulticast) == 0) {
    parts_.sender->send(to, std::move(message));
    return {};
  }
  if (auto sent = parts_.membership->broadcast(encode_frame_bytes(message)); !sent) return sent;
  if (message.done) message.done({});
  return {};
}

Result<> ChannelCoordinator::receive(ChannelMessage message) const {
  if (message_trace::enabled()) message_trace::received("ChannelCoordinator", message);
  return upwards_.receive(std::move(message));
}

/// The membership thread only copies: what listeners do must not delay heartbeats.
void ChannelCoordinator::receive_broadcast(std::span<const std::uint8_t> frames) const {
  if (!executor_) return;
  boost::asio::post(executor_->shard(0), [this, copy = Bytes(frames.begin(), frames.end())] {
    hand_on_broadcast(copy);
  });
}

void ChannelCoordinator::hand_on_broadcast(const Bytes& frames) const {
  MemberCache cache;
  Datagram datagram = decode_datagram(frames, cache);
  if (!datagram.wrong.empty()) {
    kLog.debug("Dropped a broadcast of [{}] bytes, or a part of it: {}", frames.size(),
               datagram.wrong);
  }
  const MemberPtr local = local_member();
  for (ChannelMessage& message : datagram.messages) {
    if (local && *message.address == *local) continue;
    const BusyScope busy;
    // Nobody waits for the result of a broadcast.
    static_cast<void>(receive(std::move(message)));
  }
}

}  // namespace serval::tribes
