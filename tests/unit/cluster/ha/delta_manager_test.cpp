#include "cluster/ha/session/delta_manager.h"

#include <gtest/gtest.h>

#include <thread>

#include "cluster/ha/catalina_cluster.h"
#include "tests/support/log_capture.h"
#include "tests/unit/cluster/ha/test_node.h"

namespace serval::ha::test {
namespace {

using serval::test::LogCapture;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using EventType = SessionMessage::EventType;
using Texts = std::vector<std::string>;

class DeltaManagerTest : public ::testing::Test {
 protected:
  TestNode& node(TestNode::Settings settings = {}) {
    nodes_.push_back(std::make_unique<TestNode>(network, next_port_++, clock, settings));
    nodes_.back()->start();
    return *nodes_.back();
  }
  FakeNetwork network;
  ManualClock clock;

 private:
  std::uint16_t next_port_ = 4000;
  std::vector<std::unique_ptr<TestNode>> nodes_;
};

TEST_F(DeltaManagerTest, ANewSessionExistsOnAllMembers) {
  auto& a = node();
  auto& b = node();
  auto& c = node();
  const auto session = a.create();
  for (TestNode* other : {&b, &c}) {
    const auto replica = other->find(session->id());
    ASSERT_TRUE(replica);
    EXPECT_EQ(replica->creation_time(), session->creation_time());
    EXPECT_EQ(replica->max_inactive_interval(), 1800);
    EXPECT_FALSE(replica->is_primary());
    EXPECT_TRUE(replica->is_valid());
    EXPECT_EQ(other->owner->take(), Texts{"created " + session->id()});
  }
  EXPECT_TRUE(a.manager->is_primary(*session));
  EXPECT_EQ(a.manager->sent(EventType::kSessionCreated), 1);
  EXPECT_EQ(b.manager->received(EventType::kSessionCreated), 1);
}

TEST_F(DeltaManagerTest, TheEndOfARequestSendsWhatChanged) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  auto user = std::make_shared<core::Principal>();
  user->name = "tomcat";
  user->roles = {"admin", "user"};
  a.request(session, [&](auto& s) {
    s.set_attribute("a", "1");
    s.set_attribute("gone", "x");
    s.remove_attribute("gone");
    s.set_max_inactive_interval(60);
    s.set_principal(user);
    s.set_auth_type("BASIC");
  });
  const auto replica = b.find(session->id());
  EXPECT_EQ(text_of(replica->attribute("a")), "1");
  EXPECT_TRUE(replica->attribute("gone").is_null());
  EXPECT_EQ(replica->max_inactive_interval(), 60);
  ASSERT_TRUE(replica->principal());
  EXPECT_EQ(replica->principal()->name, "tomcat");
  EXPECT_TRUE(replica->principal()->has_role("admin"));
  EXPECT_EQ(replica->auth_type(), "BASIC");
  EXPECT_FALSE(replica->is_dirty());
  EXPECT_EQ(a.manager->sent(EventType::kSessionDelta), 1);
}

TEST_F(DeltaManagerTest, AttributeListenersHearOfReplicatedChangesIfConfigured) {
  auto& a = node();
  auto& b = node();
  TestNode::Settings quiet;
  quiet.manager.notify_listeners_on_replication = false;
  quiet.manager.notify_session_listeners_on_replication = false;
  auto& c = node(quiet);
  const auto session = a.create();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  a.request(session, [](auto& s) { s.set_attribute("x", "2"); });
  a.request(session, [](auto& s) { s.remove_attribute("x"); });
  EXPECT_EQ(b.owner->take(),
            (Texts{"created " + session->id(), "added x", "replaced x", "removed x"}));
  EXPECT_EQ(c.owner->take(), Texts{});
}

TEST_F(DeltaManagerTest, OnlyTheLastChangeOfANameIsSentUnlessAllAreRecorded) {
  for (const bool all : {false, true}) {
    SCOPED_TRACE(all);
    FakeNetwork net;
    TestNode::Settings settings;
    settings.manager.record_all_actions = all;
    TestNode a(net, 1, clock, settings), b(net, 2, clock, {});
    a.start();
    b.start();
    const auto session = a.create();
    a.request(session, [](auto& s) {
      s.set_attribute("x", "1");
      s.set_attribute("x", "2");
    });
    const auto message = SessionMessage::decode(*net.sent().back().content);
    const auto delta = DeltaRequest::decode(*message->session);
    EXPECT_EQ(delta->actions().size(), all ? 2u : 1u);
    EXPECT_EQ(text_of(delta->actions().front().value), all ? "1" : "2");
    EXPECT_EQ(text_of(b.find(session->id())->attribute("x")), "2");
  }
}

TEST_F(DeltaManagerTest, AListChangedInPlaceAfterSetAttributeTravelsWithItsLastContent) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  a.request(session, [](auto& s) {
    const Value list = make_list({Value("one")});
    s.set_attribute("list", list);
    list.list()->items.emplace_back("two");
  });
  const Value replica = b.find(session->id())->attribute("list");
  ASSERT_TRUE(replica.list());
  EXPECT_EQ(replica.list()->items.size(), 2u);
}

TEST_F(DeltaManagerTest, ARequestWithoutChangesSendsAnAccessOnlyWhereItMatters) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  network.forget_sent();
  a.request(session);
  EXPECT_EQ(network.sent_types(), std::vector<int>{});  // primary, nothing new

  b.request(b.find(session->id()));  // not primary: it becomes so
  EXPECT_EQ(network.sent_types(), std::vector<int>{3});
  EXPECT_TRUE(b.find(session->id())->is_primary());
  EXPECT_FALSE(a.manager->is_primary(*session));

  clock.advance(1801s);
  b.find(session->id())->access();
  EXPECT_TRUE(b.manager->request_completed(*b.find(session->id())));  // longer than the interval
  EXPECT_EQ(network.sent_types(), (std::vector<int>{3, 3}));
}

TEST_F(DeltaManagerTest, TheEndOfASessionFollowsItsLastChanges) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  b.owner->take();
  network.forget_sent();
  a.request(session, [](auto& s) {
    s.set_attribute("last", "words");
    s.invalidate();
  });
  EXPECT_EQ(network.sent_types(), (std::vector<int>{13, 2}));
  EXPECT_FALSE(b.find(session->id()));
  EXPECT_EQ(b.owner->take(),
            (Texts{"added last", "destroyed " + session->id() + " last=words", "removed last"}));
  EXPECT_EQ(b.manager->received(EventType::kSessionExpired), 1);
}

TEST_F(DeltaManagerTest, AReplicaWaitsTwiceAsLongAndEndsInSilence) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  const std::string id = session->id();
  network.lose([](const auto& p) { return p.type() == 2; });
  network.forget_sent();
  clock.advance(1801s);
  b.manager->process_expires();
  EXPECT_TRUE(b.find(id));
  a.manager->process_expires();
  EXPECT_FALSE(a.find(id));
  EXPECT_EQ(network.sent_types(), std::vector<int>{2});
  clock.advance(1800s);
  network.forget_sent();
  b.manager->process_expires();
  EXPECT_FALSE(b.find(id));
  EXPECT_EQ(network.sent_types(), std::vector<int>{});
}

TEST_F(DeltaManagerTest, InvalidateInARequestOnAReplicaEndsItEverywhere) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  b.request(b.find(session->id()), [](auto& s) { s.invalidate(); });
  EXPECT_FALSE(a.find(session->id()));
}

TEST_F(DeltaManagerTest, ASingleSignOnIsJoinedAndLeftOnAllMembers) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  const std::string id = session->id();
  a.request(session, [](auto& s) {
    EXPECT_TRUE(s.join_single_sign_on("SSO"));
    EXPECT_FALSE(s.join_single_sign_on("SSO"));
  });
  EXPECT_EQ(b.find(id)->single_sign_ons(), Texts{"SSO"});
  EXPECT_FALSE(b.find(id)->is_dirty());
  auto& c = node();
  EXPECT_EQ(c.find(id)->single_sign_ons(), Texts{"SSO"}) << "by state transfer";
  b.owner->take();
  c.owner->take();
  a.request(session, [](auto& s) { s.invalidate(); });
  for (TestNode* other : {&b, &c})
    EXPECT_EQ(other->owner->take(), (Texts{"destroyed " + id, "left SSO " + id}));
}

TEST_F(DeltaManagerTest, ANewIdReachesTheMembersAndKeepsWhatWasRecorded) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  const std::string old_id = session->id();
  b.owner->take();
  network.forget_sent();
  session->access();
  session->set_attribute("x", "1");
  const std::string id = a.manager->change_session_id(session);
  a.manager->request_completed(*session);
  EXPECT_EQ(network.sent_types(), (std::vector<int>{15, 13}));
  EXPECT_FALSE(b.find(old_id));
  ASSERT_TRUE(b.find(id));
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "1");
  EXPECT_EQ(b.owner->take(), (Texts{"id " + old_id + " -> " + id, "added x"}));
  const auto sent = network.sent();
  EXPECT_EQ(sent[0].order_key, sent[1].order_key);
}

TEST_F(DeltaManagerTest, AStoppingManagerLeavesTheOthersTheirSessionsUnlessConfigured) {
  for (const bool expire : {false, true}) {
    SCOPED_TRACE(expire);
    FakeNetwork net;
    TestNode::Settings settings;
    settings.manager.expire_sessions_on_shutdown = expire;
    TestNode a(net, 1, clock, settings), b(net, 2, clock, settings);
    a.start();
    b.start();
    const auto session = a.create();
    a.stop_manager();
    EXPECT_EQ(b.find(session->id()) == nullptr, expire);
    const auto heard = a.owner->take();
    EXPECT_EQ(heard.back(), "destroyed " + session->id());
  }
}

TEST_F(DeltaManagerTest, FilteredAttributesAreNeitherSentNorTaken) {
  auto& a = node();
  TestNode::Settings settings;
  settings.manager.filter.name = *JavaPattern::compile("good.*");
  settings.manager.filter.value_class_name = *JavaPattern::compile("java\\.lang\\..*");
  auto& b = node(settings);
  const auto from_a = a.create();
  a.request(from_a, [](auto& s) {
    s.set_attribute("good", "1");
    s.set_attribute("bad", "1");
    s.set_attribute("good list", make_list({}));
    s.set_attribute("javax.security.auth.subject", "1");
  });
  EXPECT_EQ(b.find(from_a->id())->attribute_names(), Texts{"good"});
  const auto from_b = b.create();
  b.request(from_b, [](auto& s) {
    s.set_attribute("good", "1");
    s.set_attribute("bad", "1");
  });
  EXPECT_EQ(a.find(from_b->id())->attribute_names(), Texts{"good"});
  EXPECT_EQ(from_b->attribute_names(), (Texts{"bad", "good"}));
}

TEST_F(DeltaManagerTest, AValueThatNoJvmCouldReadIsRefused) {
  auto& a = node();
  const auto session = a.create();
  EXPECT_THROW(session->set_attribute("x", make_list({}, "com.example.Nobody")),
               IllegalArgumentException);
  session->set_attribute("x", make_list({}));
}

TEST_F(DeltaManagerTest, ABrokenMessageCostsOnlyItself) {
  LogCapture log;
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  SessionMessage message;
  message.event_type = EventType::kSessionDelta;
  message.timestamp = clock.wall_ms();
  message.context_name = "localhost#/app";
  message.session_id = session->id();
  const Bytes other = *DeltaRequest("other").encode();
  for (const Bytes& payload : {Bytes{1, 2, 3}, Bytes{}, other}) {
    message.session = payload;
    a.cluster->send({.content = std::make_shared<const Bytes>(message.encode())});
  }
  message.event_type = EventType::kAllSessionData;
  message.session = Bytes{0xAC, 0xED, 0, 5, 0x70};
  a.cluster->send({.content = std::make_shared<const Bytes>(message.encode())});
  message.event_type = static_cast<EventType>(99);
  a.cluster->send({.content = std::make_shared<const Bytes>(message.encode())});
  message.event_type = EventType::kChangeSessionId;
  message.session = Bytes{9};
  a.cluster->send({.content = std::make_shared<const Bytes>(message.encode())});
  EXPECT_EQ(log.count("cannot be read"), 4u) << log.text();
  EXPECT_TRUE(log.contains("name another session")) << log.text();

  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  EXPECT_EQ(text_of(b.find(session->id())->attribute("x")), "1");
}

TEST_F(DeltaManagerTest, ChangesOfASessionThatHasEndedHereAreNotAnError) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  const auto replica = std::static_pointer_cast<DeltaSession>(b.find(session->id()));
  DeltaRequest changes(session->id());
  changes.set_attribute("x", "1");
  EXPECT_TRUE(replica->apply(changes));
  replica->expire_from_member(false);
  EXPECT_FALSE(replica->apply(changes));
}

TEST_F(DeltaManagerTest, AChangeThatCannotBeAppliedDoesNotKeepItsSessionInUse) {
  auto& a = node();
  const auto session = std::static_pointer_cast<DeltaSession>(a.create());
  DeltaRequest changes(session->id());
  changes.set_attribute("x", make_list({}, "com.example.Nobody"));
  EXPECT_THROW(session->apply(changes), IllegalArgumentException);
  clock.advance(5s);
  EXPECT_EQ(session->idle_ms(clock.wall_ms()), 5000);
}

TEST_F(DeltaManagerTest, AChangeThatOvertakesItsSessionIsNotLost) {
  auto& a = node();
  auto& b = node();
  network.hold([](const auto&) { return true; });
  const auto session = a.create();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  network.release(true);  // backwards
  EXPECT_EQ(text_of(b.find(session->id())->attribute("x")), "1");
}

TEST_F(DeltaManagerTest, AChangeUnderAFormerIdReachesTheRenamedSession) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  const std::string old_id = session->id();
  network.hold([](const auto& packet) { return packet.type() == 13; });
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  // The user goes to the other node, which renames the session before the change arrives.
  const std::string id = b.manager->change_session_id(b.find(old_id));
  network.release();
  ASSERT_TRUE(b.find(id));
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "1");
  EXPECT_FALSE(b.find(old_id)) << "it is no session of its own";
}

TEST_F(DeltaManagerTest, AChangeOfASessionThatNeverComesIsForgotten) {
  auto& a = node();
  auto& b = node();
  network.hold([](const auto& p) { return p.type() == 1; });
  const auto session = a.create();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  clock.advance(6s);
  b.manager->background_process();
  network.release();
  EXPECT_TRUE(b.find(session->id())->attribute("x").is_null());
}

TEST_F(DeltaManagerTest, ACreationThatComesAfterTheSessionItselfChangesNothing) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  const auto creation = network.sent().back();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  a.cluster->send({.content = creation.content});
  EXPECT_EQ(text_of(b.find(session->id())->attribute("x")), "1");
}

TEST_F(DeltaManagerTest, ParallelRequestsOfOneSessionEndEqualOnAllNodes) {
  auto& a = node();
  auto& b = node();
  const auto session = a.create();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        a.request(session, [&](auto& s) {
          s.set_attribute("shared", std::to_string(t * 1000 + i));
          s.set_attribute("own" + std::to_string(t), std::to_string(i));
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto replica = b.find(session->id());
  EXPECT_EQ(text_of(replica->attribute("shared")), text_of(session->attribute("shared")));
  for (int t = 0; t < 4; ++t) {
    EXPECT_EQ(text_of(replica->attribute("own" + std::to_string(t))), "199");
  }
}

TEST_F(DeltaManagerTest, WithoutMembersNothingIsSentAndNothingPilesUp) {
  auto& a = node();
  const auto session = a.create();
  session->set_attribute("x", "1");
  a.manager->request_completed_alone(*session);
  EXPECT_FALSE(std::static_pointer_cast<DeltaSession>(session)->is_dirty());
  session->expire(true);
  EXPECT_TRUE(network.sent().empty());
}

TEST_F(DeltaManagerTest, WithoutAClusterItIsALocalManager) {
  LogCapture log;
  TestNode alone(network, 9, clock, {});
  ASSERT_TRUE(alone.manager->start());
  EXPECT_TRUE(log.contains("no cluster associated with this context: [/app]"));
  const auto session = alone.create();
  session->set_attribute("x", "1");
  session->expire(true);
  EXPECT_EQ(alone.manager->active_sessions(), 0u);
  alone.manager->stop();
}

}  // namespace
}  // namespace serval::ha::test
