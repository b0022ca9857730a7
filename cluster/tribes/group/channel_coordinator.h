#pragma once
#include <atomic>
#include <functional>
#include <memory>

#include "cluster/tribes/group/interceptor_stack.h"
#include "cluster/tribes/membership/membership_service.h"
#include "cluster/tribes/transport/receiver.h"
#include "cluster/tribes/transport/sender.h"
#include "container/base/executor.h"

namespace serval::tribes {

/// The lowest part of a channel: receiver, sender and membership, started and stopped by level.
///
/// Errors: start() passes on what its parts say.
/// Threads: start and stop by the owner; send, members and heartbeat from any.
/// Source: Tomcat org.apache.catalina.tribes.group.ChannelCoordinator; tribes-wire 9.2.
class ChannelCoordinator final : public InterceptorStack::Bottom {
 public:
  struct Parts {
    std::unique_ptr<MembershipService> membership;
    std::unique_ptr<Receiver> receiver;
    std::unique_ptr<Sender> sender;
  };
  /// Where events go; called on threads of the parts.
  struct Upwards {
    Channel& channel;
    MessageSink receive;
    std::function<void(const MemberPtr&)> member_added, member_disappeared;
    FaultSink send_failed;
  };
  ChannelCoordinator(Parts parts, Upwards upwards);
  ~ChannelCoordinator() override;

  Result<> start(int levels);
  void stop(int levels);
  /// From any thread. A level is there from its start until its stop.
  int levels() const { return levels_.load(std::memory_order_relaxed); }

  Result<> send(const Members& to, ChannelMessage message) override;
  Members members() const override { return parts_.membership->members(); }
  void heartbeat() override {
    parts_.sender->keep_alive();
    parts_.membership->heartbeat();
  }
  MemberPtr local_member() const override { return parts_.membership->local_member(); }
  const Parts& parts() const { return parts_; }
  std::size_t under_way() const { return parts_.sender->under_way(); }
  /// The member is gone: its connections are closed.
  void forget(const Member& member) { parts_.sender->remove(member); }

 private:
  Result<> start_level(int level);
  void start_executor();
  Result<> receive(ChannelMessage message) const;
  void receive_broadcast(std::span<const std::uint8_t> frames) const;
  void hand_on_broadcast(const Bytes& frames) const;

  Parts parts_;
  const Upwards upwards_;
  std::unique_ptr<Executor> executor_;
  std::atomic<int> levels_{0};
};

}  // namespace serval::tribes
