// tests/unit/cluster/ha/fake_network.h
#pragma once
#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cluster/ha/session/session_message.h"
#include "cluster/tribes/channel.h"

namespace serval::ha::test {

class FakeChannel;

/// Several channels in one process. A message is delivered on the sender's thread, at once, unless
/// the network holds it.
class FakeNetwork {
 public:
  struct Packet {
    FakeChannel* from = nullptr;
    tribes::MemberPtr to;
    std::shared_ptr<const tribes::Bytes> content;
    tribes::Options options = 0;
    std::uint64_t order_key = 0;
    std::function<void(bool)> arrived;  // false: it never will

    /// Type of the session message in it, 0 if it is something else.
    int type() const {
      const auto message = SessionMessage::decode(*content);
      return message ? static_cast<int>(message->event_type) : 0;
    }
  };
  using Rule = std::function<bool(const Packet&)>;

  std::unique_ptr<FakeChannel> add(std::uint16_t port, tribes::Bytes host = {127, 0, 0, 1});

  /// Messages that fit wait until release().
  void hold(Rule rule);
  std::size_t held() const;
  /// Delivers what waits, in order (or the last first), and holds no more.
  void release(bool backwards = false);
  /// Messages that fit vanish; a sender that waits is told so.
  void lose(Rule rule);

  /// Types of the session messages that were sent, in order.
  std::vector<int> sent_types() const;
  std::vector<Packet> sent() const;
  void forget_sent();

 private:
  friend class FakeChannel;
  void carry(Packet packet);
  void deliver(const Packet& packet);
  void joined(FakeChannel& channel);
  /// Waits for what other threads are delivering to it.
  void left(FakeChannel& channel);
  tribes::Members others(const FakeChannel& channel) const;

  mutable std::mutex mutex_;           // guards everything below
  std::vector<FakeChannel*> running_;  // oldest first
  Rule hold_, lose_;
  std::vector<Packet> held_, sent_;
  struct Delivery {
    const FakeChannel* target;
    std::thread::id thread;
    bool operator==(const Delivery&) const = default;
  };
  std::vector<Delivery> under_way_;
  std::condition_variable delivered_;
};

class FakeChannel final : public tribes::Channel {
 public:
  FakeChannel(FakeNetwork& network, std::uint16_t port, tribes::Bytes host);
  ~FakeChannel() override;

  Result<> start(int levels) override;
  void stop(int levels) override;
  using tribes::Channel::send;
  Result<tribes::UniqueId> send(const tribes::Members& to,
                                std::shared_ptr<const tribes::Bytes> content,
                                tribes::Options options, std::uint64_t order_key,
                                tribes::SendDone done, tribes::SendEnded ended) override;
  std::size_t flush(std::chrono::milliseconds) override { return 0; }
  tribes::Members members() const override;
  bool has_members() const override { return !members().empty(); }
  tribes::MemberPtr local_member() const override { return local_; }
  tribes::MemberPtr member(const tribes::Member& like) const override;
  void add_channel_listener(tribes::ChannelListener* listener) override;
  void remove_channel_listener(tribes::ChannelListener* listener) override;
  void add_membership_listener(tribes::MembershipListener* listener) override;
  void remove_membership_listener(tribes::MembershipListener* listener) override;
  void heartbeat() override { ++heartbeats; }
  const std::string& name() const override { return name_; }
  void set_name(std::string name) override { name_ = std::move(name); }
  PeerProfile profile(const tribes::Member&) const override { return peer_profile; }
  void learn_member_impl_uid(const tribes::Member&, std::int64_t) override {}

  PeerProfile peer_profile;
  int heartbeats = 0;
  bool fail_to_start = false;

 private:
  friend class FakeNetwork;
  std::vector<tribes::ChannelListener*> channel_listeners() const;
  std::vector<tribes::MembershipListener*> membership_listeners() const;

  FakeNetwork& network_;
  std::string name_;
  tribes::MemberPtr local_;
  mutable std::mutex mutex_;  // guards the lists
  std::vector<tribes::ChannelListener*> channel_listeners_;
  std::vector<tribes::MembershipListener*> membership_listeners_;
};

}  // namespace serval::ha::test
