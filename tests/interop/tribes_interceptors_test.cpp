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

// Tomcat's sender copies the whole message for every part: 8 MB in parts of 100 kB are 700 MB there.
TEST_P(TribesInterceptors, FragmentationInLargeParts) {
  start({"FragmentationInterceptor maxSize=1000000"});
  exchange({8 << 20, 8000000, 7999999});
}

TEST_P(TribesInterceptors, FragmentationInTinyParts) {
  start({"FragmentationInterceptor maxSize=100"});
  exchange({99, 100, 101, 30000});
}

}  // namespace
}  // namespace serval::tribes
