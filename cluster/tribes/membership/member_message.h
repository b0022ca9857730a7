// cluster/tribes/membership/member_message.h
#pragma once
#include <cstdint>
#include <span>

#include "cluster/tribes/membership/member_object.h"

namespace serval::tribes {

/// What nodes with StaticMembershipService tell each other.
/// Source: Tomcat StaticMembershipProvider.MemberMessage; tribes-wire 12.
struct MemberMessage {
  enum class Type : std::int32_t { kStart = 1, kStop = 2, kPing = 3 };
  Type type = Type::kPing;
  Bytes membership_id;                                     // names the group of nodes
  Member member;                                           // who says it
  std::int64_t member_impl_uid = kMemberImplUids.front();  // of the JVM that reads or wrote it
};

/// The Java object of a message.
Value member_message_value(const MemberMessage& message);
/// Errors: kProtocol for an object of another class, or one that makes no sense.
Result<MemberMessage> read_member_message(const Value& value);

/// True if a stream's first object is of the message's class; the rest is not looked at.
bool is_member_message(std::span<const std::uint8_t> stream);

}  // namespace serval::tribes
