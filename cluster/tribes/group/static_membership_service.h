// cluster/tribes/group/static_membership_service.h
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "cluster/tribes/group/event_thread.h"
#include "cluster/tribes/group/rpc_channel.h"
#include "cluster/tribes/membership/member_message.h"
#include "cluster/tribes/membership/membership_service.h"
#include "cluster/tribes/membership/membership_table.h"
#include "container/base/attribute.h"
#include "container/base/gate.h"

namespace serval::tribes {

/// Membership of configured members: this node greets those that accept a TCP connection, and asks
/// them again and again; who answers, or greets, is a member.
///
/// The local member is the LocalMember, or the Member with the address and port of the receiver;
/// its id and domain must be configured alike on all nodes. start() waits until every member that
/// accepts a connection has answered, rpcTimeout at most.
///
/// A JVM reads only messages that are written for its generation (tribes-wire 1). A member of which
/// nothing is known yet is greeted in all three forms, and asked in another one each time; a Tomcat
/// logs an error for each that is not its own. From its first message on it gets its own.
///
/// A greeting from a member that is known, with a smaller alive time, is a new start: it is
/// reported as gone and added (Tomcat reports nothing).
///
/// Units: times in milliseconds. Members are asked with the channel's heartbeat, or with useThread
/// every pingInterval; who was silent for more than expirationTime is gone after that.
/// Errors: start() says when this node is none of the members. There is no broadcast.
/// Threads: see MembershipService; with useThread one of its own, "tribes-ping".
/// Source: Tomcat org.apache.catalina.tribes.membership.StaticMembershipProvider; tribes-wire 12.
class StaticMembershipService final : public MembershipService,
                                      private RpcChannel::Callback,
                                      private ChannelListener {
 public:
  struct Options {
    Members members;
    std::optional<Member> local;
    std::chrono::milliseconds expiration_time{5000};
    std::chrono::milliseconds connect_timeout{500};
    std::chrono::milliseconds rpc_timeout{3000};
    bool use_thread = false;
    std::chrono::milliseconds ping_interval{1000};
  };
  static std::span<const Attribute<Options>> attributes();

  explicit StaticMembershipService(const Options& options);
  ~StaticMembershipService() override;

  void set_channel(Channel& channel) override { channel_ = &channel; }
  void set_local(Member here) override;
  Result<> start(int levels, Events events) override;
  void stop(int levels) override;
  MemberPtr local_member() const override;
  Members members() const override;
  const Options& options() const { return options_; }
  static void add_figures(BeanTable<StaticMembershipService>& table) {
    add_member_figures(table);
    table.read("Properties", [](const auto& service) { return service.properties(); });
  }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.membership.StaticMembershipService");
  }
  /// Its settings once more, as java.util.Properties would show them.
  std::string properties() const;
  Result<> broadcast(std::span<const std::uint8_t> frames) override;

 private:
  using Type = MemberMessage::Type;
  /// What the answers to a call may still use when the call has outlived this object's run.
  struct Calls {
    Gate gate;
    std::atomic<bool> pinging{false};
  };

  // RpcChannel::Callback
  void reply_request(const Value& request, const MemberPtr& sender,
                     RpcChannel::Reply reply) override;
  void left_over(const Value& reply, const MemberPtr& sender) override;
  // ChannelListener
  bool accept(const Received& message) override;
  Result<> message_received(const Received& message) override;
  void heartbeat() override;

  /// Which group the members talk about, in every message. Requires: set_channel().
  std::string membership_name() const;
  void greet();
  void ping();
  void say_goodbye();
  /// The configured members that accept a connection. Blocks for connectTimeout at most.
  Members reachable() const;
  /// `guess`: which form those get of which nothing is known.
  void ask(const Members& to, Type type, std::size_t guess, RpcChannel::Done done);
  void take_answers(const RpcOutcome& outcome);
  void take(const MemberMessage& message, const MemberPtr& sender);
  void check_expiry();
  MemberMessage message(Type type, std::int64_t member_impl_uid);
  template <class Change>
  void change_table(Change&& change);

  const Options options_;
  Channel* channel_ = nullptr;
  Events events_;  // constant while started
  Bytes id_;       // likewise
  std::atomic<int> levels_{0};
  std::unique_ptr<RpcChannel> rpc_;
  std::shared_ptr<Calls> calls_;
  EventThread ping_thread_;
  std::atomic<std::size_t> pings_{0};

  std::mutex order_;  // held from a change of the table until its events are queued
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  MembershipTable table_;  // guarded by mutex_, as is the rest
  MemberPtr local_;
  Members others_;
  std::string no_local_;  // why there is no local member
  std::chrono::steady_clock::time_point service_start_{};
};

}  // namespace serval::tribes
