#include "cluster/tribes/interceptors/tcp_failure_detector.h"

#include <gtest/gtest.h>

#include <set>

#include "cluster/tribes/transport/member_probe.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using Events = std::vector<std::string>;

/// A detector whose probes say what the test has in `dead`.
class TcpFailureDetectorTest : public ::testing::Test {
 protected:
  TcpFailureDetectorTest()
      : bench_(std::make_unique<TcpFailureDetector>(TcpFailureDetector::Options(),
                                                    [this](const Members& members) {
                                                      std::vector<bool> alive;
                                                      for (const auto& m : members) {
                                                        ++probes_;
                                                        alive.push_back(!dead_.contains(m->id[0]));
                                                      }
                                                      return alive;
                                                    })) {}
  void added(const MemberPtr& m) {
    bench_.bottom().known.push_back(m);
    bench_.stack().from_bottom().member_added(m);
  }
  void disappeared(const MemberPtr& m) {
    std::erase_if(bench_.bottom().known, [&](const auto& k) { return *k == *m; });
    bench_.stack().from_bottom().member_disappeared(m);
  }
  void send_failed(const MemberPtr& m, bool remote_process = false) {
    bench_.stack().from_bottom().send_failed({m, "refused", remote_process});
  }
  void heartbeat() { bench_.stack().from_top().heartbeat(); }
  Events events() { return std::exchange(bench_.top().events, {}); }
  static MemberPtr leaving(const MemberPtr& m) {
    auto goodbye = std::make_shared<Member>(*m);
    goodbye->command.assign(kShutdownCommand.begin(), kShutdownCommand.end());
    return goodbye;
  }

  std::set<int> dead_;
  int probes_ = 0;
  InterceptorBench bench_;
  const MemberPtr one_ = InterceptorBench::member(1, 4001);
  const MemberPtr two_ = InterceptorBench::member(2, 4002);
};

TEST_F(TcpFailureDetectorTest, ReportsAMemberThatAnswers) {
  added(one_);
  EXPECT_EQ(events(), Events{"+1"});
  EXPECT_EQ(bench_.stack().members(), Members{one_});
  added(one_);
  EXPECT_EQ(events(), Events()) << "it is known";
}

TEST_F(TcpFailureDetectorTest, KeepsAMemberBackUntilItAnswers) {
  dead_ = {1};
  added(one_);
  EXPECT_EQ(events(), Events());
  heartbeat();
  EXPECT_EQ(events(), Events());
  dead_.clear();
  heartbeat();
  EXPECT_EQ(events(), Events{"+1"});
  EXPECT_EQ(bench_.bottom().heartbeats, 2);
}

TEST_F(TcpFailureDetectorTest, DropsASilentMemberOnlyIfItDoesNotAnswer) {
  added(one_);
  added(two_);
  dead_ = {1};
  disappeared(one_);
  disappeared(two_);
  EXPECT_EQ(events(), (Events{"+1", "+2", "-1"}));
  EXPECT_EQ(bench_.stack().members(), Members{two_});
}

TEST_F(TcpFailureDetectorTest, BelievesAGoodbyeUnasked) {
  added(one_);
  probes_ = 0;
  disappeared(leaving(one_));
  EXPECT_EQ(events(), (Events{"+1", "-1"}));
  disappeared(leaving(one_));
  EXPECT_EQ(events(), Events()) << "reported once";
  EXPECT_EQ(probes_, 0);
}

TEST_F(TcpFailureDetectorTest, ASuspectThatStopsAnsweringIsGone) {
  added(one_);
  disappeared(one_);
  heartbeat();
  EXPECT_EQ(events(), Events{"+1"});
  dead_ = {1};
  heartbeat();
  EXPECT_EQ(events(), Events{"-1"});
}

TEST_F(TcpFailureDetectorTest, ASuspectThatIsHeardAgainIsNoNews) {
  added(one_);
  disappeared(one_);
  added(one_);
  EXPECT_EQ(events(), Events{"+1"});
  dead_ = {1};
  heartbeat();
  EXPECT_EQ(events(), Events()) << "no suspect any more";
}

TEST_F(TcpFailureDetectorTest, ASuspectIsForgottenAfterItsTime) {
  added(one_);
  disappeared(one_);
  bench_.time.advance(std::chrono::seconds(301));
  heartbeat();
  dead_ = {1};
  heartbeat();
  EXPECT_EQ(events(), Events{"+1"});
}

TEST_F(TcpFailureDetectorTest, AFailedSendIsVerifiedOnce) {
  added(one_);
  dead_ = {1};
  probes_ = 0;
  for (int i = 0; i < 1000; ++i) send_failed(one_);
  EXPECT_EQ(events(), Events{"+1"}) << "not on the sender's thread";
  bench_.run_posted();
  EXPECT_EQ(events(), Events{"-1"});
  EXPECT_EQ(probes_, 1);
}

TEST_F(TcpFailureDetectorTest, AFailedHandlerIsNoReasonToDropTheMember) {
  added(one_);
  dead_ = {1};
  send_failed(one_, true);
  bench_.run_posted();
  EXPECT_EQ(events(), Events{"+1"});
}

TEST_F(TcpFailureDetectorTest, ARestartedMemberRetiresItsOldId) {
  const auto old = InterceptorBench::member(1, 4001, 90000);
  added(old);
  disappeared(old);  // its new process answers on the same port, so it becomes a suspect
  EXPECT_EQ(events(), Events{"+1"});
  const auto fresh = InterceptorBench::member(3, 4001, 100);
  added(fresh);
  EXPECT_EQ(events(), (Events{"-1", "+3"}));
  EXPECT_EQ(bench_.stack().members(), Members{fresh});
}

TEST_F(TcpFailureDetectorTest, ALateWordOfTheOldSelfIsNotBelieved) {
  const auto old = InterceptorBench::member(1, 4001, 90000);
  const auto fresh = InterceptorBench::member(3, 4001, 100);
  added(fresh);
  added(old);  // the new process would answer for it, for ever
  bench_.bottom().known = {old, fresh};
  bench_.stack().from_top().heartbeat();
  bench_.stack().from_top().check_members();
  EXPECT_EQ(events(), Events{"+3"});
}

TEST_F(TcpFailureDetectorTest, WhoWasSeenToGoDoesNotReplaceItsSuccessor) {
  const auto old_self = InterceptorBench::member(1, 4001),
             new_self = InterceptorBench::member(3, 4001);
  added(old_self);
  dead_ = {1};
  disappeared(old_self);
  dead_.clear();  // a probe cannot tell one process from the next on its port
  bench_.time.advance(std::chrono::seconds(10));
  added(new_self);
  EXPECT_EQ(events(), (Events{"+1", "-1", "+3"}));
  bench_.time.advance(std::chrono::seconds(10));
  added(old_self);  // another member has kept its record, as young as it was
  EXPECT_EQ(events(), Events());
}

TEST_F(TcpFailureDetectorTest, AMemberOfUnknownAgeReplacesNobodyAndIsReplaced) {
  const auto old_self = std::make_shared<Member>(*one_);
  old_self->id[0] = 9;
  old_self->alive_ms = kUnknownAge;
  const auto other = std::make_shared<Member>(*old_self);
  other->id[0] = 8;
  added(old_self);
  disappeared(old_self);  // its port answers, the next process has it
  added(other);
  EXPECT_EQ(events(), Events{"+9"});
  added(one_);
  EXPECT_EQ(events(), (Events{"-9", "+1"}));
  disappeared(one_);  // the network was cut
  added(other);
  EXPECT_EQ(events(), Events());
}

TEST_F(TcpFailureDetectorTest, ListsTheLongestAliveFirst) {
  const auto young = InterceptorBench::member(1, 4001, 1000);
  added(young);
  bench_.time.advance(std::chrono::minutes(5));
  const auto old = InterceptorBench::member(2, 4002, 3600000);
  const auto newest = InterceptorBench::member(3, 4003, 50000);
  added(newest);
  added(old);
  EXPECT_EQ(bench_.stack().members(), (Members{old, young, newest}));
}

TEST_F(TcpFailureDetectorTest, SwallowsProbes) {
  const Bytes probe(probe_content().begin(), probe_content().end());
  EXPECT_EQ(serval::testing::to_hex(probe),
            serval::testing::to_hex(
                serval::testing::vector_of("both/tcpfailuredetector-testdata").bytes));
  EXPECT_TRUE(bench_.stack().from_bottom().receive(InterceptorBench::message(1, probe)));
  EXPECT_TRUE(bench_.top().received.empty());
  EXPECT_TRUE(bench_.stack().from_bottom().receive(InterceptorBench::message(1)));
  EXPECT_EQ(bench_.top().received.size(), 1U);
}

}  // namespace
}  // namespace serval::tribes
