#pragma once
#include <memory>
#include <span>
#include <string>

#include "cluster/tribes/member.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// What a <Member> or <LocalMember> element says (className
/// org.apache.catalina.tribes.membership.StaticMember).
struct StaticMemberOptions {
  std::string host;  // address, name, or "{127,0,0,1}"; a LocalMember takes that of the receiver
  std::int32_t port = 0, secure_port = -1, udp_port = -1;
  Bytes domain;
  UniqueId id{};  // must be the same on all nodes
};
std::span<const Attribute<StaticMemberOptions>> static_member_attributes();

/// The member that an element describes, marked as static.
/// Errors: kInvalidArgument or kNotFound for a host that is missing (but see above), or that does
/// not resolve. Blocks while a host name is looked up.
Result<std::unique_ptr<Member>> static_member(const Element& element, Diagnostics& diagnostics);

}  // namespace serval::tribes
