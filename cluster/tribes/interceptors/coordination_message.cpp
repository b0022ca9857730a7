#include "cluster/tribes/interceptors/coordination_message.h"

#include <algorithm>
#include <array>

#include "cluster/tribes/fields.h"
#include "cluster/tribes/membership/member_codec.h"

namespace serval::tribes {
namespace {

constexpr UniqueId kHeader{0xaa, 0x26, 0xde, 0xe3, 0x9e, 0x5a, 0x41, 0x3f,
                           0xaf, 0x86, 0xfa, 0x92, 0x63, 0xca, 0x0d, 0x3f};
constexpr UniqueId kRequest{0x68, 0xa1, 0xa4, 0xd6, 0x72, 0xdc, 0x47, 0xed,
                            0xb1, 0x14, 0x7a, 0x65, 0xff, 0xd0, 0xcf, 0x1e};
constexpr UniqueId kConfirmation{0x43, 0x58, 0x6b, 0xaa, 0x45, 0x17, 0x4c, 0xba,
                                 0xa5, 0xe9, 0xa9, 0xe7, 0x83, 0x56, 0x4b, 0x14};
constexpr std::array<std::uint8_t, 64> kAlive{
    0x4f, 0x87, 0xe7, 0xf1, 0xc5, 0x05, 0x40, 0x5e, 0xb3, 0x71, 0x89, 0xa8, 0x34, 0x72, 0xc8, 0xd2,
    0xee, 0x66, 0x0a, 0x22, 0x81, 0xf7, 0x47, 0x73, 0xba, 0x48, 0x9b, 0x58, 0x48, 0x84, 0x7f, 0x6f,
    0x4a, 0x4c, 0x8c, 0x32, 0x6f, 0x67, 0x41, 0x03, 0xb3, 0x33, 0xdd, 0x00, 0x77, 0x75, 0x09, 0xe6,
    0x77, 0x32, 0xb5, 0x97, 0x9a, 0x24, 0x4f, 0x25, 0xbc, 0xac, 0x85, 0x0f, 0xea, 0x93, 0x6a, 0xc9};

template <class Start>
bool begins_with(const Bytes& content, const Start& start) {
  return content.size() >= start.size() && std::equal(start.begin(), start.end(), content.begin());
}

void append_member(Bytes& out, const Member& member) {
  append_big_endian(out, static_cast<std::int32_t>(member_record_size(member)));
  append_member_record(out, member);
}

Result<MemberPtr> read_member(FieldReader& fields) {
  auto member = decode_member(fields.sized_bytes());
  if (!member) return std::move(member).error();
  return std::make_shared<const Member>(*std::move(member));
}

Error broken(const char* what) {
  return Error{Errc::kProtocol, std::string("coordination message: ") + what};
}

}  // namespace

bool is_coordination_message(const Bytes& content) { return begins_with(content, kHeader); }

Bytes encode_coordination_message(const CoordinationMessage& message) {
  Bytes out;
  append_bytes(out, kHeader);
  append_member(out, *message.leader);
  append_member(out, *message.source);
  append_big_endian(out, static_cast<std::int32_t>(message.members.size()));
  for (const MemberPtr& member : message.members) append_member(out, *member);
  append_bytes(out, message.id);
  append_bytes(out, message.type == CoordinationMessage::Type::kRequest ? kRequest : kConfirmation);
  return out;
}

Result<CoordinationMessage> decode_coordination_message(const Bytes& content) {
  if (!is_coordination_message(content)) return broken("another header");
  FieldReader fields(content);
  fields.bytes(kHeader.size());
  CoordinationMessage message;
  for (MemberPtr* const one : {&message.leader, &message.source}) {
    auto member = read_member(fields);
    if (!member) return std::move(member).error();
    *one = *std::move(member);
  }
  const auto count = fields.integer<std::int32_t>();
  if (!fields.ok() || count <= 0) return broken("no members");
  for (std::int32_t i = 0; i < count; ++i) {
    auto member = read_member(fields);
    if (!member) return std::move(member).error();
    message.members.push_back(*std::move(member));
  }
  const auto id = fields.bytes(message.id.size());
  const auto type = fields.bytes(kRequest.size());
  if (!fields.ok()) return broken("it ends too early");
  std::ranges::copy(id, message.id.begin());
  const bool request = std::ranges::equal(type, kRequest);
  if (!request && !std::ranges::equal(type, kConfirmation)) return broken("an unknown type");
  message.type =
      request ? CoordinationMessage::Type::kRequest : CoordinationMessage::Type::kConfirmation;
  return message;
}

bool is_coordinator_alive(const Bytes& content) { return begins_with(content, kAlive); }

Bytes encode_coordinator_alive(const UniqueId& view_id) {
  Bytes out(kAlive.begin(), kAlive.end());
  append_bytes(out, view_id);
  return out;
}

Result<UniqueId> decode_coordinator_alive(const Bytes& content) {
  UniqueId id;
  if (!is_coordinator_alive(content) || content.size() < kAlive.size() + id.size()) {
    return broken("no view id");
  }
  std::copy_n(content.begin() + kAlive.size(), id.size(), id.begin());
  return id;
}

}  // namespace serval::tribes
