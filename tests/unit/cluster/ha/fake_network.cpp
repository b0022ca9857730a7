#include "tests/unit/cluster/ha/fake_network.h"

#include <atomic>
#include <utility>

namespace serval::ha::test {

std::unique_ptr<FakeChannel> FakeNetwork::add(std::uint16_t port, tribes::Bytes host) {
  return std::make_unique<FakeChannel>(*this, port, std::move(host));
}

void FakeNetwork::hold(Rule rule) {
  const std::lock_guard lock(mutex_);
  hold_ = std::move(rule);
}

std::size_t FakeNetwork::held() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

void FakeNetwork::release(bool backwards) {
  std::vector<Packet> packets;
  {
    const std::lock_guard lock(mutex_);
    hold_ = nullptr;
    packets.swap(held_);
  }
  if (backwards) std::ranges::reverse(packets);
  for (const auto& packet : packets) deliver(packet);
}

void FakeNetwork::lose(Rule rule) {
  const std::lock_guard lock(mutex_);
  lose_ = std::move(rule);
}

std::vector<FakeNetwork::Packet> FakeNetwork::sent() const {
  const std::lock_guard lock(mutex_);
  return sent_;
}

std::vector<int> FakeNetwork::sent_types() const {
  std::vector<int> types;
  for (const auto& packet : sent()) types.push_back(packet.type());
  return types;
}

void FakeNetwork::forget_sent() {
  const std::lock_guard lock(mutex_);
  sent_.clear();
}

void FakeNetwork::carry(Packet packet) {
  {
    const std::lock_guard lock(mutex_);
    sent_.push_back(packet);
    if (hold_ && hold_(packet)) {
      held_.push_back(std::move(packet));
      return;
    }
    if (lose_ && lose_(packet)) {
      packet.to = nullptr;
    }
  }
  if (packet.to) {
    deliver(packet);
  } else {
    packet.arrived(false);
  }
}

void FakeNetwork::deliver(const Packet& packet) {
  FakeChannel* target = nullptr;
  Delivery delivery;
  {
    const std::lock_guard lock(mutex_);
    for (auto* channel : running_) {
      if (*channel->local_member() == *packet.to) target = channel;
    }
    delivery = {target, std::this_thread::get_id()};
    if (target) under_way_.push_back(delivery);
  }
  if (!target) return packet.arrived(false);
  tribes::Received received;
  received.content = packet.content;
  received.options = packet.options;
  received.sender = packet.from->local_member();
  for (auto* listener : target->channel_listeners()) {
    if (listener->accept(received)) static_cast<void>(listener->message_received(received));
  }
  {
    const std::lock_guard lock(mutex_);
    under_way_.erase(std::ranges::find(under_way_, delivery));
  }
  delivered_.notify_all();
  packet.arrived(true);
}

void FakeNetwork::joined(FakeChannel& channel) {
  std::vector<FakeChannel*> before;
  {
    const std::lock_guard lock(mutex_);
    before = running_;
    running_.push_back(&channel);
  }
  for (auto* other : before) {
    for (auto* listener : other->membership_listeners()) {
      listener->member_added(channel.local_member());
    }
    for (auto* listener : channel.membership_listeners()) {
      listener->member_added(other->local_member());
    }
  }
}

void FakeNetwork::left(FakeChannel& channel) {
  std::vector<FakeChannel*> rest;
  {
    std::unique_lock lock(mutex_);
    if (std::erase(running_, &channel) == 0) return;
    rest = running_;
    delivered_.wait(lock, [&] {
      return std::ranges::none_of(under_way_, [&](const Delivery& one) {
        return one.target == &channel && one.thread != std::this_thread::get_id();
      });
    });
  }
  for (auto* other : rest) {
    for (auto* listener : other->membership_listeners()) {
      listener->member_disappeared(channel.local_member());
    }
  }
}

tribes::Members FakeNetwork::others(const FakeChannel& channel) const {
  const std::lock_guard lock(mutex_);
  tribes::Members members;
  if (std::ranges::find(running_, &channel) == running_.end()) return members;
  for (auto* other : running_) {
    if (other != &channel) members.push_back(other->local_member());
  }
  return members;
}

FakeChannel::FakeChannel(FakeNetwork& network, std::uint16_t port, tribes::Bytes host)
    : network_(network) {
  tribes::Member member;
  member.host = std::move(host);
  member.port = port;
  member.id[0] = static_cast<std::uint8_t>(port & 0xFF);
  local_ = std::make_shared<const tribes::Member>(std::move(member));
}

FakeChannel::~FakeChannel() { network_.left(*this); }

Result<> FakeChannel::start(int) {
  if (fail_to_start) return Error{Errc::kIo, "no port left"};
  network_.joined(*this);
  return {};
}

void FakeChannel::stop(int) { network_.left(*this); }

Result<tribes::UniqueId> FakeChannel::send(const tribes::Members& to,
                                           std::shared_ptr<const tribes::Bytes> content,
                                           tribes::Options options, std::uint64_t order_key,
                                           tribes::SendDone done, tribes::SendEnded ended) {
  if (to.empty()) return Error{Errc::kInvalidArgument, "no members"};
  const bool queued = (options & tribes::option::kAsynchronous) != 0;
  struct State {
    std::mutex mutex;
    std::size_t open = 0;
    tribes::SendReport report;
    tribes::SendDone done;
    tribes::SendEnded ended;
  };
  const auto state = std::make_shared<State>();
  state->open = to.size();
  state->ended = std::move(ended);
  if (queued) {
    if (done) done(tribes::SendReport());
  } else {
    state->done = std::move(done);
  }
  for (const auto& member : to) {
    const auto arrived = [state, member](bool well) {
      bool last = false;
      {
        const std::lock_guard lock(state->mutex);
        if (!well) state->report.faulty.push_back({member, "gone", false});
        last = --state->open == 0;
      }
      if (last && state->done) state->done(state->report);
      if (last && state->ended) state->ended(tribes::UniqueId{}, state->report);
    };
    network_.carry({this, member, content, options, order_key, arrived});
  }
  return tribes::UniqueId{};
}

tribes::Members FakeChannel::members() const { return network_.others(*this); }

tribes::MemberPtr FakeChannel::member(const tribes::Member& like) const {
  for (const auto& member : members()) {
    if (*member == like) return member;
  }
  return nullptr;
}

void FakeChannel::add_channel_listener(tribes::ChannelListener* listener) {
  const std::lock_guard lock(mutex_);
  channel_listeners_.push_back(listener);
}
void FakeChannel::remove_channel_listener(tribes::ChannelListener* listener) {
  const std::lock_guard lock(mutex_);
  std::erase(channel_listeners_, listener);
}
void FakeChannel::add_membership_listener(tribes::MembershipListener* listener) {
  const std::lock_guard lock(mutex_);
  membership_listeners_.push_back(listener);
}
void FakeChannel::remove_membership_listener(tribes::MembershipListener* listener) {
  const std::lock_guard lock(mutex_);
  std::erase(membership_listeners_, listener);
}
std::vector<tribes::ChannelListener*> FakeChannel::channel_listeners() const {
  const std::lock_guard lock(mutex_);
  return channel_listeners_;
}
std::vector<tribes::MembershipListener*> FakeChannel::membership_listeners() const {
  const std::lock_guard lock(mutex_);
  return membership_listeners_;
}

}  // namespace serval::ha::test
