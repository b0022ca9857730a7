// cluster/tools/dump/packet.h
#pragma once
#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace serval::tools {

/// When a packet was captured, since 1970-01-01 UTC.
using CaptureTime = std::chrono::microseconds;

/// Address and port of one end.
struct Endpoint {
  std::array<std::uint8_t, 16> address{};  // an IPv4 address is the first four bytes
  bool is_v6 = false;
  std::uint16_t port = 0;

  /// "127.0.0.1:4000", "[::1]:4000".
  std::string text() const;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// Where the bytes of a captured packet begin (the values are libpcap's DLT_).
enum class LinkType : int {
  kNull = 0,       // loopback of BSD: address family in the order of the machine that captured
  kEthernet = 1,   // also Linux's lo
  kRaw = 12,       // IP at once
  kRawOther = 14,  // the same where DLT_RAW is 14
  kLoop = 108,     // address family, highest byte first
  kLinuxCooked = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kLinuxCooked2 = 276,
};
bool is_known(LinkType link);

/// One TCP segment or UDP datagram.
struct Packet {
  CaptureTime time{};
  Endpoint from, to;
  bool is_tcp = false;
  std::uint32_t seq = 0, ack = 0;  // TCP
  bool syn = false, fin = false, rst = false, has_ack = false;
  std::span<const std::uint8_t> payload;  // what was captured of it
  std::size_t missing = 0;                // bytes of the payload that were cut off
};

/// What a packet is that gives no Packet.
enum class Ignored { kNotIp, kOtherProtocol, kFragment, kBroken };

/// Finds TCP or UDP in a captured packet: link layer (with VLAN tags), IPv4 with options, IPv6 with
/// extension headers.
///
/// Errors: a length that does not fit gives kBroken; nothing is read beyond `bytes`. `wire_size`:
/// bytes that the packet had; capturing may have cut some off.
/// Source: RFC 791, 8200, 9293, 768; https://www.tcpdump.org/linktypes.html.
struct Decoded {
  std::optional<Packet> packet;
  Ignored ignored = Ignored::kBroken;  // without packet
};
Decoded decode_packet(LinkType link, CaptureTime time, std::span<const std::uint8_t> bytes,
                      std::size_t wire_size);

}  // namespace serval::tools
