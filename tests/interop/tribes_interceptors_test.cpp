// Each interceptor alone, between a channel of ours and one of a real Tomcat, in both directions.
#include "tests/interop/tribes_pair.h"

namespace serval::tribes {
namespace {

class TribesInterceptors : public TribesPair {};
SERVAL_BOTH_TOMCATS(TribesInterceptors);

TEST_P(TribesInterceptors, Gzip) {
  start({"GzipInterceptor"});
  exchange({0, 1, 100, 65536, 1 << 20, 8 << 20});
  EXPECT_EQ(peer->received().front().options & 0x100, 0) << "nothing is not compressed";
  EXPECT_EQ(peer->received().back().options & 0x100, 0x100);
}

TEST_P(TribesInterceptors, GzipCountsAsTomcatDoes) {
  start({"GzipInterceptor compressionMinSize=100 statsEnabled=true optionFlag=512"});
  exchange({50, 100, 101, 5000});
  for (const auto& [name, want] : {std::pair{"Count", "8"},
                                   {"CountCompressedTX", "2"},
                                   {"CountUncompressedRX", "2"},
                                   {"SizeTX", "5251"},
                                   {"SizeRX", "5251"},
                                   {"UncompressedSizeRX", "150"}}) {
    EXPECT_EQ(peer->ask(std::string("property 0 ") + name).text, want) << name;
  }
}

TEST_P(TribesInterceptors, Throughput) {
  start({"ThroughputInterceptor interval=2", "MessageDispatchInterceptor"});
  exchange({0, 1000, 100000}, 6);
}

TEST_P(TribesInterceptors, Fragmentation) {
  start({"FragmentationInterceptor"});
  exchange({0, 1, 102399, 102400, 102401, 204800, 1 << 20, 3 << 20});
}

// Tomcat's sender copies the whole message for every part: 8 MB in parts of 100 kB are 700 MB
// there.
TEST_P(TribesInterceptors, FragmentationInLargeParts) {
  start({"FragmentationInterceptor maxSize=1000000"});
  exchange({8 << 20, 8000000, 7999999});
}

TEST_P(TribesInterceptors, FragmentationInTinyParts) {
  start({"FragmentationInterceptor maxSize=100"});
  exchange({99, 100, 101, 30000});
}

TEST_P(TribesInterceptors, Order) {
  start({"OrderInterceptor"});
  exchange({0, 1, 1000, 65536, 8 << 20, 3, 4});
}

// Without an ACK Tomcat handles messages of one connection in any order; the numbers put them
// right.
TEST_P(TribesInterceptors, OrderOfManyWithoutAcknowledgement) {
  start({"OrderInterceptor"});
  constexpr std::size_t kCount = 300;
  for (std::size_t i = 0; i < kCount; ++i) our->send(0, 20, i);
  peer->send("all", 0, 20, 0, kCount);
  ASSERT_TRUE(peer->eventually_receives(kCount)) << peer->log_tail();
  ASSERT_TRUE(our->eventually_receives(kCount)) << peer->log_tail();
  const auto there = peer->received();
  const auto here = our->received();
  for (std::size_t i = 0; i < kCount; ++i) {
    const auto content = serval::test::peer_content(20, i);
    ASSERT_EQ(there[i].sha256, serval::test::sha256_of(content)) << i;
    ASSERT_EQ(*here[i].content, content) << i;
  }
}

}  // namespace
}  // namespace serval::tribes
