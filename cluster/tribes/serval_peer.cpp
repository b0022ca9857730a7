#include "cluster/tribes/serval_peer.h"

#include <algorithm>
#include <string_view>

#include "cluster/tribes/fields.h"

namespace serval::tribes {
namespace {
constexpr std::string_view kMagic = "SERVAL";
}

Bytes ServalPayload::bytes() const {
  Bytes out(kMagic.begin(), kMagic.end());
  out.push_back(version);
  out.push_back(settled ? 1 : 0);
  append_big_endian(out, view);
  return out;
}

std::optional<ServalPayload> ServalPayload::read(const Bytes& payload) {
  FieldReader fields(payload);
  const auto magic = fields.bytes(kMagic.size());
  ServalPayload read;
  read.version = fields.integer<std::uint8_t>();
  read.settled = fields.integer<std::uint8_t>() == 1;
  read.view = fields.integer<std::uint64_t>();
  if (!fields.ok() || !std::equal(magic.begin(), magic.end(), kMagic.begin())) return std::nullopt;
  return read;
}

std::uint64_t view_of(const Member& member) {
  return FieldReader(member.id).integer<std::uint64_t>();
}

std::uint64_t view_of(const Members& members) {
  std::uint64_t view = 0;
  for (const MemberPtr& member : members) view ^= view_of(*member);
  return view;
}

bool is_serval(const Member& member) { return ServalPayload::read(member.payload).has_value(); }

}  // namespace serval::tribes
