#include "cluster/tribes/membership/member_message.h"

#include <gtest/gtest.h>

#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::testing::from_hex;
using serval::testing::to_hex;
using serval::testing::vector_of;

/// The MemberMessage of the first packet between two Tomcat 9.0.70 with StaticMembershipService:
/// START of node 4002 in the group "Catalina-Channel-StaticMembership".
constexpr std::string_view kStart =
    "aced00057372004c6f72672e6170616368652e636174616c696e612e7472696265732e6d656d62657273"
    "6869702e5374617469634d656d6265727368697050726f7669646572244d656d6265724d657373616765"
    "00000000000000010200034900076d7367747970654c00066d656d6265727400234c6f72672f61706163"
    "68652f636174616c696e612f7472696265732f4d656d6265723b5b000c6d656d62657273686970496474"
    "00025b42787000000001737200326f72672e6170616368652e636174616c696e612e7472696265732e6d"
    "656d626572736869702e5374617469634d656d626572a32603887eb6b8a10c0000787200306f72672e61"
    "70616368652e636174616c696e612e7472696265732e6d656d626572736869702e4d656d626572496d70"
    "6c2e21087915506d1c0c0000787077510000004d5452494245532d42010000000035000000000000000e"
    "00000fa2ffffffffffffffff047f0000010000000000000000000102030405060708090a0b0c0d0e02"
    "000000005452494245532d45010078757200025b42acf317f8060854e002000078700000002143617461"
    "6c696e612d4368616e6e656c2d5374617469634d656d62657273686970";

Bytes text(std::string_view chars) { return {chars.begin(), chars.end()}; }

MemberMessage start_message() {
  MemberMessage message;
  message.type = MemberMessage::Type::kStart;
  message.membership_id = text("Catalina-Channel-StaticMembership");
  message.member.host = {127, 0, 0, 1};
  message.member.port = 4002;
  message.member.alive_ms = 14;
  for (std::size_t i = 0; i < 15; ++i) message.member.id[i] = static_cast<std::uint8_t>(i);
  message.member.id[15] = 2;
  return message;
}

Result<MemberMessage> read(std::span<const std::uint8_t> stream) {
  auto object = ObjectReader(stream).read_object();
  if (!object) return std::move(object).error();
  return read_member_message(*object);
}

Bytes written(const MemberMessage& message) {
  ObjectWriter writer;
  const auto done = writer.write_object(member_message_value(message));
  EXPECT_TRUE(done) << done.error().message;
  return writer.finish();
}

TEST(MemberMessage, ReadsWhatATomcatSays) {
  const auto message = read(from_hex(kStart));
  ASSERT_TRUE(message) << message.error().message;
  const MemberMessage wanted = start_message();
  EXPECT_EQ(message->type, wanted.type);
  EXPECT_EQ(message->membership_id, wanted.membership_id);
  EXPECT_EQ(message->member, wanted.member);
  EXPECT_EQ(message->member.alive_ms, 14);
  EXPECT_EQ(message->member_impl_uid, 3323947316117794076);
}

TEST(MemberMessage, SaysItByteForByte) { EXPECT_EQ(to_hex(written(start_message())), kStart); }

TEST(MemberMessage, IsWrittenForTheGenerationOfItsReader) {
  for (const std::int64_t uid : kMemberImplUids) {
    MemberMessage message = start_message();
    message.member_impl_uid = uid;
    const Bytes stream = written(message);
    EXPECT_TRUE(is_member_message(stream));
    const auto again = read(stream);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->member_impl_uid, uid);
  }
}

TEST(MemberMessage, AStaticMemberIsTheObjectThatAJvmWrites) {
  Member member = start_message().member;
  member.port = 4000;
  member.alive_ms = 0;
  member.id[15] = 15;
  struct {
    const char* vector;
    std::int64_t uid;
  } const rows[] = {{"v9/member-static-java", kMemberImplUids[0]},
                    {"v10/member-static-java", kMemberImplUids[1]}};
  for (const auto& row : rows) {
    ObjectWriter writer;
    ASSERT_TRUE(writer.write_object(static_member_object(member, row.uid)));
    EXPECT_EQ(to_hex(writer.finish()), to_hex(vector_of(row.vector).bytes)) << row.vector;
  }
  for (const char* vector : {"v9/member-externalizable", "v10/member-externalizable"}) {
    const auto object = ObjectReader(vector_of(vector).bytes).read_object();
    ASSERT_TRUE(object);
    EXPECT_TRUE(read_member_object(*object)) << vector << ": a plain MemberImpl will do";
  }
}

TEST(MemberMessage, WhatIsNoneIsRefused) {
  const Bytes good = from_hex(kStart);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(read(std::span(good).first(size))) << size;
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      Bytes broken = good;
      broken[i] = static_cast<std::uint8_t>(broken[i] ^ flip);
      static_cast<void>(read(broken));  // anything but a crash
    }
  }
  MemberMessage strange = start_message();
  for (const int type : {0, 4, -1}) {
    strange.type = static_cast<MemberMessage::Type>(type);
    EXPECT_FALSE(read(written(strange))) << type;
  }
  EXPECT_FALSE(read(vector_of("v9/member-static-java").bytes));
  EXPECT_FALSE(is_member_message(vector_of("v9/member-static-java").bytes));
  EXPECT_FALSE(is_member_message({}));
}

}  // namespace
}  // namespace serval::tribes
