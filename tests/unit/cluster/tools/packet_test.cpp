#include "cluster/tools/dump/packet.h"

#include <gtest/gtest.h>

#include "tests/support/packets.h"

namespace serval::tools {
namespace {

using namespace serval::test;
using std::chrono::microseconds;

const Bytes kPayload = bytes_of("payload");
Bytes segment() { return tcp({.seq = 7, .ack = 9, .payload = kPayload}); }

Decoded decode(LinkType link, const Bytes& bytes, std::size_t wire = 0) {
  return decode_packet(link, microseconds(1), bytes, wire == 0 ? bytes.size() : wire);
}

TEST(Packet, EveryLinkTypeIsRead) {
  const Bytes v4 = ipv4(6, segment()), v6 = ipv6(6, segment());
  struct Case {
    const char* name;
    LinkType link;
    Bytes bytes;
  };
  const std::vector<Case> cases{
      {"ethernet", LinkType::kEthernet, behind({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}, v4)},
      {"ethernet v6", LinkType::kEthernet,
       behind({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd}, v6)},
      {"vlan", LinkType::kEthernet,
       behind({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x81, 0, 0, 5, 8, 0}, v4)},
      {"two vlans", LinkType::kEthernet,
       behind({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0}, v4)},
      {"null, little endian", LinkType::kNull, behind({2, 0, 0, 0}, v4)},
      {"null, big endian", LinkType::kNull, behind({0, 0, 0, 2}, v4)},
      {"null v6 of a Mac", LinkType::kNull, behind({30, 0, 0, 0}, v6)},
      {"loop", LinkType::kLoop, behind({0, 0, 0, 2}, v4)},
      {"raw", LinkType::kRaw, v4},
      {"raw v6", LinkType::kRaw, v6},
      {"ipv4", LinkType::kIpv4, v4},
      {"ipv6", LinkType::kIpv6, v6},
      {"cooked", LinkType::kLinuxCooked,
       behind({0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}, v4)},
      {"cooked 2", LinkType::kLinuxCooked2,
       behind({0x86, 0xdd, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0}, v6)},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Decoded decoded = decode(c.link, c.bytes);
    ASSERT_TRUE(decoded.packet);
    EXPECT_TRUE(decoded.packet->is_tcp);
    EXPECT_EQ(decoded.packet->from.port, 50000);
    EXPECT_EQ(decoded.packet->to.port, 4000);
    EXPECT_EQ(decoded.packet->seq, 7U);
    EXPECT_TRUE(std::ranges::equal(decoded.packet->payload, kPayload));
    // Cut anywhere it gives less or nothing, and never reads beyond.
    for (std::size_t size = 0; size < c.bytes.size(); ++size) {
      const Bytes shorter(c.bytes.begin(), c.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      const Decoded part = decode(c.link, shorter, c.bytes.size());
      if (!part.packet) continue;
      EXPECT_EQ(part.packet->payload.size() + part.packet->missing, kPayload.size()) << size;
    }
  }
}

TEST(Packet, EndpointsAreWrittenAsPeopleWriteThem) {
  EXPECT_EQ(decode(LinkType::kRaw, ipv4(6, segment())).packet->to.text(), "127.0.0.1:4000");
  EXPECT_EQ(decode(LinkType::kRaw, ipv6(6, segment())).packet->to.text(), "[::1]:4000");
}

TEST(Packet, PaddingOfTheLinkIsNoPayload) {
  Bytes padded = ipv4(6, segment());
  padded.insert(padded.end(), 18, 0);
  EXPECT_EQ(decode(LinkType::kRaw, padded).packet->payload.size(), kPayload.size());
}

TEST(Packet, ALengthOfZeroIsThatOfTheCapture) {
  Bytes offloaded = ipv4(6, segment());
  offloaded[2] = offloaded[3] = 0;
  EXPECT_EQ(decode(LinkType::kRaw, offloaded).packet->payload.size(), kPayload.size());
}

TEST(Packet, Ipv6ExtensionHeadersAreSkipped) {
  const Bytes with_options = behind({6, 0, 1, 4, 0, 0, 0, 0}, segment());
  EXPECT_TRUE(decode(LinkType::kRaw, ipv6(0, with_options)).packet);
  EXPECT_EQ(decode(LinkType::kRaw, ipv6(44, with_options)).ignored, Ignored::kFragment);
}

TEST(Packet, WhatIsNotReadHasAReason) {
  Bytes fragment = ipv4(6, segment());
  fragment[6] = 0x20;
  EXPECT_EQ(decode(LinkType::kRaw, fragment).ignored, Ignored::kFragment);
  EXPECT_EQ(decode(LinkType::kRaw, ipv4(1, kPayload)).ignored, Ignored::kOtherProtocol);
  EXPECT_EQ(decode(LinkType::kRaw, Bytes(60, 0xFF)).ignored, Ignored::kNotIp);
  Bytes short_header = ipv4(6, segment());
  short_header[20 + 12] = 0x40;  // TCP header of 16 bytes
  EXPECT_EQ(decode(LinkType::kRaw, short_header).ignored, Ignored::kBroken);
}

TEST(Packet, DatagramsAreRead) {
  const Bytes packet = ipv4(17, udp(45564, 45565, kPayload), true);
  const Decoded decoded = decode(LinkType::kRaw, packet);
  ASSERT_TRUE(decoded.packet);
  EXPECT_FALSE(decoded.packet->is_tcp);
  EXPECT_EQ(decoded.packet->to.text(), "228.0.0.4:45565");
  EXPECT_TRUE(std::ranges::equal(decoded.packet->payload, kPayload));
}

}  // namespace
}  // namespace serval::tools
