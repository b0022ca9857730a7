// cluster/tribes/message.h
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/tribes/member.h"
#include "cluster/tribes/option.h"

namespace serval::tribes {

/// A member that did not take a message, and why.
struct FaultyMember {
  MemberPtr member;
  std::string cause;
  bool remote_process = false;  // the member is reachable, its handler failed (FAIL_ACK): no reason
                                // to drop the member
};

/// How a send ended: empty = every member took it (with kUseAck: acknowledged it; without: the
/// bytes are written).
struct SendReport {
  std::vector<FaultyMember> faulty;
  bool ok() const { return faulty.empty(); }
};
/// Called exactly once, on any thread; must not block.
using SendDone = std::function<void(const SendReport&)>;

/// How a message ended that its sender did not wait for. Called exactly once, on any thread; must not
/// block. Source: Tomcat org.apache.catalina.tribes.ErrorHandler.
using SendEnded = std::function<void(const UniqueId&, const SendReport&)>;

/// Who wants to hear that. Whoever lets a sender go before the end sets `let_go` first and calls
/// `tell` at the end.
struct SendWatch {
  UniqueId id{};
  SendEnded tell;
  bool let_go = false;
};

/// A message on its way through the interceptors (Tomcat ChannelData). Content is shared and never
/// changed in place: an interceptor that transforms it puts a new buffer.
struct ChannelMessage {
  Options options = option::kDefault;
  std::int64_t timestamp = 0;  // wall clock of the sender, ms
  UniqueId id{};
  MemberPtr address;  // the sender
  std::shared_ptr<const Bytes> content;
  /// Going down only. Messages with equal order_key to one member arrive in the order of sending
  /// (one session, one key); others may overtake.
  std::uint64_t order_key = 0;
  /// Going down only: one of several that wait for each other on their way, so its time limit
  /// begins with writing, as that of an asynchronous message does.
  bool is_part = false;
  SendDone done;
  std::shared_ptr<SendWatch> watch;  // null: nobody
};

}  // namespace serval::tribes
