#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "cluster/tribes/member.h"
#include "cluster/tribes/message.h"
#include "cluster/tribes/part_bean.h"
#include "container/base/clock.h"
#include "container/base/result.h"

namespace serval::tribes {

class InterceptorStack;

/// The part of a channel below an interceptor, down to the network. Two words, passed by value; an
/// interceptor that holds a message back keeps it and goes on later. Valid until the channel dies.
class Below {
 public:
  Below(InterceptorStack& stack, std::size_t next) : stack_(&stack), next_(next) {}
  Result<> send(const Members& to, ChannelMessage message) const;
  Members members() const;
  MemberPtr local_member() const;
  void heartbeat() const;
  void check_members() const;

 private:
  InterceptorStack* stack_;
  std::size_t next_;
};

/// The part above, up to the channel's listeners.
class Above {
 public:
  /// `count`: interceptors above, from the top.
  Above(InterceptorStack& stack, std::size_t count) : stack_(&stack), count_(count) {}
  Result<> receive(ChannelMessage message) const;
  void member_added(const MemberPtr& member) const;
  void member_disappeared(const MemberPtr& member) const;
  void send_failed(const FaultyMember& faulty) const;

 private:
  InterceptorStack* stack_;
  std::size_t count_;
};

/// What a channel lends its interceptors. Lives as long as they do.
class ChannelServices {
 public:
  virtual ~ChannelServices() = default;
  virtual MemberPtr local_member() const = 0;
  /// The members as the channel's users see them.
  virtual Members members() const = 0;
  /// Runs work on the channel's event thread, after what is waiting there. Membership events and
  /// heartbeats run there too, so they never overlap. Work may block for a second or so.
  virtual void run_later(std::function<void()> work) = 0;
  /// Runs work there every `interval`, counted from its last end, until the channel stops.
  virtual void repeat(std::chrono::milliseconds interval, std::function<void()> work) = 0;
  virtual const Clock& clock() const = 0;
  /// Sends a message through all interceptors that a node of any kind answers: an RPC request for
  /// which it has no RpcChannel. The answer comes to receive() like any message. Does not wait.
  virtual void provoke_answer(const MemberPtr& member) = 0;
};

/// Simple names of the other interceptors of the stack, from the top.
struct Neighbours {
  std::vector<std::string_view> above, below;
};

/// A step between the channel and the network. Sends come down, messages and events go up; each
/// default passes on.
///
/// A send ends through message.done. An interceptor may put its own `done` in place of the given
/// one and must then call that once.
///
/// Threads: send and receive on any thread, at the same time; member events and heartbeat on the
/// event thread, one after the other; start and stop on the owner's. attach() comes first.
/// Source: Tomcat org.apache.catalina.tribes.group.ChannelInterceptorBase; tribes-wire 9.
class Interceptor {
 public:
  explicit Interceptor(Options option_flag = 0) : option_flag_(option_flag) {}
  virtual ~Interceptor() = default;

  /// Tells the place in the stack. Called once, before anything else.
  void attach(Below below, Above above, ChannelServices& services) {
    below_ = below;
    above_ = above;
    services_ = &services;
  }

  virtual Result<> send(const Members& to, ChannelMessage message, Below below) {
    return below.send(to, std::move(message));
  }
  /// A failure becomes a FAIL_ACK where the sender asked for a synchronized ACK.
  virtual Result<> receive(ChannelMessage message, Above above) {
    return above.receive(std::move(message));
  }
  virtual void member_added(const MemberPtr& member, Above above) { above.member_added(member); }
  virtual void member_disappeared(const MemberPtr& member, Above above) {
    above.member_disappeared(member);
  }
  /// A message did not reach the member; comes before the sender's `done`, on any thread.
  virtual void send_failed(const FaultyMember& faulty, Above above) { above.send_failed(faulty); }
  virtual void heartbeat(Below below) { below.heartbeat(); }
  /// The members as the part above sees them, longest alive first.
  virtual Members members(Below below) const { return below.members(); }
  /// This node as the part above sees it, and as its messages name it.
  virtual MemberPtr local_member(Below below) const { return below.local_member(); }
  /// Look now which members are alive, all of them. On the event thread.
  virtual void check_members(Below below) { below.check_members(); }

  /// Why this interceptor cannot work at its place. Asked before the channel starts.
  virtual Result<> check_place(const Neighbours& /*neighbours*/) { return {}; }
  /// The levels that start or stop when these are asked for.
  virtual int levels(int levels) const { return levels; }
  /// Before the levels below start; after they have stopped. `levels`: see level in channel.h.
  virtual Result<> start(int /*levels*/) { return {}; }
  virtual void stop(int /*levels*/) {}
  /// After the levels below have started; before they stop, when messages can still be sent.
  virtual void started(int /*levels*/) {}
  virtual void stopping(int /*levels*/) {}

  virtual Options option_flag() const { return option_flag_; }
  /// "TcpFailureDetector": for messages about the configuration.
  virtual std::string_view simple_name() const = 0;
  /// For management, while the channel runs; null: nothing to show.
  virtual std::unique_ptr<Bean> bean() { return nullptr; }

 protected:
  /// Whether a message with these options is for this interceptor: all bits of its flag are set.
  bool ok_to_process(Options options) const { return (option_flag_ & options) == option_flag_; }
  Below below() const { return *below_; }
  Above above() const { return *above_; }
  ChannelServices& services() const { return *services_; }

 private:
  const Options option_flag_;
  std::optional<Below> below_;
  std::optional<Above> above_;
  ChannelServices* services_ = nullptr;
};

}  // namespace serval::tribes
