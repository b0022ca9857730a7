// The interceptors that decide which members there are, and the one that confirms messages, between
// a channel of ours and one of a real Tomcat.
#include "tests/interop/tribes_pair.h"
#include "tests/support/log_capture.h"

namespace serval::tribes {
namespace {

class TribesMembership : public TribesPair {};
SERVAL_BOTH_TOMCATS(TribesMembership);

TEST_P(TribesMembership, TwoPhaseCommit) {
  start({"TwoPhaseCommitInterceptor", "MessageDispatchInterceptor"});
  exchange({0, 1, 1000, 65536, 1 << 20});
  EXPECT_EQ(our->received().size(), 5U);
}

TEST_P(TribesMembership, PingsAreSwallowedOnBothSides) {
  const std::string ping = "TcpPingInterceptor useThread=true interval=50";
  start({ping, "MessageDispatchInterceptor", "ThroughputInterceptor"});
  ASSERT_TRUE(eventually([&] {
    return std::stoi(peer->ask("property 2 MsgRxCnt").text) > 3 &&
           std::stoi(peer->ask("property 2 MsgTxCnt").text) > 4;
  }));
  exchange({100});
  EXPECT_EQ(our->received().size(), 1U);
  EXPECT_EQ(peer->received().size(), 1U);
}

TEST_P(TribesMembership, SeedRow041_AnotherDomainIsNotSeen) {
  const serval::test::LogCapture log;
  start_peer({"DomainFilterInterceptor domain=d1", "TcpFailureDetector"},
             {"--mcast", "port=" + std::to_string(group()) + " frequency=100 domain=d1"});
  start_ours({"DomainFilterInterceptor domain={100,49}", "TcpFailureDetector"}, "domain=d1");
  OurChannel stranger(group(), {"DomainFilterInterceptor domain=d2", "TcpFailureDetector"},
                      "domain=d2");
  ASSERT_TRUE(stranger.channel().start(level::kAll));
  ASSERT_TRUE(peer->ready());
  ASSERT_TRUE(eventually([&] { return our->member(peer->port()) && peer->sees(our->port()); }))
      << peer->log_tail();
  EXPECT_TRUE(eventually([&] {
    return peer->log().find("was refused to join cluster") != std::string::npos &&
           log.count("was refused to join cluster") >= 3;
  })) << "each of us refuses the stranger, which refuses both\n"
      << log.text() << peer->log_tail();
  exchange({100});
  EXPECT_FALSE(peer->sees(stranger.port()));
  EXPECT_FALSE(our->member(stranger.port()));
  EXPECT_TRUE(stranger.channel().members().empty());
}

TEST_P(TribesMembership, StaticMembersWithoutMulticast) {
  const int ours = serval::test::free_tcp_port(), theirs = serval::test::free_port();
  const std::string our_id = "{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16}",
                    their_id = "{2,2,3,4,5,6,7,8,9,10,11,12,13,14,15,-16}";
  const auto stack = [](int local, const std::string& local_id, int other,
                        const std::string& other_id) {
    return std::vector<std::string>{
        "TcpPingInterceptor useThread=true interval=200",
        "TcpFailureDetector",
        "StaticMembershipInterceptor local=" + std::to_string(local) + ":" + local_id +
            ":d1 member=" + std::to_string(other) + ":" + other_id + ":d1",
    };
  };
  constexpr int kTransport = level::kReceiver | level::kSender;
  peer = std::make_unique<ChannelPeer>(ChannelPeer::Options{
      GetParam(), 0, theirs, stack(theirs, their_id, ours, our_id), {"--levels", "3"}});
  ASSERT_TRUE(peer->ready());
  our = std::make_unique<OurChannel>(group(), stack(ours, our_id, theirs, their_id), "", ours);
  ASSERT_TRUE(our->channel().start(kTransport));
  ASSERT_TRUE(eventually([&] { return our->member(theirs) && peer->sees(ours); }))
      << peer->log_tail();
  exchange({0, 1000, 100000});
  EXPECT_EQ(our->member(theirs)->id[15], 240);

  // Each side hears of the other's end and of its next start.
  our->channel().stop(kTransport);
  EXPECT_TRUE(eventually([&] { return !peer->events("gone " + std::to_string(ours)).empty(); }))
      << peer->log_tail();
  ASSERT_TRUE(our->channel().start(kTransport));
  EXPECT_TRUE(eventually([&] { return our->member(theirs) && peer->sees(ours); }))
      << peer->log_tail();
  exchange({10});
  peer->stop();
  EXPECT_TRUE(eventually([&] { return our->member(theirs) == nullptr; }));
}

}  // namespace
}  // namespace serval::tribes
