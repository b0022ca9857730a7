// The interceptors that decide which members there are.
#include <gtest/gtest.h>

#include "cluster/tribes/absolute_order.h"
#include "cluster/tribes/channel.h"
#include "cluster/tribes/interceptors/domain_filter_interceptor.h"
#include "cluster/tribes/interceptors/static_membership_interceptor.h"
#include "cluster/tribes/interceptors/tcp_failure_detector.h"
#include "cluster/tribes/interceptors/tcp_ping_interceptor.h"
#include "tests/support/element_channel.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/log_capture.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::test::LogCapture;
using Events = std::vector<std::string>;

MemberPtr member_in(const char* domain, std::uint8_t id) {
  auto member = std::make_shared<Member>(*InterceptorBench::member(id));
  member->domain = Bytes(domain, domain + std::char_traits<char>::length(domain));
  return member;
}
MemberPtr static_member(std::uint8_t id, int port) {
  auto member = std::make_shared<Member>(*InterceptorBench::member(id, port));
  member->is_static = true;
  return member;
}
std::string text_of(const ChannelMessage& message) {
  return {message.content->begin(), message.content->end()};
}
Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(DomainFilter, SeedRow041_ShowsOnlyItsOwnDomain) {
  InterceptorBench bench(
      std::make_unique<DomainFilterInterceptor>(DomainFilterInterceptor::Options{{'d', '1'}, 3}));
  const auto ours = member_in("d1", 1), other = member_in("d2", 2);
  const LogCapture log;
  bench.stack().from_bottom().member_added(ours);
  bench.stack().from_bottom().member_added(other);
  EXPECT_EQ(bench.top().events, Events{"+1"});
  EXPECT_TRUE(log.contains("was refused to join cluster")) << log.text();
  bench.bottom().known = {ours, other};
  EXPECT_EQ(bench.stack().members(), Members{ours});
  for (int i = 0; i < 7; ++i) {
    auto message = InterceptorBench::message(0);
    message.address = i == 0 ? ours : other;
    EXPECT_TRUE(bench.stack().from_bottom().receive(std::move(message)));
  }
  EXPECT_EQ(bench.top().received.size(), 1U);
  EXPECT_EQ(log.count("was refused."), 2U) << "one warning for three messages";
  bench.stack().from_bottom().member_disappeared(other);
  bench.stack().from_bottom().member_disappeared(ours);
  EXPECT_EQ(bench.top().events, (Events{"+1", "-1"}));
}

class TcpPingTest : public ::testing::Test {
 protected:
  void start(const TcpPingInterceptor::Options& options) {
    bench_ = std::make_unique<InterceptorBench>(std::make_unique<TcpPingInterceptor>(options));
    bench_->bottom().known = {InterceptorBench::member(1), static_member(2, 4002)};
  }
  void run() {
    ASSERT_TRUE(bench_->stack().check_places());
    bench_->stack().started(level::kAll);
  }
  void heartbeat() { bench_->stack().from_top().heartbeat(); }
  std::unique_ptr<InterceptorBench> bench_;
};

TEST_F(TcpPingTest, PingsAllMembersWithTheHeartbeat) {
  start({.option_flag = 512});
  run();
  heartbeat();
  ASSERT_EQ(bench_->bottom().sent.size(), 1U);
  const ChannelMessage& ping = bench_->bottom().sent.front();
  EXPECT_EQ(serval::testing::to_hex(*ping.content),
            serval::testing::to_hex(serval::testing::vector_of("both/tcpping-data").bytes));
  EXPECT_EQ(ping.options, 512);
  EXPECT_EQ(*ping.address, *bench_->bottom().local);
  EXPECT_EQ(bench_->bottom().destinations.front().size(), 2U);
  EXPECT_TRUE(bench_->stack().from_bottom().receive(ping));
  EXPECT_TRUE(bench_->top().received.empty()) << "swallowed";
  bench_->stack().stopping(level::kSender);
  heartbeat();
  EXPECT_EQ(bench_->bottom().sent.size(), 1U);
}

TEST_F(TcpPingTest, PingsStaticMembersOnlyIfItShall) {
  start({.static_only = true});
  run();
  heartbeat();
  EXPECT_EQ(bench_->bottom().destinations.front().size(), 1U);
  EXPECT_EQ(bench_->bottom().destinations.front().front()->port, 4002);
}

TEST_F(TcpPingTest, PingsByItsOwnInterval) {
  start({.interval = std::chrono::milliseconds(700), .use_thread = true});
  run();
  heartbeat();
  EXPECT_TRUE(bench_->bottom().sent.empty());
  ASSERT_EQ(bench_->repeated.size(), 1U);
  EXPECT_EQ(bench_->repeated[0].first, std::chrono::milliseconds(700));
  bench_->repeated[0].second();
  EXPECT_EQ(bench_->bottom().sent.size(), 1U);
}

TEST_F(TcpPingTest, LetsTheFailureDetectorLook) {
  start({});
  std::set<int> dead;
  bench_->stack().add(
      std::make_unique<TcpFailureDetector>(TcpFailureDetector::Options(),
                                           [&](const Members& members) {
                                             std::vector<bool> alive;
                                             for (const auto& m : members) {
                                               alive.push_back(!dead.contains(m->id[0]));
                                             }
                                             return alive;
                                           }),
      *bench_);
  run();
  bench_->stack().from_bottom().member_added(bench_->bottom().known[0]);
  bench_->stack().from_bottom().member_added(bench_->bottom().known[1]);
  EXPECT_EQ(bench_->top().events, (Events{"+1", "+2"}));
  dead = {1};
  heartbeat();
  EXPECT_EQ(bench_->top().events, (Events{"+1", "+2", "-1"})) << "though nothing was sent to it";
  dead = {2};
  heartbeat();
  EXPECT_EQ(bench_->top().events, (Events{"+1", "+2", "-1", "+1", "-2"}));
  EXPECT_TRUE(bench_->bottom().sent.empty());
}

class StaticMembershipTest : public ::testing::Test {
 protected:
  StaticMembershipTest() {
    StaticMembershipInterceptor::Options options;
    options.members = {two_, one_, static_member(9, 4999)};  // the last one is this node
    options.local.emplace();
    options.local->id.fill(9);
    options.local->domain = bytes("d1");
    options.option_flag = 64;
    bench_ =
        std::make_unique<InterceptorBench>(std::make_unique<StaticMembershipInterceptor>(options));
  }
  const MemberPtr one_ = static_member(1, 4001), two_ = static_member(2, 4002);
  std::unique_ptr<InterceptorBench> bench_;
};

TEST_F(StaticMembershipTest, AddsItsMembersToThoseBelowInAbsoluteOrder) {
  const auto heard = InterceptorBench::member(3, 4000);
  bench_->bottom().known = {heard, InterceptorBench::member(1, 4001)};
  EXPECT_EQ(bench_->stack().members(), (Members{heard, one_, two_}));
}

TEST_F(StaticMembershipTest, GivesThisNodeItsConfiguredId) {
  const MemberPtr local = bench_->stack().local_member();
  EXPECT_EQ(local->port, 4999) << "the receiver's";
  EXPECT_EQ(local->id[0], 9);
  EXPECT_EQ(local->domain, bytes("d1"));
  EXPECT_TRUE(local->local);
  EXPECT_EQ(local, bench_->stack().local_member()) << "made once";
}

TEST_F(StaticMembershipTest, TellsMembersOfItsStartAndItsEnd) {
  bench_->stack().started(level::kReceiver | level::kSender);
  EXPECT_TRUE(bench_->top().events.empty());
  bench_->run_posted();
  EXPECT_EQ(bench_->top().events, (Events{"+2", "+1"}));
  ASSERT_EQ(bench_->bottom().sent.size(), 2U);
  EXPECT_EQ(text_of(bench_->bottom().sent[0]), "Local StaticMember Notification Data");
  EXPECT_EQ(bench_->bottom().sent[0].options, 64);
  EXPECT_EQ(bench_->bottom().sent[0].address->id[0], 9);
  bench_->bottom().sends_at_once = true;
  bench_->stack().stopping(level::kReceiver | level::kSender);
  ASSERT_EQ(bench_->bottom().sent.size(), 3U);
  EXPECT_EQ(text_of(bench_->bottom().sent[2]), "Local StaticMember Shutdown Data");
  EXPECT_EQ(bench_->bottom().destinations[2].size(), 2U);
}

TEST_F(StaticMembershipTest, HearsOfTheStartAndTheEndOfMembers) {
  const auto receive = [this](std::string_view text, std::uint8_t id, int port) {
    auto message = InterceptorBench::message(0, bytes(text));
    message.address = InterceptorBench::member(id, port);
    EXPECT_TRUE(bench_->stack().from_bottom().receive(std::move(message)));
    bench_->run_posted();
  };
  receive("Local StaticMember Notification Data", 1, 4001);
  receive("Local StaticMember Notification Data", 5, 4001);
  EXPECT_EQ(bench_->top().events, Events{"+1"}) << "nobody knows number 5";
  receive("Local StaticMember Shutdown Data", 1, 4001);
  EXPECT_EQ(bench_->top().events, (Events{"+1", "-1"}));
  receive("Local StaticMember Shutdown Data!", 1, 4001);
  EXPECT_EQ(bench_->top().received.size(), 1U) << "only these texts are swallowed";
}

TEST_F(StaticMembershipTest, ALocalMemberAndMulticastExcludeEachOther) {
  EXPECT_TRUE(bench_->stack().start(level::kReceiver | level::kSender));
  const auto refused = bench_->stack().start(level::kAll);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("channelStartOptions=\"3\""), std::string::npos);
}

TEST_F(StaticMembershipTest, WarnsOfAPlaceWhereFailuresAreNotNoticed) {
  const LogCapture log;
  EXPECT_TRUE(bench_->stack().check_places());
  EXPECT_TRUE(log.contains("There is no TcpFailureDetector.")) << log.text();
  EXPECT_TRUE(log.contains("There is no TcpPingInterceptor.")) << log.text();
}

TEST(AbsoluteOrder, HostThenPortThenIdWithSignedBytes) {
  const auto made = [](Bytes host, int port, std::uint8_t id) {
    auto member = *InterceptorBench::member(id, port);
    member.host = std::move(host);
    return member;
  };
  const Member ordered[] = {made({200, 0, 0, 1}, 9, 9), made({10, 0, 0, 1}, 9, 9),
                            made({10, 0, 0, 2}, 8, 9),  made({10, 0, 0, 2}, 9, 0xF0),
                            made({10, 0, 0, 2}, 9, 1),  made(Bytes(16, 0), 1, 0)};
  for (std::size_t a = 0; a < std::size(ordered); ++a) {
    for (std::size_t b = 0; b < std::size(ordered); ++b) {
      EXPECT_EQ(in_absolute_order(ordered[a], ordered[b]), a < b) << a << ' ' << b;
    }
  }
}

TEST(StaticMemberElement, IsReadWithAllItsAttributes) {
  const NoTomcatNames names;
  Diagnostics diagnostics(names);
  const auto made = [&](const std::string& name, const std::string& text) {
    return tribes_registries().members.create(element_of(name, "membership.StaticMember " + text),
                                              diagnostics);
  };
  const auto member = made("Member",
                           "host={127,0,0,-1} port=4001 securePort=4002 udpPort=4003 domain=d1 "
                           "uniqueId={0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,-1}");
  ASSERT_TRUE(member) << member.error().message;
  EXPECT_EQ((*member)->host, (Bytes{127, 0, 0, 255}));
  EXPECT_EQ((*member)->port, 4001);
  EXPECT_EQ((*member)->secure_port, 4002);
  EXPECT_EQ((*member)->udp_port, 4003);
  EXPECT_EQ((*member)->domain, bytes("d1"));
  EXPECT_EQ((*member)->id[15], 255);
  EXPECT_TRUE((*member)->is_static);
  EXPECT_TRUE(diagnostics.entries().empty());
  EXPECT_EQ((*made("Member", "host=127.0.0.2 port=1"))->host, (Bytes{127, 0, 0, 2}));
  EXPECT_EQ((*made("Member", "host=::1 port=1"))->host.size(), 16U);
  EXPECT_TRUE(made("LocalMember", "port=1"));
  EXPECT_FALSE(made("Member", "port=1"));
  EXPECT_FALSE(made("Member", "host={1,2,3} port=1"));
  EXPECT_TRUE(made("Member", "host=127.0.0.1 uniqueId={1,2}"));
  EXPECT_NE(diagnostics.entries().back().text.find("exactly 16 bytes"), std::string::npos);
}

}  // namespace
}  // namespace serval::tribes
