// cluster/tribes/membership/member_object.h
#pragma once
#include <array>
#include <cstdint>
#include <memory>

#include "cluster/tribes/member.h"
#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::tribes {

/// The serialVersionUIDs that MemberImpl has had: Tomcat 9; 10.1.40 and 11.0.6 on; 10.1 and 11.0
/// before. A JVM reads only its own. Source: tribes-wire 1, P1.
inline constexpr std::array<std::int64_t, 3> kMemberImplUids{
    3323947316117794076, -8901659902996040089, 6004750745337223678};

/// MemberImpl with this serialVersionUID.
std::shared_ptr<const JavaClass> member_impl_class(std::int64_t uid);

/// The Java object of a member, of class MemberImpl or StaticMember, as a JVM with this
/// serialVersionUID of MemberImpl reads it.
Value member_object(const Member& member, std::int64_t member_impl_uid);
Value static_member_object(const Member& member, std::int64_t member_impl_uid);

/// A member that came as a Java object: MemberImpl, or a class derived from it.
struct MemberObject {
  Member member;
  std::int64_t member_impl_uid = 0;
};
/// Errors: kProtocol for any other object, and for a broken record.
Result<MemberObject> read_member_object(const Value& value);

}  // namespace serval::tribes
