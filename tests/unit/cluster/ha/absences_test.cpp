// What a DeltaManager tells a member that was out of reach.
#include "cluster/ha/session/absences.h"

#include <gtest/gtest.h>

#include "cluster/ha/session/delta_manager.h"
#include "tests/support/log_capture.h"
#include "tests/unit/cluster/ha/test_node.h"

namespace serval::ha::test {
namespace {

using serval::test::LogCapture;
using std::chrono_literals::operator""s;
using EventType = SessionMessage::EventType;
using Texts = std::vector<std::string>;

class AbsencesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (TestNode* node : {&a, &b}) {
      node->channel->peer_profile.serval = true;
      node->start();
    }
    a_clock.advance(60s);  // both go on at the same pace
  }
  void wait(std::chrono::seconds time) {
    a_clock.advance(time);
    b_clock.advance(time);
  }
  void cut() {
    network.lose([](const auto&) { return true; });
    a.manager->member_disappeared(b.channel->local_member());
    b.manager->member_disappeared(a.channel->local_member());
    wait(5s);
  }
  /// And waits until both have told what there is to tell.
  void heal() {
    network.lose([](const auto&) { return false; });
    const std::size_t before = log.count("is back and has been told");
    a.manager->member_added(b.channel->local_member());
    b.manager->member_added(a.channel->local_member());
    EXPECT_TRUE(eventually([&] { return log.count("is back and has been told") == before + 2; }))
        << log.text();
  }
  static std::string create(TestNode& node, const char* value) {
    const auto session = node.create();
    node.request(session, [&](auto& s) { s.set_attribute("x", value); });
    return session->id();
  }
  static void use(TestNode& node, const std::string& id, const char* value) {
    node.request(node.find(id), [&](auto& s) { s.set_attribute("x", value); });
  }
  static std::string value(TestNode& node, const std::string& id) {
    const auto session = node.find(id);
    return session ? text_of(session->attribute("x")) : "nowhere";
  }
  ManualClock a_clock, b_clock;
  FakeNetwork network;
  LogCapture log;
  TestNode a{network, 4000, a_clock, {}}, b{network, 4001, b_clock, {}};
};

TEST_F(AbsencesTest, WhatEachSideUsedDuringACutIsOnTheOtherAfterIt) {
  const auto of_a = create(a, "old"), of_b = create(b, "old");
  const auto before = a.manager->sent(EventType::kAllSessionData);
  cut();
  use(a, of_a, "new");
  use(b, of_b, "new");
  const auto made = create(a, "made");
  b.owner->take();
  heal();
  EXPECT_EQ(value(b, of_a), "new");
  EXPECT_EQ(value(a, of_b), "new");
  EXPECT_EQ(value(b, made), "made");
  EXPECT_TRUE(a.find(of_a)->is_primary());
  EXPECT_FALSE(b.find(of_a)->is_primary());
  EXPECT_EQ(b.owner->take(), Texts{"created " + made});
  // Each once; what nobody used is not told.
  EXPECT_EQ(a.manager->sent(EventType::kAllSessionData), before + 2);
  wait(20s);
  cut();
  heal();
  EXPECT_EQ(a.manager->sent(EventType::kAllSessionData), before + 2);
}

TEST_F(AbsencesTest, TheLaterUseCountsWhateverTheClocksSay) {
  const auto first_a = create(a, "old"), first_b = create(b, "old");
  cut();
  use(a, first_a, "of a");
  use(b, first_b, "of b");
  wait(2s);
  use(b, first_a, "later");
  use(a, first_b, "later");
  wait(1s);
  heal();
  for (TestNode* node : {&a, &b}) {
    EXPECT_EQ(value(*node, first_a), "later");
    EXPECT_EQ(value(*node, first_b), "later");
  }
}

TEST_F(AbsencesTest, WhatEndedOnOneSideEndsOnTheOther) {
  const auto ended = create(a, "x"), idle = create(a, "x");
  cut();
  a.find(ended)->expire(true);
  use(b, idle, "in use");
  wait(1801s);
  use(b, idle, "in use");
  EXPECT_FALSE(a.find(idle)->is_valid());  // over its time here
  heal();
  EXPECT_EQ(value(b, ended), "nowhere");
  EXPECT_EQ(value(a, idle), "in use");
  EXPECT_EQ(value(b, idle), "in use");
}

TEST_F(AbsencesTest, WhatHasAnotherIdOnOneSideHasItOnTheOther) {
  const auto id = create(a, "old");
  cut();
  a.manager->change_session_id(a.find(id), "renamed");
  use(a, "renamed", "new");
  heal();
  EXPECT_EQ(value(b, "renamed"), "new");
  EXPECT_EQ(b.manager->active_sessions(), 1u);
}

TEST_F(AbsencesTest, WhatDidNotArriveIsToldAfterTheNextCut) {
  const auto id = create(a, "old");
  const auto before = a.manager->sent(EventType::kAllSessionData);
  cut();
  use(a, id, "new");
  a.manager->member_added(b.channel->local_member());  // for a moment
  ASSERT_TRUE(eventually([&] { return a.manager->sent(EventType::kAllSessionData) > before; }));
  cut();
  heal();
  EXPECT_EQ(value(b, id), "new");
}

TEST_F(AbsencesTest, ATomcatIsToldNothing) {
  for (TestNode* node : {&a, &b}) node->channel->peer_profile.serval = false;
  const auto id = create(a, "old");
  cut();
  use(a, id, "new");
  network.lose([](const auto&) { return false; });
  network.forget_sent();
  a.manager->member_added(b.channel->local_member());
  a.manager->stop();  // with what it was about to do
  EXPECT_TRUE(network.sent().empty());
}

TEST(Absences, ForgetsMembersThatDoNotComeBackAndWhatEndedBeforeTheOthersWereLost) {
  ManualClock clock;
  Absences absences(clock);
  tribes::Member gone, back;
  gone.id[0] = 1;
  back.id[0] = 2;
  SessionMessage message;
  message.session_id = "long before";
  absences.keep(message);
  clock.advance(20s);
  absences.lost(gone);
  message.session_id = "meanwhile";
  absences.keep(message);
  absences.drop_old();
  ASSERT_EQ(absences.kept_since(0).size(), 1u);
  EXPECT_EQ(absences.kept_since(0).front().session_id, "meanwhile");
  clock.advance(3000s);
  absences.lost(back);
  clock.advance(700s);
  absences.drop_old();
  EXPECT_FALSE(absences.of(gone));
  EXPECT_TRUE(absences.kept_since(0).empty());
  const auto told = absences.of(back);
  ASSERT_TRUE(told);
  absences.end(back, *told);
  EXPECT_FALSE(absences.of(back));
}

TEST(Absences, OneThatIsLostAgainWhileItIsToldIsToldAgain) {
  ManualClock clock;
  Absences absences(clock);
  const tribes::Member member;
  absences.lost(member);
  const auto told = absences.of(member);
  ASSERT_TRUE(told);
  clock.advance(60s);
  absences.lost(member);
  absences.end(member, *told);
  const auto again = absences.of(member);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->since_ms, told->since_ms);
  absences.end(member, *again);
  EXPECT_FALSE(absences.of(member));
}

}  // namespace
}  // namespace serval::ha::test
