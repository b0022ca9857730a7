// What coordinators tell each other, and the order that they agree on.
#include "cluster/tribes/interceptors/coordination_message.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cluster/tribes/absolute_order.h"
#include "cluster/tribes/fields.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::testing::from_hex;
using serval::testing::vector_of;
using Type = CoordinationMessage::Type;

MemberPtr vector_member(int port, std::uint8_t first_byte) {
  auto member = std::make_shared<Member>(*InterceptorBench::member(0, port));
  for (std::size_t i = 0; i < member->id.size(); ++i) {
    member->id[i] = static_cast<std::uint8_t>(first_byte + i);
  }
  return member;
}

CoordinationMessage vector_message(Type type) {
  const MemberPtr a = vector_member(4000, 0x01), b = vector_member(4001, 0x11);
  CoordinationMessage message{a, b, {a, b}, {}, type};
  for (std::size_t i = 0; i < message.id.size(); ++i) {
    message.id[i] = static_cast<std::uint8_t>(0x60 + i);
  }
  return message;
}

TEST(CoordinationMessage, IsTomcatsByteForByte) {
  for (const auto& [vector, type] : {std::pair{"both/coordinator-request", Type::kRequest},
                                     {"both/coordinator-conf", Type::kConfirmation}}) {
    const Bytes wanted = vector_of(vector).bytes;
    EXPECT_EQ(encode_coordination_message(vector_message(type)), wanted) << vector;
    const auto read = decode_coordination_message(wanted);
    ASSERT_TRUE(read) << read.error().message;
    const CoordinationMessage expected = vector_message(type);
    EXPECT_EQ(*read->leader, *expected.leader);
    EXPECT_EQ(*read->source, *expected.source);
    EXPECT_EQ(read->source->alive_ms, 1000);
    ASSERT_EQ(read->members.size(), 2U);
    EXPECT_EQ(*read->members[1], *expected.members[1]);
    EXPECT_EQ(read->id, expected.id);
    EXPECT_EQ(read->type, type);
    EXPECT_EQ(encode_coordination_message(*read), wanted);
  }
}

TEST(CoordinationMessage, HasTomcatsConstants) {
  const Bytes request = encode_coordination_message(vector_message(Type::kRequest));
  const Bytes confirmation = encode_coordination_message(vector_message(Type::kConfirmation));
  EXPECT_EQ(Bytes(request.begin(), request.begin() + 16),
            vector_of("both/coordinator-const-coord-header").bytes);
  EXPECT_EQ(Bytes(request.end() - 16, request.end()),
            vector_of("both/coordinator-const-coord-request").bytes);
  EXPECT_EQ(Bytes(confirmation.end() - 16, confirmation.end()),
            vector_of("both/coordinator-const-coord-conf").bytes);
  const Bytes alive = vector_of("both/coordinator-const-coord-alive").bytes;
  EXPECT_TRUE(is_coordinator_alive(alive));
  EXPECT_FALSE(decode_coordinator_alive(alive)) << "Tomcat's has no id";
  const UniqueId id = random_id();
  const Bytes ours = encode_coordinator_alive(id);
  EXPECT_EQ(Bytes(ours.begin(), ours.begin() + 64), alive);
  EXPECT_EQ(*decode_coordinator_alive(ours), id);
}

TEST(CoordinationMessage, RefusesWhatIsBroken) {
  const Bytes good = encode_coordination_message(vector_message(Type::kRequest));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_coordination_message(Bytes(good.begin(), good.begin() + size))) << size;
  }
  const std::size_t count_at = 16 + 2 * (4 + 77);
  for (const std::uint32_t count : {0U, 3U, 0x7fffffffU, 0xffffffffU}) {
    Bytes bad = good;
    for (int i = 0; i < 4; ++i) {
      bad[count_at + static_cast<std::size_t>(i)] =
          static_cast<std::uint8_t>(count >> (24 - 8 * i));
    }
    EXPECT_FALSE(decode_coordination_message(bad)) << count;
  }
  Bytes unknown = good;
  unknown.back() ^= 1;
  EXPECT_FALSE(decode_coordination_message(unknown)) << "neither request nor confirmation";
  EXPECT_FALSE(is_coordination_message({}));
}

// The note's members: port/first byte of the id, on 127.0.0.1.
TEST(AbsoluteOrder, IsTomcats) {
  Members members{vector_member(4002, 0x31), vector_member(4000, 0x21), vector_member(4000, 0x01),
                  vector_member(4001, 0x05)};
  sort_absolutely(members);
  std::string text;
  for (const MemberPtr& member : members) {
    text += fmt::format("{}/{:02x}/{} ", member->port, member->id[0], member->alive_ms);
  }
  const std::string wanted = vector_of("both/absoluteorder-note").fact("result");
  EXPECT_EQ(text.substr(0, text.size() - 1), wanted.substr(0, wanted.find_last_not_of(' ') + 1));
}

TEST(AbsoluteOrder, ComparesBytesAsItIsTold) {
  auto low = std::make_shared<Member>(*vector_member(4000, 1));
  auto high = std::make_shared<Member>(*low);
  low->host = {10, 0, 0, 100};
  high->host = {10, 0, 0, 200};
  EXPECT_TRUE(in_absolute_order(*low, *high, MemberOrder::kUnsigned));
  EXPECT_TRUE(in_absolute_order(*high, *low, MemberOrder::kSigned));
  auto longer = std::make_shared<Member>(*low);
  longer->host.assign(16, 0);
  EXPECT_TRUE(in_absolute_order(*high, *longer)) << "IPv4 stands before IPv6";
}

}  // namespace
}  // namespace serval::tribes
