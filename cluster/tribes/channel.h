// cluster/tribes/channel.h
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/tribes/member.h"
#include "cluster/tribes/message.h"
#include "cluster/tribes/option.h"
#include "container/base/bean.h"
#include "container/base/clock.h"
#include "container/base/result.h"

namespace serval::tribes {

/// Content of a message for the layer above: raw bytes (option kByteMessage) or one Java object
/// stream ("AC ED 00 05 …").
struct Received {
  std::shared_ptr<const Bytes> content;
  bool is_object = true;
  Options options = 0;
  MemberPtr sender;
  UniqueId id{};
  std::int64_t timestamp = 0;
};

/// Gets the messages of a channel.
///
/// Threads: called on a channel thread. Messages of one connection come one after the other and in
/// order; those of different connections at the same time. A listener that may block uses
/// BlockingScope.
class ChannelListener {
 public:
  virtual ~ChannelListener() = default;
  /// True if the message is for this listener.
  virtual bool accept(const Received& message) = 0;
  /// A failure becomes a FAIL_ACK where the sender asked for a synchronized ACK.
  virtual Result<> message_received(const Received& message) = 0;
  /// True for an RpcChannel: an RpcMessage that none of them accepts is answered by the channel
  /// itself (tribes-wire 11.4).
  virtual bool handles_rpc() const { return false; }
  /// With the channel's heartbeat, on the channel's event thread.
  virtual void heartbeat() {}
};

/// Threads: called on a channel thread, one event after the other.
class MembershipListener {
 public:
  virtual ~MembershipListener() = default;
  virtual void member_added(const MemberPtr& member) = 0;
  virtual void member_disappeared(const MemberPtr& member) = 0;
  /// With the channel's heartbeat, on the same thread as the events.
  virtual void heartbeat() {}
};

/// Start levels (Tomcat Channel.SND_RX_SEQ …), a bit set.
namespace level {
inline constexpr int kReceiver = 1;
inline constexpr int kSender = 2;
inline constexpr int kMembershipReceive = 4;
inline constexpr int kMembershipSend = 8;
inline constexpr int kAll = 15;
}  // namespace level

/// A group of nodes that send messages to each other.
///
/// Errors: start() says which part failed and why (address and port named). send() reports per
/// member through `done`. Threads: send, members and listener registration from any thread; start
/// and stop by the owner. Source: Tomcat org.apache.catalina.tribes.Channel; tribes-wire 9.
class Channel {
 public:
  virtual ~Channel() = default;

  virtual Result<> start(int levels) = 0;
  virtual void stop(int levels) = 0;

  /// Sends to each of the members. Never blocks on the network: `done` tells the end (at once when
  /// kAsynchronous is set and the message could be queued). content: one complete Java object
  /// stream, or raw bytes with kByteMessage in options. Returns the message id, or an error if
  /// nothing was sent (no members, channel not started, queue full).
  ///
  /// `ended`, for a sender that does not wait and still wants to know, hears how the message really
  /// ended, for kAsynchronous later than `done`. Neither is called when an error is returned.
  virtual Result<UniqueId> send(const Members& to, std::shared_ptr<const Bytes> content,
                                Options options, std::uint64_t order_key, SendDone done,
                                SendEnded ended) = 0;
  Result<UniqueId> send(const Members& to, std::shared_ptr<const Bytes> content, Options options,
                        std::uint64_t order_key, SendDone done) {
    return send(to, std::move(content), options, order_key, std::move(done), {});
  }
  /// The same, and waits for the end in a BlockingScope.
  Result<SendReport> send_and_wait(const Members& to, std::shared_ptr<const Bytes> content,
                                   Options options, std::uint64_t order_key = 0);

  /// Waits in a BlockingScope until no message is under way: each has its ACK, is with the system
  /// (without an ACK), or has failed. Returns how many are left after `limit`.
  virtual std::size_t flush(std::chrono::milliseconds limit) = 0;

  /// Members that are alive, oldest first, without the local one.
  virtual Members members() const = 0;
  virtual bool has_members() const = 0;
  /// Null before the receiver is started.
  virtual MemberPtr local_member() const = 0;
  /// The member as the channel knows it now (an equal one), or null.
  virtual MemberPtr member(const Member& like) const = 0;

  /// Listeners are not owned and must be removed before they die; removal waits until a running
  /// call has ended.
  virtual void add_channel_listener(ChannelListener* listener) = 0;
  virtual void remove_channel_listener(ChannelListener* listener) = 0;
  virtual void add_membership_listener(MembershipListener* listener) = 0;
  virtual void remove_membership_listener(MembershipListener* listener) = 0;
  /// What becomes of an object that no listener accepts: an error is its negative ACK, if it waits
  /// for one. Without a handler all are acknowledged. Before start().
  using Unclaimed = std::function<Result<>(const Received&)>;
  virtual void set_unclaimed(Unclaimed /*handler*/) {}

  /// Drives interceptors and keep-alive; called by the channel itself unless `heartbeat` is off.
  virtual void heartbeat() = 0;

  virtual const std::string& name() const = 0;
  virtual void set_name(std::string name) = 0;
  /// A file of this channel's own, by which the next process at its place knows that this one was
  /// killed and says goodbye for it; gone after stop(). Before start().
  virtual void keep_member_in(const std::filesystem::path& /*file*/) {}

  /// Its own bean and those of its parts, with their names: "ClusterChannel" and
  /// "type=Channel,channel=<name>,component=Interceptor,interceptorName=TcpFailureDetector". While
  /// it runs.
  struct PartBean {
    std::string domain, keys;
    std::unique_ptr<Bean> bean;
  };
  virtual std::vector<PartBean> beans() { return {}; }

  /// What is known about a member's generation (tribes-wire 1): serialVersionUID of its MemberImpl,
  /// and whether it is a Serval node. Learned from its bytes.
  struct PeerProfile {
    std::int64_t member_impl_uid = 3323947316117794076;
    bool member_impl_uid_known = false;  // false: the value above is only the default
    bool serval = false;
    /// Whether a session's content carries the authentication notes (Tomcat 10.1 and later write
    /// them always).
    bool session_notes = false;
  };
  virtual PeerProfile profile(const Member& member) const = 0;
  /// Remembers a serialVersionUID seen in an object of that member.
  virtual void learn_member_impl_uid(const Member& member, std::int64_t uid) = 0;
};

}  // namespace serval::tribes
