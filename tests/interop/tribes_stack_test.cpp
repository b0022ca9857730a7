// Several interceptors together, between a channel of ours and one of a real Tomcat.
#include <numeric>
#include <random>

#include "tests/interop/tribes_pair.h"

namespace serval::tribes {
namespace {

const std::string kGzip = "GzipInterceptor", kOrder = "OrderInterceptor expire=30000",
                  kEncrypt =
                      "EncryptInterceptor encryptionAlgorithm=AES/GCM/NoPadding "
                      "encryptionKey=00112233445566778899aabbccddeeff",
                  kFragment = "FragmentationInterceptor maxSize=500000";

class TribesStack : public TribesPair {
 protected:
  static std::vector<std::size_t> random_sizes(std::uint32_t seed, std::size_t count,
                                               std::size_t most) {
    std::mt19937 random(seed);
    std::vector<std::size_t> sizes;
    // As many small ones as large ones: the number of digits is what is random.
    for (std::size_t i = 0; i < count; ++i)
      sizes.push_back(random() % (1 + (most >> (random() % 22))));
    return sizes;
  }
};
SERVAL_BOTH_TOMCATS(TribesStack);

TEST_P(TribesStack, AllTogetherWithAnySize) {
  start({kGzip, kOrder, kEncrypt, kFragment, "TcpFailureDetector", "MessageDispatchInterceptor",
         "ThroughputInterceptor"});
  exchange(random_sizes(1, 25, 8 << 20));
  exchange({8 << 20, 0});
}

TEST_P(TribesStack, AllTogetherWithoutWaiting) {
  start({kGzip, kOrder, kEncrypt, kFragment, "TcpFailureDetector", "MessageDispatchInterceptor"});
  exchange(random_sizes(2, 100, 1 << 16), 8);
}

TEST_P(TribesStack, SeedRow072_AnyOrderThatTomcatAcceptsWorks) {
  std::vector<std::string> stack{kGzip, kOrder, kEncrypt, kFragment};
  std::mt19937 random(GetParam() == Kind::kTomcat9 ? 9 : 10);
  for (int round = 0; round < 4; ++round) {
    std::ranges::shuffle(stack, random);
    SCOPED_TRACE(std::accumulate(stack.begin(), stack.end(), std::string()));
    start(stack);
    ASSERT_FALSE(HasFailure());
    exchange({0, 1, 1000, 499999, 500000, 500001, 2000000});
    our.reset();
    peer.reset();
  }
}

// Probes pass no interceptor, so those below the detector see them as they are.
TEST_P(TribesStack, SeedRow072_TheFailureDetectorMayStandAboveWhatChangesBytes) {
  start({"TcpFailureDetector", kGzip, "OrderInterceptor expire=100", kFragment});
  exchange({0, 1000, 2000000});
  EXPECT_EQ(our->received().size(), 3U);
}

TEST_P(TribesStack, AnOrderThatCannotWorkIsRefusedAsTomcatRefusesIt) {
  start_peer({"TcpFailureDetector", kEncrypt});
  EXPECT_NE(peer->failure().find("EncryptInterceptor must be upstream of TcpFailureDetector"),
            std::string::npos);
  our = std::make_unique<OurChannel>(1, std::vector{std::string("TcpFailureDetector"), kEncrypt});
  const auto started = our->channel().start(level::kAll);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("EncryptInterceptor must be upstream of TcpFailure"),
            std::string::npos);
}

}  // namespace
}  // namespace serval::tribes
