#include "cluster/tribes/membership/member_object.h"

#include <algorithm>
#include <string>

#include "cluster/tribes/fields.h"
#include "cluster/tribes/membership/member_codec.h"
#include "container/serialization/annotation_reader.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/stream_constants.h"

namespace serval::tribes {
namespace {

constexpr std::string_view kMemberImpl = "org.apache.catalina.tribes.membership.MemberImpl";
constexpr std::string_view kStaticMember = "org.apache.catalina.tribes.membership.StaticMember";
constexpr std::int64_t kStaticMemberUid = -6690656311635953503;
constexpr std::uint8_t kExternal = tc::kExternalizable | tc::kExternalBlockData;

Error malformed(std::string_view what) {
  return Error{Errc::kProtocol, "member object: " + std::string(what)};
}

/// Both classes write the same.
Value object_of(const Member& member, std::shared_ptr<const JavaClass> type) {
  Bytes block;
  append_big_endian(block, static_cast<std::int32_t>(member_record_size(member)));
  append_member_record(block, member);
  auto object = std::make_shared<JavaObject>();
  object->type = std::move(type);
  object->data.push_back({{}, {std::move(block)}});
  return Value(std::move(object));
}

}  // namespace

std::shared_ptr<const JavaClass> member_impl_class(std::int64_t uid) {
  static const auto known = [] {
    std::array<std::shared_ptr<const JavaClass>, kMemberImplUids.size()> all;
    std::ranges::transform(kMemberImplUids, all.begin(), [](std::int64_t one) {
      return describe_class(kMemberImpl, one, kExternal, "");
    });
    return all;
  }();
  const auto at = std::ranges::find(kMemberImplUids, uid);
  if (at == kMemberImplUids.end()) return describe_class(kMemberImpl, uid, kExternal, "");
  return known[static_cast<std::size_t>(at - kMemberImplUids.begin())];
}

Value member_object(const Member& member, std::int64_t member_impl_uid) {
  return object_of(member, member_impl_class(member_impl_uid));
}

Value static_member_object(const Member& member, std::int64_t member_impl_uid) {
  return object_of(member, describe_class(kStaticMember, kStaticMemberUid, kExternal, "",
                                          member_impl_class(member_impl_uid)));
}

Result<MemberObject> read_member_object(const Value& value) {
  const JavaObject* const object = value.object();
  if (!object || object->data.size() != 1) return malformed("it is a " + value.class_name());
  const JavaClass* type = object->type.get();
  while (type && type->name != kMemberImpl) type = type->super.get();
  if (!type) return malformed("it is a " + object->type->name);
  AnnotationReader data(object->data.front());
  const auto size = data.read_int();
  if (!size || *size < 0) return malformed("it has no record");
  const auto record = data.read_bytes(static_cast<std::size_t>(*size));
  if (!record) return malformed("it is cut off");
  auto member = decode_member(*record);
  if (!member) return std::move(member).error();
  return MemberObject{*std::move(member), type->serial_version_uid};
}

}  // namespace serval::tribes
