#pragma once
#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// What NonBlockingCoordinators tell each other: a token that goes from member to member and
/// collects them, or the confirmed view.
///
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.NonBlockingCoordinator,
/// CoordinationMessage; tribes-wire 10.10.
struct CoordinationMessage {
  enum class Type { kRequest, kConfirmation };
  MemberPtr leader;  // the first of the members, as the last node that had the token sees it
  MemberPtr source;  // who started it
  Members members;
  UniqueId id{};  // of the message, and of the view that it becomes
  Type type = Type::kRequest;
};

/// True for content that begins as one.
bool is_coordination_message(const Bytes& content);
Bytes encode_coordination_message(const CoordinationMessage& message);
/// Errors: kProtocol for a length that does not fit, a broken member, no members, an unknown type.
/// What follows the message is ignored.
Result<CoordinationMessage> decode_coordination_message(const Bytes& content);

/// A sign of life, which every coordinator swallows. Tomcat knows it and never sends it. Serval's
/// coordinator puts the id of its view behind it, for Serval members only.
bool is_coordinator_alive(const Bytes& content);
Bytes encode_coordinator_alive(const UniqueId& view_id);
/// Errors: kProtocol if there is no id.
Result<UniqueId> decode_coordinator_alive(const Bytes& content);

}  // namespace serval::tribes
