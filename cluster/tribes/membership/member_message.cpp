#include "cluster/tribes/membership/member_message.h"

#include <algorithm>
#include <string>

#include "cluster/tribes/fields.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/stream_constants.h"

namespace serval::tribes {
namespace {

constexpr std::string_view kClass =
    "org.apache.catalina.tribes.membership.StaticMembershipProvider$MemberMessage";

const std::shared_ptr<const JavaClass>& message_class() {
  static const auto type =
      describe_class(kClass, 1, tc::kSerializable,
                     "I msgtype,L member Lorg/apache/catalina/tribes/Member;,[ membershipId [B");
  return type;
}

Error malformed(std::string_view what) {
  return Error{Errc::kProtocol, "malformed MemberMessage: " + std::string(what)};
}

}  // namespace

Value member_message_value(const MemberMessage& message) {
  auto object = std::make_shared<JavaObject>();
  object->type = message_class();
  std::vector<Value> fields;
  fields.emplace_back(static_cast<std::int32_t>(message.type));
  fields.push_back(static_member_object(message.member, message.member_impl_uid));
  fields.emplace_back(Bytes(message.membership_id));
  object->data.push_back({std::move(fields), {}});
  return Value(std::move(object));
}

Result<MemberMessage> read_member_message(const Value& value) {
  JavaObject* const object = value.object();
  if (!object || object->type->name != kClass) return malformed("it is a " + value.class_name());
  const Value* const type = object->field("msgtype");
  const Value* const id = object->field("membershipId");
  const Value* const member = object->field("member");
  const auto* const number = type ? type->get_if<std::int32_t>() : nullptr;
  if (!number || *number < 1 || *number > 3) return malformed("no type");
  if (!id || !id->bytes()) return malformed("no id");
  if (!member) return malformed("no member");
  auto read = read_member_object(*member);
  if (!read) return std::move(read).error();
  return MemberMessage{static_cast<MemberMessage::Type>(*number), *id->bytes(),
                       std::move(read->member), read->member_impl_uid};
}

bool is_member_message(std::span<const std::uint8_t> stream) {
  constexpr std::array<std::uint8_t, 6> kObject{0xAC, 0xED, 0, 5, 0x73, 0x72};
  FieldReader fields(stream);
  const auto begin = fields.bytes(kObject.size());
  const auto name = fields.bytes(fields.integer<std::uint16_t>());
  return fields.ok() && std::ranges::equal(begin, kObject) && same_bytes(name, kClass);
}

}  // namespace serval::tribes
