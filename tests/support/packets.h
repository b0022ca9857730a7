// tests/support/packets.h
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "cluster/tools/dump/packet.h"
#include "cluster/tribes/fields.h"

namespace serval::test {

using tribes::Bytes;

inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// What a segment says besides its bytes.
struct Segment {
  std::uint16_t from = 50000, to = 4000;  // ports
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0x10;  // ACK; 0x02 SYN, 0x01 FIN, 0x04 RST
  Bytes payload = {};
};
inline constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kAck = 0x10;

inline Bytes tcp(const Segment& s) {
  Bytes out;
  tribes::append_big_endian(out, s.from);
  tribes::append_big_endian(out, s.to);
  tribes::append_big_endian(out, s.seq);
  tribes::append_big_endian(out, s.ack);
  out.insert(out.end(), {0x50, s.flags, 0xFF, 0xFF, 0, 0, 0, 0});
  tribes::append_bytes(out, s.payload);
  return out;
}

inline Bytes udp(std::uint16_t from, std::uint16_t to, const Bytes& payload) {
  Bytes out;
  tribes::append_big_endian(out, from);
  tribes::append_big_endian(out, to);
  tribes::append_big_endian(out, static_cast<std::uint16_t>(8 + payload.size()));
  out.insert(out.end(), {0, 0});
  tribes::append_bytes(out, payload);
  return out;
}

/// From 127.0.0.1 to 127.0.0.1, or to a multicast group.
inline Bytes ipv4(std::uint8_t protocol, const Bytes& payload, bool multicast = false) {
  Bytes out{0x45, 0};
  tribes::append_big_endian(out, static_cast<std::uint16_t>(20 + payload.size()));
  out.insert(out.end(), {0, 0, 0x40, 0, 64, protocol, 0, 0, 127, 0, 0, 1});
  if (multicast) {
    out.insert(out.end(), {228, 0, 0, 4});
  } else {
    out.insert(out.end(), {127, 0, 0, 1});
  }
  tribes::append_bytes(out, payload);
  return out;
}

/// From ::1 to ::1.
inline Bytes ipv6(std::uint8_t protocol, const Bytes& payload) {
  Bytes out{0x60, 0, 0, 0};
  tribes::append_big_endian(out, static_cast<std::uint16_t>(payload.size()));
  out.insert(out.end(), {protocol, 64});
  for (int i = 0; i < 2; ++i) {
    out.insert(out.end(), 15, 0);
    out.push_back(1);
  }
  tribes::append_bytes(out, payload);
  return out;
}

/// Behind these bytes of a link layer.
inline Bytes behind(std::initializer_list<std::uint8_t> header, const Bytes& ip) {
  Bytes out(header);
  tribes::append_bytes(out, ip);
  return out;
}

}  // namespace serval::test
