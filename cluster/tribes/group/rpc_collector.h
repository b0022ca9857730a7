// cluster/tribes/group/rpc_collector.h
#pragma once
#include <vector>

#include "cluster/tribes/message.h"
#include "container/servlet/serval/value.h"

namespace serval::tribes {

/// How many replies end a call. Numbers are Tomcat's.
enum class RpcOption { kFirstReply = 1, kMajorityReply = 2, kAllReply = 3, kNoReply = 4 };

struct RpcResponse {
  MemberPtr source;
  Value message;  // null if the other side has nothing to say
};

/// How a call ended. Replies are there in any case, as far as they came.
struct RpcOutcome {
  std::vector<RpcResponse> responses;  // in the order of arrival, one per member
  std::vector<FaultyMember> faulty;    // the request did not reach them
  bool timed_out = false;
};

/// The replies to one call. A member that has no such channel, or was not reached, is not waited
/// for.
///
/// Threads: not thread-safe; no clock, no sockets.
/// Source: Tomcat RpcChannel.RpcCollector; tribes-wire 11.2. Unlike there a member counts once,
/// however often its reply comes.
class RpcCollector {
 public:
  RpcCollector(RpcOption option, const Members& to) : option_(option) {
    for (const MemberPtr& member : to) awaited_.push_back({member, State::kAwaited});
  }

  /// False if the reply is not wanted (any more): from a stranger, or a second one.
  bool replied(const MemberPtr& member, Value message);
  /// The member has no RpcChannel of this id.
  void refused(const Member& member);
  void failed(const FaultyMember& faulty);
  void time_out() { outcome_.timed_out = true; }

  bool is_complete() const;
  RpcOutcome take_outcome() { return std::move(outcome_); }

 private:
  enum class State { kAwaited, kReplied, kGivenUp };
  struct Awaited {
    MemberPtr member;
    State state;
  };
  Awaited* find(const Member& member);

  const RpcOption option_;
  std::vector<Awaited> awaited_;
  RpcOutcome outcome_;
};

}  // namespace serval::tribes
