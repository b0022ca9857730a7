// Every send option between a channel of ours and one of a real Tomcat: what the sender learns, and
// what the receiver does.
#include "cluster/tribes/group/group_channel.h"
#include "cluster/tribes/interceptors/order_interceptor.h"
#include "cluster/tribes/interceptors/two_phase_commit_interceptor.h"
#include "cluster/tribes/membership/mcast_service.h"
#include "cluster/tribes/transport/nio_receiver.h"
#include "cluster/tribes/transport/pooled_parallel_sender.h"
#include "tests/interop/tribes_pair.h"

namespace serval::tribes {
namespace {

const std::vector<std::string> kStack{"TcpFailureDetector", "MessageDispatchInterceptor"};

class TribesOptions : public TribesPair {
 protected:
  /// Both have a UDP port and announce a secure one.
  void start_with_ports() {
    start_peer(kStack, {"--receiver", ports(4441)});
    start_ours(kStack, "", ports(4442));
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_TRUE(peer->ready());
    ASSERT_TRUE(eventually([&] { return our->member(peer->port()) && peer->sees(our->port()); }))
        << peer->log_tail();
  }
  static std::string ports(int secure) {
    return "udpPort=" + std::to_string(serval::test::free_udp_port()) +
           " securePort=" + std::to_string(secure);
  }
  /// The causes of those that did not take it, "" for none.
  std::string send_refused(Options options) {
    const auto report = our->channel().send_and_wait(
        our->channel().members(), std::make_shared<const Bytes>(Bytes{1}), options | 1);
    EXPECT_TRUE(report) << report.error().message;
    if (!report || report->ok()) return "";
    return report->faulty.front().remote_process ? "remote process" : report->faulty.front().cause;
  }
};
SERVAL_BOTH_TOMCATS(TribesOptions);

TEST_P(TribesOptions, UdpInBothDirections) {
  start_with_ports();
  // Tomcat first: it cannot send by UDP over a pooled sender that has a TCP connection to the
  // member.
  exchange({0, 1, 1000, 60000}, 32 + 6);
  exchange({10}, 32 + 2);
  our->send(32, 20, 1);
  peer->send("all", 32, 20, 2);
  EXPECT_TRUE(peer->eventually_receives(6)) << peer->log_tail();
  our->send(32 + 8, 20, 3);
  EXPECT_TRUE(peer->eventually_receives(7)) << peer->log_tail();
  EXPECT_TRUE(our->eventually_receives(6));
  EXPECT_EQ(peer->received().back().options, 32 + 8 + 1);
  EXPECT_EQ(our->received().back().options, 32 + 1);
}

TEST_P(TribesOptions, AListenerThatFailsByUdp) {
  start_with_ports();
  EXPECT_TRUE(peer->ask("refuse on").ok);
  EXPECT_EQ(send_refused(32 + 6), "remote process");
  EXPECT_EQ(send_refused(32 + 2), "");
  our->refuse();
  const auto answer = peer->ask("send all 38 bytes 1 1");
  EXPECT_FALSE(answer.ok);
  EXPECT_NE(answer.text.find("RemoteProcessException"), std::string::npos) << answer.text;
  EXPECT_EQ(our->received().size(), 2U) << "it is sent again once";
  EXPECT_TRUE(peer->ask("send all 34 bytes 1 1").ok);
}

TEST_P(TribesOptions, AListenerThatFailsByTcp) {
  start(kStack);
  EXPECT_TRUE(peer->ask("refuse on").ok);
  for (const Options options : {0, 2, 4, 8, 16 + 2})
    EXPECT_EQ(send_refused(options), "") << options;
  EXPECT_EQ(send_refused(6), "remote process");
  EXPECT_EQ(send_refused(16 + 6), "remote process");
  our->refuse();
  for (const int options : {0, 2, 4, 8, 18}) {
    EXPECT_TRUE(peer->ask("send all " + std::to_string(options) + " bytes 1 1").ok) << options;
  }
  ASSERT_TRUE(our->eventually_receives(5));
  for (const int options : {6, 22}) {
    const auto answer = peer->ask("send all " + std::to_string(options) + " bytes 1 1");
    EXPECT_FALSE(answer.ok);
    EXPECT_NE(answer.text.find("RemoteProcessException"), std::string::npos) << answer.text;
  }
  EXPECT_EQ(our->received().size(), 9U) << "each of the last two is sent again once";
}

TEST_P(TribesOptions, MulticastInBothDirections) {
  start_with_ports();
  for (const Options options : {64, 64 + 2, 64 + 6, 64 + 32}) {
    our->send(options, 1000, 3);
    peer->send("all", options, 1000, 4);
  }
  ASSERT_TRUE(peer->eventually_receives(4)) << peer->log_tail();
  ASSERT_TRUE(our->eventually_receives(4)) << peer->log_tail();
  EXPECT_EQ(peer->received().front().sha256,
            serval::test::sha256_of(serval::test::peer_content(1000, 3)));
  EXPECT_TRUE(*our->received().front().content == serval::test::peer_content(1000, 4));
  EXPECT_EQ(our->received().front().options, 64 + 1);
  // A datagram has to hold it, on both sides.
  const auto refused = our->channel().send_and_wait(
      our->channel().members(), std::make_shared<const Bytes>(Bytes(65535)), 64 + 1);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("exceeds max packet size"), std::string::npos);
  EXPECT_FALSE(peer->ask("send all 64 bytes 65535 1").ok);
}

TEST_P(TribesOptions, SecureIsAnnouncedAndChangesNothing) {
  start_with_ports();
  EXPECT_EQ(our->member(peer->port())->secure_port, 4441);
  exchange({0, 1000}, 16 + 6);
  exchange({1000}, 16 + 2);
  exchange({10}, 16 + 6);
  EXPECT_EQ(peer->received().back().options, 16 + 6 + 1);
  EXPECT_EQ(our->received().back().options, 16 + 6 + 1);
}

TEST_P(TribesOptions, AsynchronousSendersHearTheEnd) {
  start(kStack);
  std::mutex mutex;
  std::vector<std::pair<UniqueId, SendReport>> ended;
  const Members to = our->channel().members();
  const auto send = [&](Options options) {
    return our->channel().send(to, std::make_shared<const Bytes>(Bytes{1}), options, 0, nullptr,
                               [&](const UniqueId& id, const SendReport& end) {
                                 const std::lock_guard lock(mutex);
                                 ended.emplace_back(id, end);
                               });
  };
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return ended.size();
  };
  const auto id = send(8 + 2 + 1);
  ASSERT_TRUE(id);
  ASSERT_TRUE(eventually([&] { return count() == 1; }));
  EXPECT_EQ(ended[0].first, *id);
  EXPECT_TRUE(ended[0].second.ok());
  EXPECT_TRUE(peer->eventually_receives(1)) << "it was acknowledged, so it is there";
  ASSERT_TRUE(send(6 + 1)) << "a synchronous one tells it too";
  ASSERT_TRUE(eventually([&] { return count() == 2; }));
  peer->ask("refuse on");
  ASSERT_TRUE(send(8 + 6 + 1));
  ASSERT_TRUE(eventually([&] { return count() == 3; }));
  ASSERT_EQ(ended[2].second.faulty.size(), 1U);
  EXPECT_TRUE(ended[2].second.faulty[0].remote_process);
  peer->kill();
  ASSERT_TRUE(send(8 + 2 + 1));
  ASSERT_TRUE(eventually([&] { return count() == 4; }));
  EXPECT_FALSE(ended[3].second.ok());
}

TEST_P(TribesOptions, LevelsStartAndStopOneByOne) {
  start_peer({"MessageDispatchInterceptor"});
  ASSERT_TRUE(peer->ready());
  our =
      std::make_unique<OurChannel>(group(), std::vector<std::string>{"MessageDispatchInterceptor"});
  Channel& channel = our->channel();
  const auto hears_nobody = [&] { return channel.members().empty(); };
  const auto is_gone = [&] { return !peer->sees(our->port()); };
  ASSERT_TRUE(channel.start(level::kReceiver));
  EXPECT_GT(our->port(), 0);
  EXPECT_TRUE(hears_nobody());
  EXPECT_FALSE(
      channel.send({channel.local_member()}, std::make_shared<const Bytes>(), 1, 0, nullptr));
  ASSERT_TRUE(channel.start(level::kSender));
  ASSERT_TRUE(channel.start(level::kMembershipReceive));
  ASSERT_TRUE(eventually([&] { return our->member(peer->port()) != nullptr; })) << peer->log_tail();
  EXPECT_TRUE(is_gone()) << "nobody has heard of this node";
  our->send(6, 10, 1);  // whom one hears one may send to
  const auto again = channel.start(level::kMembershipReceive);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "Channel already started for level:[4]");
  ASSERT_TRUE(channel.start(level::kAll)) << "what is left";
  EXPECT_TRUE(eventually([&] { return peer->sees(our->port()); })) << peer->log_tail();
  EXPECT_TRUE(channel.start(level::kAll)) << "and then nothing";

  const int port = our->port();
  channel.stop(level::kMembershipSend);
  EXPECT_TRUE(eventually([&] { return !peer->sees(port); })) << "silent for dropTime";
  EXPECT_TRUE(our->member(peer->port()));
  channel.stop(level::kMembershipReceive);
  EXPECT_TRUE(hears_nobody());
  channel.stop(level::kAll);
  ASSERT_TRUE(channel.start(level::kAll));
  EXPECT_TRUE(eventually([&] { return peer->sees(our->port()); })) << peer->log_tail();
}

TEST_P(TribesOptions, FlagsThatContainEachOtherAreRefusedOnBothSides) {
  const std::vector<std::string> stack{"OrderInterceptor optionFlag=768",
                                       "TwoPhaseCommitInterceptor optionFlag=256"};
  start_peer(stack, {"--channel", "optionCheck=true"});
  EXPECT_NE(peer->failure().find("conflict"), std::string::npos);
  auto parts =
      ChannelCoordinator::Parts{std::make_unique<McastService>(), std::make_unique<NioReceiver>(),
                                std::make_unique<PooledParallelSender>()};
  GroupChannel channel({.option_check = true}, std::move(parts));
  channel.add_interceptor(
      std::make_unique<OrderInterceptor>(OrderInterceptor::Options{.option_flag = 768}));
  channel.add_interceptor(std::make_unique<TwoPhaseCommitInterceptor>(
      TwoPhaseCommitInterceptor::Options{.option_flag = 256}));
  const auto refused = channel.start(level::kAll);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("conflict"), std::string::npos) << refused.error().message;
}

TEST_P(TribesOptions, TwoChannelsOfOneProcessAreTwoGroups) {
  start(kStack);
  const int second_group = serval::test::free_udp_port();
  ChannelPeer second({GetParam(), second_group, 0, kStack, {}});
  OurChannel other(second_group, kStack);
  ASSERT_TRUE(other->start(level::kAll));
  ASSERT_TRUE(second.ready());
  ASSERT_TRUE(eventually([&] { return other.member(second.port()) && second.sees(other.port()); }))
      << second.log_tail();
  exchange({100});
  other.send(6, 200, 7);
  ASSERT_TRUE(second.eventually_receives(1));
  EXPECT_EQ(second.received().front().size, 200U);
  EXPECT_EQ(our->channel().members().size(), 1U);
  EXPECT_EQ(other.channel().members().size(), 1U);
  other->stop(level::kAll);
  exchange({100});
}

}  // namespace
}  // namespace serval::tribes
