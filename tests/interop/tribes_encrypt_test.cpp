// EncryptInterceptor between a channel of ours and one of a real Tomcat: 9.0.70 encrypts the
// message alone, 10.1.60 puts its time in front.
#include "tests/interop/tribes_pair.h"

namespace serval::tribes {
namespace {

const std::string kKey = " encryptionKey=00112233445566778899aabbccddeeff0011223344556677";

class TribesEncrypt : public TribesPair {
 protected:
  static std::vector<std::string> stack(const std::string& algorithm,
                                        const std::string& more = "") {
    return {"EncryptInterceptor encryptionAlgorithm=" + algorithm + kKey + more,
            "TcpFailureDetector", "MessageDispatchInterceptor"};
  }
};
SERVAL_BOTH_TOMCATS(TribesEncrypt);

TEST_P(TribesEncrypt, SeedRow025_AutoFindsTheFormOfThePeer) {
  start(stack("AES/GCM/NoPadding"));
  exchange({0, 1, 15, 16, 17, 1000, 65536, 8 << 20});
  exchange({100}, 8);
}

TEST_P(TribesEncrypt, WeSpeakFirst) {
  start(stack("AES/GCM/NoPadding"));
  our->send(6, 50, 4);
  ASSERT_TRUE(peer->eventually_receives(1)) << peer->log_tail();
  EXPECT_EQ(peer->received().front().sha256,
            serval::test::sha256_of(serval::test::peer_content(50, 4)));
  EXPECT_EQ(peer->received().size(), 1U) << "in one form only";
}

TEST_P(TribesEncrypt, EveryAlgorithm) {
  std::vector<std::string> algorithms{"AES/CBC/PKCS5Padding", "AES/CFB/PKCS5Padding",
                                      "AES/OFB/PKCS5Padding", "DESede/CBC/PKCS5Padding"};
  if (GetParam() == Kind::kTomcat9) {
    algorithms.insert(algorithms.end(), {"AES/CFB/NoPadding", "AES/OFB/NoPadding",
                                         "AES/CBC/ISO10126Padding", "DESede/OFB/NoPadding"});
  }
  for (const std::string& algorithm : algorithms) {
    SCOPED_TRACE(algorithm);
    start(stack(algorithm));
    ASSERT_FALSE(HasFailure());
    exchange({0, 1, 7, 8, 15, 16, 1000});
    our.reset();
    peer.reset();
  }
}

TEST_P(TribesEncrypt, AGivenFormNeedsNoQuestion) {
  start_peer(stack("AES/GCM/NoPadding"));
  ASSERT_TRUE(peer->ready());
  // Debian has had 10.1.55, the last one of the older form.
  const bool newer = peer->ask("property 0 ReplayWindowTime").ok;
  start_ours(stack("AES/GCM/NoPadding", newer ? " messageForm=timestamp" : " messageForm=plain"));
  ASSERT_TRUE(eventually([&] { return our->member(peer->port()) && peer->sees(our->port()); }));
  exchange({1, 1000});
}

TEST_P(TribesEncrypt, SeedRow025_AnotherKeyGetsNothing) {
  auto theirs = stack("AES/GCM/NoPadding");
  theirs[0] =
      "EncryptInterceptor encryptionAlgorithm=AES/GCM/NoPadding "
      "encryptionKey=ffeeddccbbaa99887766554433221100";
  start(stack("AES/GCM/NoPadding"), theirs);
  our->send(6, 100, 1);
  peer->send("all", 6, 100, 1);
  EXPECT_EQ(our->received().size(), 0U) << "dropped, though acknowledged";
  EXPECT_EQ(peer->received().size(), 0U);
}

}  // namespace
}  // namespace serval::tribes
