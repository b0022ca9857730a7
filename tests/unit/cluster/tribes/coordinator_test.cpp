// Both coordinators alone, between a fake channel and a fake network. Whole groups of them: see
// tests/scenario/group.
#include <gtest/gtest.h>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/interceptors/non_blocking_coordinator.h"
#include "cluster/tribes/interceptors/simple_coordinator.h"
#include "cluster/tribes/serval_peer.h"
#include "tests/support/element_channel.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/log_capture.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::test::LogCapture;
using Type = CoordinationMessage::Type;
using Event = CoordinationEvent::Type;

std::vector<int> ports(const Members& members) {
  std::vector<int> all;
  for (const MemberPtr& member : members) all.push_back(member->port);
  return all;
}

/// The local node is at port 4005.
class ElectionTest : public ::testing::Test {
 protected:
  ElectionTest() {
    auto made = std::make_unique<NonBlockingCoordinator>(
        NonBlockingCoordinator::Options(), [this](const Members& asked) {
          std::vector<bool> alive;
          for (const MemberPtr& one : asked) {
            probed_.push_back(one->port);
            alive.push_back(std::ranges::count(dead_, one->port) == 0);
          }
          return alive;
        });
    coordinator_ = made.get();
    coordinator_->set_listener([this](const CoordinationEvent& e) { events_.push_back(e.type); });
    bench_ = std::make_unique<InterceptorBench>(std::move(made));
    bench_->bottom().local = local_;
    EXPECT_TRUE(bench_->stack().start(level::kAll));
    bench_->run_posted();
  }
  void run() {
    bench_->stack().started(level::kAll);
    bench_->run_posted();
  }
  void add(const MemberPtr& member) {
    bench_->bottom().known.push_back(member);
    bench_->stack().from_bottom().member_added(member);
    bench_->run_posted();
  }
  void lose(const MemberPtr& member) {
    std::erase(bench_->bottom().known, member);
    bench_->stack().from_bottom().member_disappeared(member);
    bench_->run_posted();
  }
  void beat() {
    bench_->stack().from_top().heartbeat();
    bench_->run_posted();
  }
  void receive(const CoordinationMessage& message) { receive(encode_coordination_message(message)); }
  void receive(Bytes content) {
    auto message = InterceptorBench::message(2, std::move(content));
    EXPECT_TRUE(bench_->stack().from_bottom().receive(std::move(message)));
    bench_->run_posted();
  }
  std::size_t sent_count() { return bench_->bottom().sent.size(); }
  CoordinationMessage sent(std::size_t i) {
    auto read = decode_coordination_message(*bench_->bottom().sent.at(i).content);
    EXPECT_TRUE(read);
    return *read;
  }
  CoordinationMessage last() { return sent(sent_count() - 1); }
  std::vector<int> last_to() { return ports(bench_->bottom().destinations.back()); }
  void fail(std::size_t i) {
    SendReport report;
    for (const MemberPtr& to : bench_->bottom().destinations.at(i)) {
      report.faulty.push_back({to, "unreachable"});
    }
    bench_->bottom().sent.at(i).done(report);
    bench_->run_posted();
  }
  /// The local node's token comes back, as it was sent or with other members.
  void token_comes_back(std::optional<Members> members = {}) {
    CoordinationMessage token = last();
    if (members) token.members = *members;
    receive(token);
  }
  std::size_t count(Event type) const {
    return static_cast<std::size_t>(std::ranges::count(events_, type));
  }

  const MemberPtr local_ = InterceptorBench::member(5, 4005);
  const MemberPtr m1_ = InterceptorBench::member(1, 4001), m6_ = InterceptorBench::member(6, 4006),
                  m7_ = InterceptorBench::member(7, 4007), m8_ = InterceptorBench::member(8, 4008);
  std::vector<int> dead_, probed_;
  std::vector<Event> events_;
  NonBlockingCoordinator* coordinator_ = nullptr;
  std::unique_ptr<InterceptorBench> bench_;
};

TEST_F(ElectionTest, AloneItIsTheCoordinator) {
  EXPECT_FALSE(coordinator_->coordinator());
  run();
  EXPECT_EQ(ports(coordinator_->view()), std::vector{4005});
  EXPECT_TRUE(coordinator_->is_coordinator());
  EXPECT_TRUE(coordinator_->view_id());
  EXPECT_EQ(sent_count(), 0U);
  bench_->stack().stop(level::kAll);
  EXPECT_FALSE(coordinator_->view_id());
  EXPECT_TRUE(coordinator_->view().empty());
}

TEST_F(ElectionTest, TheFirstSendsATokenRoundAndConfirmsIt) {
  add(m7_);
  add(m6_);
  EXPECT_EQ(bench_->top().events, (std::vector<std::string>{"+7", "+6"}));
  EXPECT_EQ(ports(bench_->stack().members()), (std::vector{4006, 4007})) << "in absolute order";
  EXPECT_EQ(sent_count(), 0U) << "not before the channel runs";
  run();
  ASSERT_EQ(sent_count(), 1U);
  EXPECT_EQ(last_to(), std::vector{4006});
  EXPECT_EQ(bench_->bottom().sent[0].options, option::kUseAck);
  const CoordinationMessage token = last();
  EXPECT_EQ(token.type, Type::kRequest);
  EXPECT_EQ(*token.leader, *local_);
  EXPECT_EQ(*token.source, *local_);
  EXPECT_EQ(ports(token.members), (std::vector{4005, 4006, 4007}));
  token_comes_back();
  ASSERT_EQ(sent_count(), 2U);
  EXPECT_EQ(last().type, Type::kConfirmation);
  EXPECT_EQ(last_to(), (std::vector{4006, 4007}));
  EXPECT_EQ(coordinator_->view_id(), token.id);
  EXPECT_EQ(ports(coordinator_->view()), (std::vector{4005, 4006, 4007}));
  EXPECT_TRUE(coordinator_->is_coordinator());
  EXPECT_EQ(count(Event::kConfirmed), 1U);
  EXPECT_EQ(count(Event::kElectionProcessed), 1U);
  receive(token);
  EXPECT_EQ(sent_count(), 2U) << "a token that comes twice changes nothing";
}

TEST_F(ElectionTest, SomebodyElseWaitsForTheTokenAndPassesItOn) {
  add(m1_);
  add(m7_);
  run();
  EXPECT_EQ(sent_count(), 0U);
  EXPECT_EQ(count(Event::kWaiting), 1U);
  CoordinationMessage token{m1_, m1_, {m1_, local_}, random_id(), Type::kRequest};
  receive(token);
  EXPECT_EQ(count(Event::kElectionAbandoned), 1U) << "the waiting is over";
  ASSERT_EQ(sent_count(), 1U);
  EXPECT_EQ(last_to(), std::vector{4007}) << "it knows one more";
  EXPECT_EQ(*last().source, *m1_);
  EXPECT_EQ(ports(last().members), (std::vector{4001, 4005, 4007}));
  token.type = Type::kConfirmation;
  token.members = {m1_, local_, m7_};
  receive(token);
  EXPECT_EQ(*coordinator_->coordinator(), *m1_);
  EXPECT_FALSE(coordinator_->is_coordinator());
  EXPECT_EQ(coordinator_->view_id(), token.id);
}

TEST_F(ElectionTest, TomcatsWaitingEndsAfter15Seconds) {
  add(m1_);
  run();
  beat();
  bench_->time.advance(std::chrono::milliseconds(15'001));
  beat();
  EXPECT_EQ(count(Event::kElectionAbandoned), 1U);
}

TEST_F(ElectionTest, MembersOfAMessageAreProbedAndBecomeMembers) {
  run();
  dead_ = {4008};
  receive({m1_, m1_, {m1_, local_, m7_, m8_}, random_id(), Type::kRequest});
  EXPECT_EQ(probed_, (std::vector{4001, 4007, 4008}));
  EXPECT_EQ(ports(bench_->stack().members()), (std::vector{4001, 4007}));
  EXPECT_EQ(bench_->top().events, (std::vector<std::string>{"+1", "+7"}));
  EXPECT_EQ(last_to(), std::vector{4007});
  EXPECT_EQ(ports(last().members), (std::vector{4001, 4005, 4007, 4008}))
      << "only who started the token takes members out";
  // The membership never heard of 4007. It is looked at with the heartbeat.
  dead_ = {4007, 4008};
  add(m1_);
  beat();
  EXPECT_EQ(ports(bench_->stack().members()), std::vector{4001});
  EXPECT_EQ(bench_->top().events.back(), "-7");
}

TEST_F(ElectionTest, AnotherSelfOfAMemberIsNotBelieved) {
  add(m7_);
  run();
  const MemberPtr ghost = InterceptorBench::member(77, 4007);
  token_comes_back(Members{local_, m7_, ghost});
  EXPECT_TRUE(probed_.empty()) << "the one that lives would answer for it";
  EXPECT_EQ(ports(coordinator_->members({bench_->stack(), 1})), std::vector{4007});
  EXPECT_EQ(last().type, Type::kRequest) << "once more, without the ghost";
  EXPECT_EQ(ports(last().members), (std::vector{4005, 4007}));
}

TEST_F(ElectionTest, WhatTheMembershipKnowsReplacesWhatWasLearned) {
  run();
  const MemberPtr old = InterceptorBench::member(77, 4007);
  receive({m1_, m1_, {m1_, local_, old}, random_id(), Type::kRequest});
  add(m7_);
  EXPECT_EQ(bench_->top().events, (std::vector<std::string>{"+1", "+77", "-77", "+7"}));
}

TEST_F(ElectionTest, WhoWasLearnedFromAMessageIsNotTakenForAYoungOne) {
  run();
  receive({m6_, m6_, {m6_}, random_id(), Type::kRequest});
  ASSERT_EQ(ports(bench_->stack().members()), std::vector{4006});
  EXPECT_GT(bench_->stack().members()[0]->alive_ms, m6_->alive_ms)
      << "it would replace who came after it";
  add(m6_);
  EXPECT_EQ(bench_->stack().members()[0]->alive_ms, m6_->alive_ms) << "the membership knows";
}

TEST_F(ElectionTest, ATokenGoesRoundAgainUntilNobodyAddsAnything) {
  add(m7_);
  run();
  add(m8_);
  EXPECT_EQ(sent_count(), 1U) << "one election at a time";
  token_comes_back();
  EXPECT_EQ(last().type, Type::kRequest);
  EXPECT_EQ(ports(last().members), (std::vector{4005, 4007, 4008}));
  token_comes_back();
  EXPECT_EQ(last().type, Type::kConfirmation);
}

TEST_F(ElectionTest, NodesThatDoNotAgreeGetTheStartersWord) {
  add(m7_);
  run();
  dead_ = {4008};
  for (int round = 1; round < Election::kMaxRounds; ++round) {
    token_comes_back(Members{local_, m7_, m8_});
    ASSERT_EQ(last().type, Type::kRequest) << round;
  }
  token_comes_back(Members{local_, m7_, m8_});
  EXPECT_EQ(last().type, Type::kConfirmation);
  EXPECT_EQ(ports(coordinator_->view()), (std::vector{4005, 4007}));
}

TEST_F(ElectionTest, AMemberThatCannotBeReachedIsLeftOut) {
  add(m6_);
  add(m7_);
  run();
  ASSERT_EQ(last_to(), std::vector{4006});
  fail(0);
  EXPECT_EQ(last_to(), std::vector{4007});
  fail(1);
  EXPECT_EQ(sent_count(), 2U);
  EXPECT_TRUE(coordinator_->is_quiet()) << "the election is over";
  beat();
  EXPECT_EQ(sent_count(), 3U) << "and starts anew with the heartbeat";
}

TEST_F(ElectionTest, ALostTokenDoesNotStopElectionsForEver) {
  add(m7_);
  run();
  const UniqueId lost = last().id;
  beat();
  EXPECT_EQ(sent_count(), 1U) << "it is under way";
  bench_->time.advance(Election::kPatience + std::chrono::milliseconds(1));
  beat();
  ASSERT_EQ(sent_count(), 2U);
  EXPECT_NE(last().id, lost);
}

TEST_F(ElectionTest, AMemberThatGoesStartsTheElectionAnew) {
  add(m6_);
  add(m7_);
  run();
  lose(m6_);
  EXPECT_EQ(last_to(), std::vector{4007});
  EXPECT_EQ(ports(last().members), (std::vector{4005, 4007}));
  lose(m7_);
  EXPECT_EQ(ports(coordinator_->view()), std::vector{4005});
}

TEST_F(ElectionTest, ATokenThatWentToADeadMemberIsSentPastIt) {
  add(m1_);
  add(m6_);
  add(m7_);
  run();
  receive({m1_, m1_, {m1_, local_, m6_, m7_}, random_id(), Type::kRequest});
  ASSERT_EQ(last_to(), std::vector{4006});
  lose(m6_);
  EXPECT_EQ(last_to(), std::vector{4007});
  EXPECT_EQ(*last().source, *m1_);
}

TEST_F(ElectionTest, ATokenThatIsRepeatedDoesNotMultiply) {
  add(m1_);
  add(m7_);
  run();
  const CoordinationMessage token{m1_, m1_, {m1_, local_, m7_}, random_id(), Type::kRequest};
  for (int i = 0; i < 100; ++i) receive(token);
  EXPECT_EQ(sent_count(), static_cast<std::size_t>(Election::kMaxPasses));
}

TEST_F(ElectionTest, WhoTakesThisNodeForATomcatGetsTheView) {
  add(m7_);
  run();
  token_comes_back();
  receive({m7_, local_, {local_, m7_}, random_id(), Type::kRequest});
  EXPECT_EQ(last_to(), std::vector{4007});
  EXPECT_EQ(last().type, Type::kConfirmation);
  EXPECT_EQ(last().id, coordinator_->view_id());
}

TEST_F(ElectionTest, ALateConfirmationDoesNotUndoANewerOne) {
  add(m1_);
  add(m7_);
  run();
  CoordinationMessage first{m1_, m1_, {m1_, local_}, random_id(), Type::kRequest};
  CoordinationMessage second{m1_, m1_, {m1_, local_, m7_}, random_id(), Type::kRequest};
  receive(first);
  receive(second);
  second.type = first.type = Type::kConfirmation;
  receive(second);
  receive(first);
  EXPECT_EQ(coordinator_->view_id(), second.id);
  EXPECT_EQ(ports(coordinator_->view()), (std::vector{4001, 4005, 4007}));
}

TEST_F(ElectionTest, AConfirmationThatDidNotArriveIsSentAgain) {
  add(m6_);
  add(m7_);
  run();
  token_comes_back();
  ASSERT_EQ(last_to(), (std::vector{4006, 4007}));
  bench_->bottom().sent.back().done(SendReport{{{m7_, "lost"}}});
  bench_->run_posted();
  const UniqueId id = last().id;
  beat();
  EXPECT_EQ(last_to(), std::vector{4007});
  EXPECT_EQ(last().id, id);
  EXPECT_EQ(last().type, Type::kConfirmation);
}

// A Tomcat that has started an election never starts another one before it has seen its own token
// with another leader, or its confirmation.
TEST_F(ElectionTest, ATomcatsTokenThatEndsHereGoesBackToItOnce) {
  add(m7_);
  run();
  token_comes_back();
  const std::size_t before = sent_count();
  const CoordinationMessage token{local_, m7_, {local_, m7_}, random_id(), Type::kRequest};
  receive(token);
  ASSERT_EQ(sent_count(), before + 1);
  EXPECT_EQ(last_to(), std::vector{4007});
  EXPECT_EQ(last().id, token.id);
  EXPECT_EQ(*last().leader, *local_);
  receive(token);
  EXPECT_EQ(sent_count(), before + 1);
}

TEST_F(ElectionTest, AServalMemberHearsOfTheViewAndAsksForIt) {
  auto serval = std::make_shared<Member>(*m7_);
  serval->payload = ServalPayload().bytes();
  add(serval);
  add(m6_);
  run();
  token_comes_back();
  beat();
  EXPECT_EQ(last_to(), std::vector{4007}) << "not the Tomcat";
  EXPECT_EQ(decode_coordinator_alive(*bench_->bottom().sent.back().content).value(),
            coordinator_->view_id());
  receive({local_, serval, {local_, m6_, serval}, random_id(), Type::kRequest});
  EXPECT_EQ(last_to(), std::vector{4007});
  EXPECT_EQ(last().type, Type::kConfirmation);
  EXPECT_EQ(last().id, coordinator_->view_id());
}

TEST_F(ElectionTest, AWrongViewIsAskedFor) {
  auto first = std::make_shared<Member>(*m1_);
  first->payload = ServalPayload().bytes();
  add(first);
  run();
  auto alive = InterceptorBench::message(2, encode_coordinator_alive(random_id()));
  alive.address = m1_;
  EXPECT_TRUE(bench_->stack().from_bottom().receive(std::move(alive)));
  bench_->run_posted();
  ASSERT_EQ(sent_count(), 1U);
  EXPECT_EQ(last_to(), std::vector{4001});
  EXPECT_EQ(last().type, Type::kRequest);
  EXPECT_EQ(*last().leader, *m1_);
}

// It would wait for ever for a token that it has already had.
TEST_F(ElectionTest, ATomcatWhoseViewIsWrongIsWoken) {
  add(m1_);
  add(m6_);
  run();
  receive({m1_, m1_, {m1_, local_, m6_}, random_id(), Type::kConfirmation});
  lose(m6_);
  const std::size_t before = sent_count();
  beat();
  EXPECT_EQ(sent_count(), before);
  beat();
  ASSERT_EQ(sent_count(), before + 1);
  EXPECT_EQ(last_to(), std::vector{4001});
  EXPECT_EQ(*last().source, *m1_);
  EXPECT_EQ(*last().leader, *local_);
  EXPECT_EQ(ports(last().members), (std::vector{4001, 4005}));
}

TEST_F(ElectionTest, OnlyMessagesOfElectionsEndHere) {
  run();
  receive(Bytes{1, 2, 3});
  EXPECT_EQ(bench_->top().received.size(), 1U);
  receive(serval::testing::vector_of("both/coordinator-const-coord-alive").bytes);
  EXPECT_EQ(bench_->top().received.size(), 1U);
  const LogCapture log;
  Bytes broken = encode_coordination_message({m1_, m1_, {m1_}, random_id(), Type::kRequest});
  broken.resize(100);
  receive(broken);
  EXPECT_EQ(bench_->top().received.size(), 1U);
  EXPECT_TRUE(log.contains("Error processing coordination message")) << log.text();
}

TEST_F(ElectionTest, TellsThatOthersCompareAddressesInAnotherWay) {
  run();
  auto far = std::make_shared<Member>(*m1_);
  far->host = {127, 0, 0, 200};
  dead_ = {4001};
  const LogCapture log;
  receive({local_, m7_, {local_, m7_, far}, random_id(), Type::kRequest});
  receive({local_, m7_, {local_, m7_, far}, random_id(), Type::kRequest});
  EXPECT_EQ(log.count("Set memberOrder=\"unsigned\""), 1U) << log.text();
}

TEST_F(ElectionTest, EventsAreTomcats) {
  std::string text, type;
  coordinator_->set_listener([&](const CoordinationEvent& event) {
    if (event.type != Event::kConfirmed) return;
    text = event.text();
    type = event.type_text();
  });
  run();
  EXPECT_EQ(type, "EVT_CONF_RX:Accepted View");
  EXPECT_EQ(text,
            "CoordinationEvent[type=12\n\tLocal: tcp://{127, 0, 0, 1}:4005\n\t"
            "Coord: tcp://{127, 0, 0, 1}:4005\n\tView: tcp://{127, 0, 0, 1}:4005\n\t"
            "Suggested View: \n\tMembers: \n\tInfo: Accepted View\n]");
}

class SimpleCoordinatorTest : public ::testing::Test {
 protected:
  SimpleCoordinatorTest() {
    auto made = std::make_unique<SimpleCoordinator>(SimpleCoordinator::Options());
    coordinator_ = made.get();
    coordinator_->set_listener([this](const Members& view) { views_.push_back(ports(view)); });
    bench_ = std::make_unique<InterceptorBench>(std::move(made));
    EXPECT_TRUE(bench_->stack().start(level::kAll));
    bench_->run_posted();
    bench_->stack().started(level::kAll);
  }
  void look(int times) {
    for (int i = 0; i < times; ++i) bench_->repeated.at(0).second();
  }
  void add(const MemberPtr& member) {
    bench_->bottom().known.push_back(member);
    bench_->stack().from_bottom().member_added(member);
  }
  SimpleCoordinator* coordinator_ = nullptr;
  std::vector<std::vector<int>> views_;
  std::unique_ptr<InterceptorBench> bench_;
};

TEST_F(SimpleCoordinatorTest, TakesTheViewWhenNothingHasChangedForTenLooks) {
  ASSERT_EQ(bench_->repeated.size(), 1U);
  EXPECT_EQ(bench_->repeated[0].first, std::chrono::milliseconds(250));
  look(9);
  EXPECT_FALSE(coordinator_->coordinator());
  add(InterceptorBench::member(7, 5007));
  look(9);
  EXPECT_TRUE(views_.empty());
  look(1);
  EXPECT_EQ(views_, (std::vector<std::vector<int>>{{4999, 5007}}));
  EXPECT_TRUE(coordinator_->is_coordinator());
  look(100);
  EXPECT_EQ(views_.size(), 1U);
}

TEST_F(SimpleCoordinatorTest, TheFirstInAbsoluteOrderCoordinates) {
  add(InterceptorBench::member(1, 4001, 5));
  add(InterceptorBench::member(2, 4002, 900));
  look(10);
  EXPECT_EQ(coordinator_->coordinator()->port, 4001);
  EXPECT_FALSE(coordinator_->is_coordinator());
  const MemberPtr first = bench_->bottom().known.front();
  bench_->bottom().known.erase(bench_->bottom().known.begin());
  bench_->stack().from_bottom().member_disappeared(first);
  EXPECT_EQ(coordinator_->coordinator()->port, 4001) << "not before it is sure";
  look(10);
  EXPECT_EQ(coordinator_->coordinator()->port, 4002);
  EXPECT_EQ(bench_->top().events, (std::vector<std::string>{"+1", "+2", "-1"}));
  bench_->stack().stop(level::kAll);
  EXPECT_TRUE(coordinator_->view().empty());
}

TEST_F(SimpleCoordinatorTest, AChangeThatIsUndoneIsNoNewView) {
  look(10);
  const auto member = InterceptorBench::member(1, 4001);
  bench_->stack().from_bottom().member_added(member);
  look(3);
  bench_->stack().from_bottom().member_disappeared(member);
  look(20);
  EXPECT_EQ(views_.size(), 1U);
}

// What a stack may look like.
std::string refusal(const std::vector<std::string>& interceptors) {
  std::string problems;
  const auto channel = channel_of(1, interceptors, problems);
  EXPECT_TRUE(channel) << problems;
  if (!channel) return problems;
  const auto started = channel->start(level::kReceiver);
  return started ? "" : started.error().message;
}

TEST(CoordinatorPlace, TwiceInAChannelIsRefused) {
  EXPECT_NE(refusal({"NonBlockingCoordinator", "TcpFailureDetector", "NonBlockingCoordinator"})
                .find("stands twice"),
            std::string::npos);
}

TEST(CoordinatorPlace, ALocalMemberOfStaticMembershipIsRefused) {
  const std::string fixed =
      "StaticMembershipInterceptor local=4001:{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16}";
  for (const auto& stack : {std::vector<std::string>{"NonBlockingCoordinator", fixed},
                            {fixed, "NonBlockingCoordinator"}}) {
    EXPECT_NE(refusal(stack).find("cannot be in a channel with NonBlockingCoordinator"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace serval::tribes
