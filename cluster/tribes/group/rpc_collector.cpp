#include "cluster/tribes/group/rpc_collector.h"

#include <algorithm>

namespace serval::tribes {

RpcCollector::Awaited* RpcCollector::find(const Member& member) {
  const auto at =
      std::ranges::find_if(awaited_, [&](const Awaited& one) { return *one.member == member; });
  return at == awaited_.end() ? nullptr : &*at;
}

bool RpcCollector::replied(const MemberPtr& member, Value message) {
  Awaited* const one = find(*member);
  if (!one || one->state == State::kReplied || is_complete()) return false;
  one->state = State::kReplied;
  outcome_.responses.push_back({member, std::move(message)});
  return true;
}

void RpcCollector::refused(const Member& member) {
  Awaited* const one = find(member);
  if (one && one->state == State::kAwaited) one->state = State::kGivenUp;
}

void RpcCollector::failed(const FaultyMember& faulty) {
  Awaited* const one = find(*faulty.member);
  if (!one || one->state != State::kAwaited) return;
  one->state = State::kGivenUp;
  outcome_.faulty.push_back(faulty);
}

bool RpcCollector::is_complete() const {
  const auto count = [this](State state) {
    return std::ranges::count(awaited_, state, &Awaited::state);
  };
  const auto replies = count(State::kReplied);
  const auto expected = replies + count(State::kAwaited);
  if (expected == replies) return true;
  switch (option_) {
    case RpcOption::kFirstReply:
      return replies > 0;
    case RpcOption::kMajorityReply:
      return replies * 2 >= expected && replies > 0;
    case RpcOption::kAllReply:
      return false;
    case RpcOption::kNoReply:
      return true;
  }
  return false;
}

}  // namespace serval::tribes
