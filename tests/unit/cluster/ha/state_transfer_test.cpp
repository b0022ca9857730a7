#include <gtest/gtest.h>

#include <thread>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/session/delta_manager.h"
#include "tests/support/log_capture.h"
#include "tests/unit/cluster/ha/test_node.h"

namespace serval::ha::test {
namespace {

using serval::test::LogCapture;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using EventType = SessionMessage::EventType;

class StateTransferTest : public ::testing::Test {
 protected:
  TestNode& node(TestNode::Settings settings = {}, bool start = true) {
    nodes_.push_back(std::make_unique<TestNode>(network, next_port_++, clock, settings));
    if (start) nodes_.back()->start();
    return *nodes_.back();
  }
  /// Starts the manager of a node on its own thread.
  std::thread start_manager(TestNode& node) {
    return std::thread([&node] { node.start_manager(); });
  }
  static std::string with_value(TestNode& node, const char* value) {
    const auto session = node.create();
    node.request(session, [&](auto& s) { s.set_attribute("x", value); });
    return session->id();
  }
  FakeNetwork network;
  ManualClock clock;
  LogCapture log;

 private:
  std::uint16_t next_port_ = 4000;
  std::vector<std::unique_ptr<TestNode>> nodes_;
};

bool asks(const FakeNetwork::Packet& packet) { return packet.type() == 4; }

TEST_F(StateTransferTest, AStartingNodeGetsAllSessionsFromTheOldestMember) {
  auto& a = node();
  auto user = std::make_shared<core::Principal>();
  user->name = "tomcat";
  const auto session = a.create();
  a.request(session, [&](auto& s) {
    s.set_attribute("x", "1");
    s.set_principal(user);
    s.set_max_inactive_interval(77);
  });
  clock.advance(1s);
  auto& b = node();
  const auto replica = b.find(session->id());
  ASSERT_TRUE(replica);
  EXPECT_EQ(text_of(replica->attribute("x")), "1");
  EXPECT_EQ(replica->creation_time(), session->creation_time());
  EXPECT_EQ(replica->max_inactive_interval(), 77);
  EXPECT_EQ(replica->principal()->name, "tomcat");
  EXPECT_FALSE(replica->is_primary());
  EXPECT_FALSE(replica->is_new());
  EXPECT_EQ(b.owner->take(), std::vector<std::string>{"created " + session->id()});
  auto& c = node();
  EXPECT_TRUE(c.find(session->id()));
  EXPECT_EQ(a.manager->received(EventType::kGetAllSessions), 2);
  EXPECT_EQ(b.manager->received(EventType::kGetAllSessions), 0);
  EXPECT_EQ(a.manager->sent(EventType::kAllSessionData), 2);
  EXPECT_EQ(a.manager->sent(EventType::kAllSessionTransferComplete), 2);
  EXPECT_TRUE(log.contains("Manager [localhost#/app]: skipping state transfer. No members"));
  EXPECT_TRUE(log.contains("Manager [localhost#/app], requesting session state from ["));
  EXPECT_TRUE(log.contains("Manager [localhost#/app]; session state sent at ["));
}

TEST_F(StateTransferTest, TheRequestIsAsynchronousAndTheStateIsAcknowledged) {
  auto& a = node();
  with_value(a, "1");
  network.forget_sent();
  node();
  ASSERT_TRUE(eventually([&] { return network.sent().size() == 3; }));
  const auto sent = network.sent();
  EXPECT_EQ(network.sent_types(), (std::vector<int>{4, 12, 14}));
  EXPECT_EQ(sent[0].options, 8);
  EXPECT_EQ(sent[1].options, 6);
  EXPECT_EQ(sent[2].options, 8);
}

TEST_F(StateTransferTest, ALargeStateComesInBlocks) {
  TestNode::Settings settings;
  settings.manager.send_all_sessions = false;
  settings.manager.send_all_sessions_size = 2;
  settings.manager.send_all_sessions_wait_time = 0ms;
  auto& a = node(settings);
  for (int i = 0; i < 5; ++i) with_value(a, "1");
  auto& b = node();
  EXPECT_EQ(b.manager->active_sessions(), 5u);
  EXPECT_EQ(a.manager->sent(EventType::kAllSessionData), 3);
}

TEST_F(StateTransferTest, AMemberWithoutTheApplicationAnswersAtOnceAndTheNextIsAsked) {
  TestNode::Settings other;
  other.context = "other";
  node(other);
  auto& a = node();
  const auto id = with_value(a, "1");
  auto& b = node();
  EXPECT_TRUE(b.find(id));
  EXPECT_TRUE(log.contains("Context manager doesn't exist:[localhost#/app]"));
  EXPECT_EQ(b.manager->received(EventType::kAllSessionNoContextManager), 1);
  EXPECT_EQ(b.manager->transfer_counters().no_state, 0);
}

TEST_F(StateTransferTest, WhenAllRefuseTheStartGoesOnAtOnce) {
  TestNode::Settings other;
  other.context = "other";
  node(other);
  auto& b = node();
  EXPECT_EQ(b.manager->transfer_counters().no_state, 1);
  EXPECT_TRUE(log.contains("no member has session state for it"));
}

TEST_F(StateTransferTest, ASilentDonorIsReplacedAfterItsShareOfTheTime) {
  auto& silent = node();
  auto& good = node();
  const auto id = with_value(good, "1");
  network.lose([&](const auto& p) { return asks(p) && *p.to == *silent.channel->local_member(); });
  auto& b = node({}, false);
  b.start_cluster();
  network.forget_sent();
  auto starting = start_manager(b);
  ASSERT_TRUE(eventually([&] { return !network.sent().empty(); }));
  clock.advance(31s);
  starting.join();
  EXPECT_TRUE(b.find(id));
  EXPECT_EQ(good.manager->received(EventType::kGetAllSessions), 1);
}

TEST_F(StateTransferTest, ADonorThatLeavesIsReplacedAtOnce) {
  auto& dying = node();
  auto& good = node();
  const auto id = with_value(good, "1");
  network.lose([&](const auto& p) { return asks(p) && *p.to == *dying.channel->local_member(); });
  auto& b = node({}, false);
  b.start_cluster();
  network.forget_sent();
  auto starting = start_manager(b);
  ASSERT_TRUE(eventually([&] { return !network.sent().empty(); }));
  dying.channel->stop(tribes::level::kAll);
  starting.join();
  EXPECT_TRUE(b.find(id));
}

TEST_F(StateTransferTest, WithoutAnAnswerTheStartGoesOnAfterTheTimeout) {
  node();
  network.lose(asks);
  auto& b = node({}, false);
  b.start_cluster();
  auto starting = start_manager(b);
  ASSERT_TRUE(eventually([&] { return log.contains("requesting session state"); }));
  clock.advance(59s);
  std::this_thread::yield();
  EXPECT_FALSE(log.contains("timing out"));
  clock.advance(2s);
  starting.join();
  EXPECT_TRUE(log.contains("received, timing out after [61000] ms."));
  EXPECT_EQ(b.manager->transfer_counters().no_state, 1);
}

/// A member as it is heard of: alive for so long.
tribes::MemberPtr heard(const TestNode& node, std::int64_t alive_ms) {
  tribes::Member member = *node.channel->local_member();
  member.alive_ms = alive_ms;
  return std::make_shared<const tribes::Member>(std::move(member));
}

TEST_F(StateTransferTest, WhoWasThereFirstAndIsHeardLaterIsAskedThen) {
  auto& b = node();
  auto& a = node();
  network.lose([](const auto& packet) { return !asks(packet) && packet.type() < 12; });
  const auto id = with_value(a, "1");
  EXPECT_FALSE(b.find(id));
  b.manager->member_added(heard(a, 0));
  EXPECT_FALSE(log.contains("was there before this node")) << "it came later";
  b.manager->member_added(heard(a, 1000));
  EXPECT_TRUE(eventually([&] { return b.find(id) != nullptr; }));
  const auto asked = b.manager->sent(EventType::kGetAllSessions);
  b.manager->member_added(heard(a, 1000));
  EXPECT_EQ(b.manager->sent(EventType::kGetAllSessions), asked) << "once is enough";
  b.manager->member_added(heard(a, 2000));
  EXPECT_TRUE(eventually([&] { return b.manager->sent(EventType::kGetAllSessions) > asked; }))
      << "an older one may know more";
}

TEST_F(StateTransferTest, MessagesDoNotWaitForAStateThatIsAskedForLate) {
  auto& b = node();
  auto& a = node();
  const auto id = with_value(a, "old");
  network.hold([](const auto& packet) { return packet.type() == 12; });
  b.manager->member_added(heard(a, 1000));
  ASSERT_TRUE(eventually([&] { return network.held() == 1; }));
  a.request(a.find(id), [](auto& s) { s.set_attribute("x", "new"); });
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "new") << "before the state is there";
  network.release();
  EXPECT_TRUE(eventually([&] { return log.contains("1 sessions of"); }));
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "new");
}

TEST_F(StateTransferTest, AStopEndsTheWaitForWhoIsHeardLate) {
  auto& b = node();
  auto& a = node();
  network.lose(asks);
  b.manager->member_added(heard(a, 1000));
  ASSERT_TRUE(eventually([&] { return log.contains("requesting session state from"); }));
  b.stop_manager();  // its clock stands still: nothing else would end it
}

TEST_F(StateTransferTest, ATimeoutOfZeroDoesNotWaitAndTheStateIsTakenWhenItComes) {
  auto& a = node();
  const auto id = with_value(a, "1");
  TestNode::Settings settings;
  settings.manager.state_transfer_timeout = 0s;
  network.hold([](const auto& p) { return p.type() == 12; });
  auto& b = node(settings);
  EXPECT_FALSE(b.find(id));
  ASSERT_TRUE(eventually([&] { return network.held() == 1; }));
  network.release();
  EXPECT_TRUE(b.find(id));
}

TEST_F(StateTransferTest, MessagesThatArriveMeanwhileAreAppliedAfterwardsInOrder) {
  auto& a = node();
  const auto id = with_value(a, "old");
  network.hold([](const auto& p) { return p.type() == 12 || p.type() == 14; });
  auto& b = node({}, false);
  b.start_cluster();
  auto starting = start_manager(b);
  ASSERT_TRUE(eventually([&] { return network.held() == 1; }));
  clock.advance(1s);
  a.request(a.find(id), [](auto& s) { s.set_attribute("x", "newer"); });
  a.request(a.find(id), [](auto& s) { s.set_attribute("x", "newest"); });
  const auto fresh = with_value(a, "fresh");
  EXPECT_FALSE(b.find(fresh));
  network.release();
  starting.join();
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "newest");
  EXPECT_EQ(text_of(b.find(fresh)->attribute("x")), "fresh");
  EXPECT_EQ(b.manager->transfer_counters().dropped, 0);
}

TEST_F(StateTransferTest, MessagesOlderThanTheStateAreDroppedIfConfigured) {
  for (const bool drop : {true, false}) {
    SCOPED_TRACE(drop);
    FakeNetwork net;
    TestNode a(net, 1, clock, {});
    a.start();
    const auto session = a.create();
    // A change of long ago that arrives only now.
    SessionMessage late;
    late.event_type = EventType::kSessionDelta;
    late.timestamp = clock.wall_ms() - 5000;
    late.context_name = "localhost#/app";
    late.session_id = session->id();
    DeltaRequest changes(session->id());
    changes.set_attribute("x", Value("late"));
    late.session = *changes.encode();
    net.hold([](const auto& p) { return p.type() == 12 || p.type() == 14; });
    TestNode::Settings settings;
    settings.manager.state_timestamp_drop = drop;
    TestNode b(net, 2, clock, settings);
    b.start_cluster();
    auto starting = start_manager(b);
    ASSERT_TRUE(eventually([&] { return net.held() == 1; }));
    a.cluster->send({.content = std::make_shared<const Bytes>(late.encode())});
    net.release();
    starting.join();
    EXPECT_EQ(b.find(session->id())->attribute("x").is_null(), drop);
    EXPECT_EQ(b.manager->transfer_counters().dropped, drop ? 1 : 0);
  }
}

TEST_F(StateTransferTest, NodesThatStartTogetherDoNotWaitForEachOther) {
  auto& a = node({}, false);
  auto& b = node({}, false);
  a.start_cluster();
  b.start_cluster();
  network.hold(asks);  // so that both have asked before either is answered
  auto first = start_manager(a);
  auto second = start_manager(b);
  ASSERT_TRUE(eventually([&] { return network.held() == 2; }));
  network.release();
  first.join();
  second.join();
  EXPECT_EQ(log.count("]; session state sent at ["), 2u) << log.text();
}

TEST_F(StateTransferTest, ANodeThatIsStillWaitingItselfAnswersWhenItHasTheState) {
  auto& a = node();
  const auto id = with_value(a, "1");
  network.hold([](const auto& p) { return p.type() == 12 || p.type() == 14; });
  auto& b = node({}, false);
  b.start_cluster();
  auto waiting = start_manager(b);
  ASSERT_TRUE(eventually([&] { return network.held() == 1; }));
  // c asks b only: a does not answer c.
  network.lose([&](const auto& p) { return asks(p) && *p.to == *a.channel->local_member(); });
  auto& c = node({}, false);
  c.start_cluster();
  auto asking = start_manager(c);
  ASSERT_TRUE(eventually([&] { return log.count("requesting session state") == 2; }));
  clock.advance(31s);
  ASSERT_TRUE(eventually([&] { return b.manager->received(EventType::kGetAllSessions) == 1; }));
  network.release();
  waiting.join();
  asking.join();
  EXPECT_TRUE(c.find(id));
}

TEST_F(StateTransferTest, AStateThatComesLateDoesNotUndoWhatHappenedMeanwhile) {
  auto& a = node();
  const auto id = with_value(a, "old");
  const auto untouched = with_value(a, "untouched");
  network.hold([](const auto& p) { return p.type() == 12; });
  TestNode::Settings settings;
  settings.manager.state_transfer_timeout = 0s;
  auto& b = node(settings);
  ASSERT_TRUE(eventually([&] { return network.held() == 1; }));
  // The session is created here too, by a message, and used.
  SessionMessage creation;
  creation.event_type = EventType::kSessionCreated;
  creation.timestamp = clock.wall_ms();
  creation.context_name = "localhost#/app";
  creation.session_id = id;
  a.cluster->send({.content = std::make_shared<const Bytes>(creation.encode())});
  b.request(b.find(id), [](auto& s) { s.set_attribute("x", "new"); });
  network.release();
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "new");
  EXPECT_EQ(text_of(b.find(untouched)->attribute("x")), "untouched");
}

TEST_F(StateTransferTest, AStateThatCannotBeSentIsNotCalledComplete) {
  auto& a = node();
  auto& good = node();
  const auto id = with_value(a, "1");
  ASSERT_TRUE(good.find(id));
  network.lose([&](const auto& p) { return p.type() == 12 && p.from == a.channel; });
  auto& b = node({}, false);
  b.start_cluster();
  auto starting = start_manager(b);
  ASSERT_TRUE(eventually([&] { return log.contains("the session state could not be sent"); }));
  EXPECT_EQ(a.manager->sent(EventType::kAllSessionTransferComplete), 1);  // to `good` only
  clock.advance(31s);
  starting.join();
  EXPECT_TRUE(b.find(id));
}

TEST_F(StateTransferTest, NotesAreWrittenForAPeerThatExpectsThem) {
  auto& a = node();
  with_value(a, "1");
  a.channel->peer_profile.session_notes = true;
  network.forget_sent();
  auto& b = node();
  EXPECT_EQ(b.manager->active_sessions(), 1u);
  for (const auto& packet : network.sent()) {
    if (packet.type() != 12) continue;
    const auto message = SessionMessage::decode(*packet.content);
    const auto done = read_all_sessions(
        *message->session, [](SessionContent&& content) { EXPECT_TRUE(content.notes); });
    EXPECT_TRUE(done);
  }
}

}  // namespace
}  // namespace serval::ha::test
