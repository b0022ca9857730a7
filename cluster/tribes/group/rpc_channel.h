// cluster/tribes/group/rpc_channel.h
#pragma once
#include <chrono>
#include <functional>
#include <memory>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/group/rpc_collector.h"

namespace serval::tribes {

/// Asks members and waits for their answers; answers what they ask. Channels with the same id on
/// different nodes belong together.
///
/// Errors: a call never fails as a whole; its outcome tells who was not reached and whether the
/// time was over.
/// Threads: any. Nothing blocks but send_and_wait (in a BlockingScope). `done` and the callback run
/// on channel threads or on a timer thread and must not block. After the destructor no callback
/// runs; calls still open end then, with what they have.
/// Source: Tomcat org.apache.catalina.tribes.group.RpcChannel; tribes-wire 11. Unlike there, a
/// member that has left the group is not waited for.
class RpcChannel final : private ChannelListener, private MembershipListener {
 public:
  /// Gives the answer to a request, now or later, from any thread, once. Null is an answer.
  using Reply = std::function<void(Value)>;
  class Callback {
   public:
    virtual ~Callback() = default;
    virtual void reply_request(const Value& request, const MemberPtr& sender, Reply reply) = 0;
    /// A reply for which nobody waits (any more).
    virtual void left_over(const Value& /*reply*/, const MemberPtr& /*sender*/) {}
  };
  /// The request as members of this generation read it.
  using RequestFor = std::function<Value(const Channel::PeerProfile&)>;
  using Done = std::function<void(RpcOutcome)>;

  /// rpc_id: bytes that name this channel on every node. reply_options: kSynchronizedAck is taken
  /// out. The callback must live as long as this object.
  RpcChannel(Channel& channel, Bytes rpc_id, Callback& callback, Options reply_options = 0);
  ~RpcChannel() override;

  /// No member: `done` at once, with nothing. channel_options lose kSynchronizedAck.
  void send(const Members& to, const RequestFor& request, RpcOption option, Options channel_options,
            std::chrono::milliseconds timeout, Done done);
  RpcOutcome send_and_wait(const Members& to, const RequestFor& request, RpcOption option,
                           Options channel_options, std::chrono::milliseconds timeout);

 private:
  class Calls;

  bool accept(const Received& message) override;
  Result<> message_received(const Received& message) override;
  bool handles_rpc() const override { return true; }
  void member_added(const MemberPtr&) override {}
  void member_disappeared(const MemberPtr& member) override;
  Reply reply_to(const Bytes& uuid, const MemberPtr& sender);

  Channel& channel_;
  const Bytes rpc_id_;
  Callback& callback_;
  const Options reply_options_;
  const std::shared_ptr<Calls> calls_;
};

}  // namespace serval::tribes
