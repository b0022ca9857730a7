#include "cluster/tribes/membership/member_codec.h"

#include <gtest/gtest.h>

#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::testing::to_hex;
using serval::testing::vector_of;

/// The member of most vectors: 127.0.0.1:4000, id 01..10, alive 1000.
Member basic() {
  Member member;
  member.host = {127, 0, 0, 1};
  member.port = 4000;
  member.alive_ms = 1000;
  for (std::size_t i = 0; i < member.id.size(); ++i) {
    member.id[i] = static_cast<std::uint8_t>(i + 1);
  }
  return member;
}

Bytes text(std::string_view chars) { return {chars.begin(), chars.end()}; }

struct Case {
  const char* vector;
  Member member;
};

std::vector<Case> cases() {
  std::vector<Case> all{{"both/member-basic", basic()}, {"both/member-basic-alive", basic()}};
  Member one = basic();
  one.host = {10, 0, 200, 255};
  one.secure_port = 4443;
  one.udp_port = 4555;
  all.push_back({"both/member-ports", one});
  one = basic();
  one.command = text(kShutdownCommand);
  all.push_back({"both/member-command-shutdown", one});
  one = basic();
  one.port = 5000;
  one.domain = text("my-domain");
  one.payload = text("payload-bytes");
  for (std::size_t i = 0; i < 16; ++i) one.id[i] = static_cast<std::uint8_t>(0xf0 + i);
  all.push_back({"both/member-payload-domain", one});
  one = basic();
  one.host = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2};
  one.port = 4001;
  all.push_back({"both/member-ipv6", one});
  one = basic();
  one.alive_ms = 0;
  for (std::size_t i = 0; i < 16; ++i) one.id[i] = static_cast<std::uint8_t>(i);
  all.push_back({"both/member-static", one});
  return all;
}

void expect_same(const Member& a, const Member& b) {
  EXPECT_TRUE(a == b);
  EXPECT_EQ(a.secure_port, b.secure_port);
  EXPECT_EQ(a.udp_port, b.udp_port);
  EXPECT_EQ(a.alive_ms, b.alive_ms);
  EXPECT_EQ(a.domain, b.domain);
  EXPECT_EQ(a.payload, b.payload);
  EXPECT_EQ(a.command, b.command);
}

TEST(MemberCodec, WritesTheBytesOfTomcat) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.vector);
    EXPECT_EQ(to_hex(encode_member(c.member)), to_hex(vector_of(c.vector).bytes));
    EXPECT_EQ(member_record_size(c.member), vector_of(c.vector).bytes.size());
  }
}

TEST(MemberCodec, ReadsTheBytesOfTomcat) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.vector);
    const auto read = decode_member(vector_of(c.vector).bytes);
    ASSERT_TRUE(read) << read.error().message;
    expect_same(*read, c.member);
  }
}

TEST(MemberCodec, CanWriteAnotherAliveTime) {
  Member member = basic();
  Bytes bytes;
  append_member_record(bytes, member, 77);
  member.alive_ms = 77;
  EXPECT_EQ(bytes, encode_member(member));
}

TEST(MemberCodec, IgnoresWhatFollowsTheRecord) {
  Bytes bytes = encode_member(basic());
  bytes.insert(bytes.end(), {1, 2, 3});
  ASSERT_TRUE(decode_member(bytes));
}

TEST(MemberCodec, RejectsEveryTruncation) {
  const Bytes whole = vector_of("both/member-payload-domain").bytes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = decode_member(std::span(whole).first(size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, Errc::kProtocol);
  }
}

TEST(MemberCodec, RejectsLengthsThatDoNotFit) {
  const Bytes whole = encode_member(basic());
  struct {
    const char* name;
    std::size_t at;
    std::uint8_t value;
  } const rows[] = {
      {"begin marker", 3, 'X'},      {"body length", 10, 0x7f},      {"negative body", 10, 0xff},
      {"negative host", 34, 0x80},   {"host too long", 34, 0x7f},    {"command too long", 39, 0x7f},
      {"negative domain", 43, 0xff}, {"payload too long", 63, 0x01}, {"end marker", 70, 'X'}};
  for (const auto& row : rows) {
    Bytes broken = whole;
    broken[row.at] = row.value;
    EXPECT_FALSE(decode_member(broken)) << row.name;
  }
}

TEST(MemberCodec, TellsRecordsFromFrames) {
  EXPECT_TRUE(is_member_record(encode_member(basic())));
  EXPECT_FALSE(is_member_record(text("FLT2002xxxxxxxxxxxxxxx")));
  EXPECT_FALSE(is_member_record(text("TRIBES")));
}

TEST(Member, HasTomcatsNameAndDescription) {
  const Member member = basic();
  EXPECT_EQ(member.name(), "tcp://{127, 0, 0, 1}:4000");
  EXPECT_EQ(member.host_text(), "127.0.0.1");
  Member leaving = member;
  leaving.id.fill(0xfe);
  leaving.payload = text("SERVAL\1");
  leaving.command = text(kShutdownCommand);
  EXPECT_EQ(leaving.description(),
            "org.apache.catalina.tribes.membership.MemberImpl[tcp://{127, 0, 0, 1}:4000,"
            "{127, 0, 0, 1},4000, alive=1000, securePort=-1, UDP Port=-1, id={-2 -2 -2 -2 -2 -2 "
            "-2 -2 -2 -2 -2 -2 -2 -2 -2 -2 }, payload={83 69 82 86 65 76 1 }, "
            "command={66 65 66 89 45 65 76 69 88 ...(9)}, domain={}]");
  EXPECT_TRUE(leaving.is_shutdown());
  EXPECT_FALSE(member.is_shutdown());
}

TEST(Member, RandomIdsAreVersion4AndDiffer) {
  const UniqueId a = random_id();
  EXPECT_NE(a, random_id());
  EXPECT_EQ(a[6] & 0xF0, 0x40);
  EXPECT_EQ(a[8] & 0xC0, 0x80);
}

}  // namespace
}  // namespace serval::tribes
