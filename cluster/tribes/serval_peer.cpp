#include "cluster/tribes/serval_peer.h"

#include <algorithm>
#include <string_view>

namespace serval::tribes {
namespace {
constexpr std::string_view kMagic = "SERVAL";
}

Bytes ServalPayload::bytes() const {
  Bytes out(kMagic.begin(), kMagic.end());
  out.push_back(version);
  out.push_back(static_cast<std::uint8_t>(known_members >> 8));
  out.push_back(static_cast<std::uint8_t>(known_members & 0xFF));
  return out;
}

std::optional<ServalPayload> ServalPayload::read(const Bytes& payload) {
  if (payload.size() < kMagic.size() + 3 ||
      !std::equal(kMagic.begin(), kMagic.end(), payload.begin())) {
    return std::nullopt;
  }
  const std::uint8_t* rest = payload.data() + kMagic.size();
  return ServalPayload{rest[0], static_cast<std::uint16_t>(rest[1] << 8 | rest[2])};
}

bool is_serval(const Member& member) { return ServalPayload::read(member.payload).has_value(); }

}  // namespace serval::tribes
