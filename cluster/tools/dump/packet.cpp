#include "cluster/tools/dump/packet.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "container/base/big_endian.h"

namespace serval::tools {
namespace {

using View = std::span<const std::uint8_t>;

constexpr std::uint16_t kEtherIpv4 = 0x0800, kEtherIpv6 = 0x86DD;
constexpr std::uint16_t kEtherVlan = 0x8100, kEtherServiceVlan = 0x88A8;
constexpr std::uint8_t kTcp = 6, kUdp = 17;

/// A packet as it was captured, and how long it really was.
struct Captured {
  View bytes;
  std::size_t wire_size;

  /// Without a header of `size` bytes; nothing if it is not there whole.
  std::optional<Captured> behind(std::size_t size) const {
    if (size > bytes.size() || size > wire_size) return std::nullopt;
    return Captured{bytes.subspan(size), wire_size - size};
  }
  /// Not more than `size` bytes: what follows is padding of the link.
  Captured limited(std::size_t size) const {
    return {bytes.first(std::min(size, bytes.size())), std::min(size, wire_size)};
  }
  std::uint8_t u8(std::size_t at) const { return bytes[at]; }
  std::uint16_t u16(std::size_t at) const {
    return load_big_endian<std::uint16_t>(bytes.data() + at);
  }
  std::uint32_t u32(std::size_t at) const {
    return load_big_endian<std::uint32_t>(bytes.data() + at);
  }
  bool has(std::size_t size) const { return bytes.size() >= size; }
};

Decoded ignored(Ignored why) { return {std::nullopt, why}; }

Decoded decode_tcp(Packet packet, const Captured& segment) {
  if (!segment.has(20)) return ignored(Ignored::kBroken);
  packet.is_tcp = true;
  packet.from.port = segment.u16(0);
  packet.to.port = segment.u16(2);
  packet.seq = segment.u32(4);
  packet.ack = segment.u32(8);
  const std::uint8_t flags = segment.u8(13);
  packet.fin = (flags & 0x01) != 0;
  packet.syn = (flags & 0x02) != 0;
  packet.rst = (flags & 0x04) != 0;
  packet.has_ack = (flags & 0x10) != 0;
  const std::size_t header = std::size_t{4} * (segment.u8(12) >> 4);
  if (header < 20 || header > segment.wire_size) return ignored(Ignored::kBroken);
  const auto payload = segment.behind(std::min(header, segment.bytes.size()));
  packet.payload = payload->bytes;
  packet.missing = segment.wire_size - header - packet.payload.size();
  return {packet, {}};
}

Decoded decode_udp(Packet packet, const Captured& datagram) {
  if (!datagram.has(8)) return ignored(Ignored::kBroken);
  packet.from.port = datagram.u16(0);
  packet.to.port = datagram.u16(2);
  const std::size_t size = datagram.u16(4);
  if (size < 8) return ignored(Ignored::kBroken);
  const Captured whole = datagram.limited(size);
  packet.payload = whole.bytes.subspan(8);
  packet.missing = whole.wire_size - whole.bytes.size();
  return {packet, {}};
}

Decoded decode_transport(const Packet& packet, std::uint8_t protocol, const Captured& bytes) {
  if (protocol == kTcp) return decode_tcp(packet, bytes);
  if (protocol == kUdp) return decode_udp(packet, bytes);
  return ignored(Ignored::kOtherProtocol);
}

void set_address(Endpoint& endpoint, View bytes) {
  std::ranges::copy(bytes, endpoint.address.begin());
  endpoint.is_v6 = bytes.size() == 16;
}

Decoded decode_ipv4(Packet packet, Captured bytes) {
  if (!bytes.has(20) || bytes.u8(0) >> 4 != 4) return ignored(Ignored::kBroken);
  const std::size_t header = std::size_t{4} * (bytes.u8(0) & 15);
  // 0: the network card was to cut a large packet (TSO), so the length is that of the capture.
  const std::size_t total = bytes.u16(2);
  if (total != 0) bytes = bytes.limited(total);
  const bool is_fragment = (bytes.u16(6) & 0x3FFF) != 0;
  if (header < 20) return ignored(Ignored::kBroken);
  const auto rest = bytes.behind(header);
  if (!rest) return ignored(Ignored::kBroken);
  if (is_fragment) return ignored(Ignored::kFragment);
  set_address(packet.from, bytes.bytes.subspan(12, 4));
  set_address(packet.to, bytes.bytes.subspan(16, 4));
  return decode_transport(packet, bytes.u8(9), *rest);
}

Decoded decode_ipv6(Packet packet, Captured bytes) {
  constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragmentHeader = 44, kDestination = 60;
  if (!bytes.has(40) || bytes.u8(0) >> 4 != 6) return ignored(Ignored::kBroken);
  const std::size_t size = bytes.u16(4);
  if (size != 0) bytes = bytes.limited(40 + size);
  set_address(packet.from, bytes.bytes.subspan(8, 16));
  set_address(packet.to, bytes.bytes.subspan(24, 16));
  std::uint8_t next = bytes.u8(6);
  auto rest = bytes.behind(40);
  while (rest && (next == kHopByHop || next == kRouting || next == kDestination)) {
    if (!rest->has(8)) return ignored(Ignored::kBroken);
    next = rest->u8(0);
    rest = rest->behind(8 + std::size_t{8} * rest->u8(1));
  }
  if (!rest) return ignored(Ignored::kBroken);
  if (next == kFragmentHeader) return ignored(Ignored::kFragment);
  return decode_transport(packet, next, *rest);
}

Decoded decode_ip(const Packet& packet, const std::optional<Captured>& bytes) {
  if (!bytes || !bytes->has(1)) return ignored(Ignored::kBroken);
  const int version = bytes->u8(0) >> 4;
  if (version == 4) return decode_ipv4(packet, *bytes);
  if (version == 6) return decode_ipv6(packet, *bytes);
  return ignored(Ignored::kNotIp);
}

/// Behind an EtherType at `at`.
Decoded decode_ether(const Packet& packet, const Captured& bytes, std::size_t at) {
  while (bytes.has(at + 2)) {
    const std::uint16_t type = bytes.u16(at);
    if (type == kEtherIpv4 || type == kEtherIpv6) return decode_ip(packet, bytes.behind(at + 2));
    if (type != kEtherVlan && type != kEtherServiceVlan) return ignored(Ignored::kNotIp);
    at += 4;
  }
  return ignored(Ignored::kBroken);
}

}  // namespace

std::string Endpoint::text() const {
  char host[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(is_v6 ? AF_INET6 : AF_INET, address.data(), host, sizeof host);
  return is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

bool is_known(LinkType link) {
  switch (link) {
    case LinkType::kNull:
    case LinkType::kEthernet:
    case LinkType::kRaw:
    case LinkType::kRawOther:
    case LinkType::kLoop:
    case LinkType::kLinuxCooked:
    case LinkType::kIpv4:
    case LinkType::kIpv6:
    case LinkType::kLinuxCooked2:
      return true;
  }
  return false;
}

Decoded decode_packet(LinkType link, CaptureTime time, View bytes, std::size_t wire_size) {
  const Captured all{bytes, std::max(wire_size, bytes.size())};
  Packet packet;
  packet.time = time;
  switch (link) {
    case LinkType::kEthernet:
      return decode_ether(packet, all, 12);
    case LinkType::kLinuxCooked:  // type, ARPHRD, length, address (8), protocol
      return decode_ether(packet, all, 14);
    case LinkType::kLinuxCooked2:  // protocol, reserved, interface, ARPHRD, type, length, address
      if (!all.has(20)) return ignored(Ignored::kBroken);
      if (all.u16(0) != kEtherIpv4 && all.u16(0) != kEtherIpv6) return ignored(Ignored::kNotIp);
      return decode_ip(packet, all.behind(20));
    case LinkType::kNull:  // the family's number differs between systems, the IP version does not
    case LinkType::kLoop:
      return decode_ip(packet, all.behind(4));
    case LinkType::kRaw:
    case LinkType::kRawOther:
    case LinkType::kIpv4:
    case LinkType::kIpv6:
      return decode_ip(packet, all);
  }
  return ignored(Ignored::kNotIp);
}

}  // namespace serval::tools
