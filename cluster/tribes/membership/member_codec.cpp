#include "cluster/tribes/membership/member_codec.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "cluster/tribes/fields.h"

namespace serval::tribes {
namespace {

using namespace std::string_view_literals;
constexpr std::string_view kBegin = "TRIBES-B\x01\x00"sv;
constexpr std::string_view kEnd = "TRIBES-E\x01\x00"sv;
constexpr std::size_t kAround = 24;     // markers and the length field
constexpr std::size_t kFixedBody = 49;  // body of a member without host, command, domain, payload
static_assert(kBegin.size() == 10 && kEnd.size() == 10);

bool is(std::span<const std::uint8_t> bytes, std::string_view marker) {
  return std::equal(bytes.begin(), bytes.end(), marker.begin(), marker.end());
}

Bytes to_bytes(std::span<const std::uint8_t> field) { return {field.begin(), field.end()}; }

Error malformed(std::string_view what) {
  return Error{Errc::kProtocol, "member record: " + std::string(what)};
}

}  // namespace

std::size_t member_record_size(const Member& m) {
  return kAround + kFixedBody + m.host.size() + m.command.size() + m.domain.size() +
         m.payload.size();
}

void append_member_record(Bytes& out, const Member& member) {
  append_member_record(out, member, member.alive_ms);
}

void append_member_record(Bytes& out, const Member& member, std::int64_t alive_ms) {
  const std::size_t size = member_record_size(member);
  FieldWriter record(out, size);
  record.bytes(kBegin);
  record.integers(static_cast<std::int32_t>(size - kAround), alive_ms, member.port,
                  member.secure_port, member.udp_port,
                  static_cast<std::uint8_t>(member.host.size()));
  record.bytes(member.host);
  record.sized_bytes(member.command);
  record.sized_bytes(member.domain);
  record.bytes(member.id);
  record.sized_bytes(member.payload);
  record.bytes(kEnd);
}

Bytes encode_member(const Member& member) {
  Bytes out;
  append_member_record(out, member);
  return out;
}

bool is_member_record(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= kBegin.size() && is(bytes.first(kBegin.size()), kBegin);
}

Result<Member> decode_member(std::span<const std::uint8_t> bytes) {
  FieldReader record(bytes);
  if (!is(record.bytes(kBegin.size()), kBegin)) return malformed("invalid begin marker");
  FieldReader body(record.sized_bytes());
  const auto end = record.bytes(kEnd.size());
  if (!record.ok()) return malformed("shorter than its length says");
  if (!is(end, kEnd)) return malformed("invalid end marker");

  Member member;
  member.alive_ms = body.integer<std::int64_t>();
  member.port = body.integer<std::int32_t>();
  member.secure_port = body.integer<std::int32_t>();
  member.udp_port = body.integer<std::int32_t>();
  const auto host_size = body.integer<std::int8_t>();
  if (host_size < 0) return malformed("negative host length");
  member.host = to_bytes(body.bytes(static_cast<std::size_t>(host_size)));
  member.command = to_bytes(body.sized_bytes());
  member.domain = to_bytes(body.sized_bytes());
  const auto id = body.bytes(member.id.size());
  if (body.ok()) std::copy(id.begin(), id.end(), member.id.begin());
  member.payload = to_bytes(body.sized_bytes());
  if (!body.ok()) return malformed("a field is longer than the record");
  return member;
}

}  // namespace serval::tribes
