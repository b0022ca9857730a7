#include "cluster/ha/session/backup_manager.h"

#include <gtest/gtest.h>

#include "cluster/ha/session/cluster_session_listener.h"
#include "cluster/ha/session/session_map_value.h"
#include "container/servlet/serval/error.h"
#include "tests/support/log_capture.h"
#include "tests/unit/cluster/ha/test_node.h"

namespace serval::ha::test {
namespace {

using serval::test::LogCapture;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using Texts = std::vector<std::string>;

class BackupManagerTest : public ::testing::Test {
 protected:
  static TestNode::Settings settings(BackupManager::Options options = {}) {
    TestNode::Settings settings;
    settings.backup = std::move(options);
    return settings;
  }
  TestNode& node(TestNode::Settings settings) {
    nodes_.push_back(std::make_unique<TestNode>(network, next_port_++, clock, settings));
    nodes_.back()->channel->peer_profile.serval = true;
    nodes_.back()->start();
    return *nodes_.back();
  }
  TestNode& node() { return node(settings()); }
  FakeNetwork network;
  ManualClock clock;

 private:
  std::uint16_t next_port_ = 4000;
  std::vector<std::unique_ptr<TestNode>> nodes_;
};

std::size_t sessions_on(const TestNode& node) { return node.backup->active_sessions(); }

/// What a node has, without asking for it as a request would.
DeltaSessionPtr held(const TestNode& node, const std::string& id) {
  for (const auto& one : node.backup->sessions()) {
    if (one->id() == id) return std::static_pointer_cast<DeltaSession>(one);
  }
  return nullptr;
}

void crash(TestNode& node) { node.channel->stop(tribes::level::kAll); }

TEST_F(BackupManagerTest, SeedRow005_ASessionHasOneBackupAndAllKnowIt) {
  auto &a = node(), &b = node(), &c = node();
  const std::string id = a.create()->id();
  EXPECT_EQ(sessions_on(a), 1u);
  EXPECT_EQ(sessions_on(b) + sessions_on(c), 1u);
  for (TestNode* one : {&a, &b, &c}) {
    EXPECT_EQ(one->backup->session_ids_full(), Texts{id});
    EXPECT_EQ(one->backup->active_sessions_full(), 1u);
  }
  TestNode& backup = sessions_on(b) == 1 ? b : c;
  const auto replica = held(backup, id);
  ASSERT_TRUE(replica);
  EXPECT_FALSE(replica->is_primary());
  EXPECT_TRUE(replica->is_valid());
  EXPECT_FALSE(replica->is_new());
  EXPECT_EQ(replica->max_inactive_interval(), 1800);
  EXPECT_EQ(backup.owner->take(), Texts{});  // as in Tomcat, only its own node tells listeners
}

TEST_F(BackupManagerTest, SessionsTakeTurnsWithTheirBackups) {
  auto &a = node(), &b = node(), &c = node();
  for (int i = 0; i < 10; ++i) a.create();
  EXPECT_EQ(sessions_on(b), 5u);
  EXPECT_EQ(sessions_on(c), 5u);
}

TEST_F(BackupManagerTest, TheEndOfARequestBringsItsChangesToTheBackup) {
  auto &a = node(), &b = node();
  const auto session = a.create();
  auto user = std::make_shared<core::Principal>();
  user->name = "tomcat";
  user->roles = {"admin"};
  a.request(session, [&](auto& s) {
    s.set_attribute("a", "1");
    s.set_attribute("gone", "x");
    s.remove_attribute("gone");
    s.set_max_inactive_interval(60);
    s.set_principal(user);
    s.set_auth_type("BASIC");
  });
  const auto replica = held(b, session->id());
  ASSERT_TRUE(replica);
  EXPECT_EQ(text_of(replica->attribute("a")), "1");
  EXPECT_TRUE(replica->attribute("gone").is_null());
  EXPECT_EQ(replica->max_inactive_interval(), 60);
  EXPECT_TRUE(replica->principal() && replica->principal()->has_role("admin"));
  EXPECT_EQ(replica->auth_type(), "BASIC");
  EXPECT_FALSE(static_cast<DeltaSession&>(*session).is_dirty());
  EXPECT_EQ(b.owner->take(), Texts{"added a"});
  network.forget_sent();
  a.request(session);
  EXPECT_TRUE(network.sent().empty());  // nothing new
}

TEST_F(BackupManagerTest, AttributeListenersAreQuietIfConfigured) {
  auto& a = node();
  BackupManager::Options quiet;
  quiet.notify_listeners_on_replication = false;
  auto& b = node(settings(quiet));
  const auto session = a.create();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  EXPECT_EQ(text_of(held(b, session->id())->attribute("x")), "1");
  EXPECT_EQ(b.owner->take(), Texts{});
}

TEST_F(BackupManagerTest, OnlyTheLastChangeOfANameIsSentUnlessAllAreRecorded) {
  for (const bool all : {false, true}) {
    SCOPED_TRACE(all);
    FakeNetwork net;
    BackupManager::Options options;
    options.record_all_actions = all;
    TestNode a(net, 1, clock, settings(options)), b(net, 2, clock, settings());
    a.start();
    b.start();
    const auto session = a.create();
    b.owner->take();
    a.request(session, [](auto& s) {
      s.set_attribute("x", "1");
      s.set_attribute("x", "2");
    });
    EXPECT_EQ(text_of(held(b, session->id())->attribute("x")), "2");
    EXPECT_EQ(b.owner->take(), all ? (Texts{"added x", "replaced x"}) : Texts{"added x"});
  }
}

TEST_F(BackupManagerTest, ARequestOnAnotherNodeBringsTheSessionThere) {
  auto &a = node(), &b = node(), &c = node();
  const auto session = a.create();
  const std::string id = session->id();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  TestNode& backup = sessions_on(b) == 1 ? b : c;
  TestNode& proxy = sessions_on(b) == 1 ? c : b;
  const auto taken = proxy.find(id);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->is_primary());
  EXPECT_EQ(text_of(taken->attribute("x")), "1");
  EXPECT_FALSE(static_cast<DeltaSession&>(*session).is_primary());
  EXPECT_EQ(sessions_on(a), 0u);
  EXPECT_EQ(sessions_on(backup), 1u);
  proxy.request(taken, [](auto& s) { s.set_attribute("x", "2"); });
  EXPECT_EQ(text_of(held(backup, id)->attribute("x")), "2");
  EXPECT_EQ(text_of(a.find(id)->attribute("x")), "2");
}

TEST_F(BackupManagerTest, TheBackupTakesTheSessionWhenARequestComesThere) {
  auto &a = node(), &b = node();
  const auto session = a.create();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  const auto taken = b.find(session->id());
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->is_primary());
  EXPECT_FALSE(static_cast<DeltaSession&>(*session).is_primary());
  EXPECT_EQ(sessions_on(a), 1u);  // now the backup
  b.request(taken, [](auto& s) { s.set_attribute("x", "2"); });
  EXPECT_EQ(text_of(held(a, session->id())->attribute("x")), "2");
}

TEST_F(BackupManagerTest, ALostPrimaryNodeIsReplacedByTheBackup) {
  auto &a = node(), &b = node(), &c = node();
  const std::string id = [&] {
    const auto session = a.create();
    a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
    return session->id();
  }();
  TestNode& heir = sessions_on(b) == 1 ? b : c;
  TestNode& other = sessions_on(b) == 1 ? c : b;
  crash(a);
  EXPECT_TRUE(held(heir, id)->is_primary());
  ASSERT_TRUE(held(other, id));
  EXPECT_FALSE(held(other, id)->is_primary());
  EXPECT_EQ(text_of(held(other, id)->attribute("x")), "1");
}

TEST_F(BackupManagerTest, ALostBackupIsReplaced) {
  auto &a = node(), &b = node(), &c = node();
  const auto session = a.create();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  TestNode& lost = sessions_on(b) == 1 ? b : c;
  TestNode& other = sessions_on(b) == 1 ? c : b;
  crash(lost);
  ASSERT_TRUE(held(other, session->id()));
  EXPECT_EQ(text_of(held(other, session->id())->attribute("x")), "1");
  EXPECT_TRUE(static_cast<DeltaSession&>(*session).is_primary());
}

TEST_F(BackupManagerTest, ANodeThatComesLaterGetsTheBackups) {
  auto& a = node();
  const auto session = a.create();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  EXPECT_FALSE(static_cast<DeltaSession&>(*session).is_dirty());  // nobody to tell
  auto& b = node();
  ASSERT_TRUE(held(b, session->id()));
  EXPECT_EQ(text_of(held(b, session->id())->attribute("x")), "1");
}

TEST_F(BackupManagerTest, ANewIdIsAnotherEntryWithTheSameContent) {
  auto &a = node(), &b = node(), &c = node();
  const auto session = a.create();
  const std::string old_id = session->id();
  session->access();
  session->set_attribute("x", "1");
  const std::string id = a.backup->change_session_id(session);
  a.backup->request_completed(*session);
  session->end_access();
  EXPECT_NE(id, old_id);
  for (TestNode* one : {&a, &b, &c}) {
    EXPECT_EQ(one->backup->session_ids_full(), Texts{id});
    EXPECT_FALSE(one->find(old_id));
  }
  EXPECT_EQ(sessions_on(a), 1u);
  EXPECT_EQ(sessions_on(b) + sessions_on(c), 1u);
  TestNode& backup = sessions_on(b) == 1 ? b : c;
  EXPECT_EQ(text_of(held(backup, id)->attribute("x")), "1");
}

TEST_F(BackupManagerTest, ASessionThatWasTakenAwayDuringARequestIsFoundUnderItsNewId) {
  auto &a = node(), &b = node();
  const auto session = a.create();
  const std::string old_id = session->id();
  a.request(session, [&](auto& s) {
    s.set_attribute("x", "1");
    b.request(b.find(old_id), [](auto&) {});
    EXPECT_NE(held(a, old_id), session);
    EXPECT_EQ(a.backup->change_session_id(session, "new"), "new");
  });
  for (TestNode* one : {&a, &b}) {
    EXPECT_EQ(one->backup->session_ids_full(), Texts{"new"});
    EXPECT_EQ(sessions_on(*one), 1u);
    EXPECT_EQ(text_of(held(*one, "new")->attribute("x")), "1");
  }
  EXPECT_EQ(held(a, "new"), session);
  EXPECT_TRUE(held(a, "new")->is_primary());
}

TEST_F(BackupManagerTest, TheValueOfAFormerIdLeavesTheChangesToThePresentOne) {
  auto& a = node();
  const auto session = std::static_pointer_cast<DeltaSession>(a.create());
  SessionMapValue former(session, session->id());
  const std::string id = a.backup->change_session_id(session);
  session->set_attribute("x", "1");
  const auto nothing = DeltaRequest::decode(*former.take_diff());
  EXPECT_TRUE(nothing->is_empty());
  EXPECT_TRUE(session->is_dirty());
  SessionMapValue present(session, id);
  const auto changes = DeltaRequest::decode(*present.take_diff());
  EXPECT_EQ(changes->session_id(), id);
  EXPECT_EQ(changes->actions().size(), 1u);
  EXPECT_FALSE(former.set_primary(false));
  EXPECT_TRUE(session->is_primary());
}

TEST_F(BackupManagerTest, ChangesForAnotherSessionAreNotApplied) {
  auto& a = node();
  const auto session = std::static_pointer_cast<DeltaSession>(a.create());
  SessionMapValue value(session, session->id());
  DeltaRequest changes("another");
  changes.set_attribute("x", Value("1"));
  const auto applied = value.apply_diff(*changes.encode());
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::kProtocol);
  EXPECT_TRUE(session->attribute("x").is_null());
  EXPECT_FALSE(value.apply_diff(Bytes{1, 2, 3}));
}

TEST_F(BackupManagerTest, TheValueOfASessionThatEndsIsWrittenAndTakesNoChanges) {
  auto& a = node();
  const auto session = std::static_pointer_cast<DeltaSession>(a.create());
  const std::int64_t created = session->creation_time();
  SessionMapValue value(session, session->id());
  DeltaRequest changes(session->id());
  changes.set_attribute("x", Value("1"));
  session->expire(true);
  const auto content = decode_session_object(*value.encode({}));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->creation_time, created);
  const auto applied = value.apply_diff(*changes.encode());
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::kBadState);
}

TEST_F(BackupManagerTest, AnEndedSessionIsGoneEverywhere) {
  auto &a = node(), &b = node(), &c = node();
  const auto session = a.create();
  a.owner->take();
  a.request(session, [](auto& s) {
    s.set_attribute("last", "words");
    s.invalidate();
  });
  EXPECT_EQ(a.owner->take(),
            (Texts{"added last", "destroyed " + session->id() + " last=words", "removed last"}));
  for (TestNode* one : {&a, &b, &c}) {
    EXPECT_EQ(one->backup->active_sessions_full(), 0u);
    EXPECT_EQ(sessions_on(*one), 0u);
    EXPECT_FALSE(one->find(session->id()));
  }
  EXPECT_EQ(b.owner->take(), Texts{});
  EXPECT_EQ(c.owner->take(), Texts{});
}

TEST_F(BackupManagerTest, AnIdleSessionEndsOnItsPrimaryNodeAndABackupWaitsTwiceAsLong) {
  auto &a = node(), &b = node();
  const std::string id = a.create()->id();
  clock.advance(1801s);
  b.backup->process_expires();
  EXPECT_EQ(sessions_on(b), 1u);
  a.backup->process_expires();
  EXPECT_EQ(sessions_on(a), 0u);
  EXPECT_EQ(sessions_on(b), 0u);
  EXPECT_EQ(a.owner->take().back(), "destroyed " + id);
  EXPECT_EQ(a.backup->counters().expired, 1);

  a.create();
  clock.advance(3600s);
  b.backup->process_expires();  // its primary node should have done it
  EXPECT_EQ(b.backup->active_sessions_full(), 0u);
  EXPECT_EQ(a.backup->active_sessions_full(), 0u);
}

TEST_F(BackupManagerTest, TheBackupHearsOfUseWithoutChangesInTime) {
  auto &a = node(), &b = node();
  const auto session = a.create();
  for (int i = 0; i < 8; ++i) {
    clock.advance(1000s);
    a.request(session);
    b.backup->process_expires();
    ASSERT_EQ(sessions_on(b), 1u) << i;
  }
}

TEST_F(BackupManagerTest, AStoppingNodeHandsItsSessionsOver) {
  auto &a = node(), &b = node(), &c = node();
  const auto session = a.create();
  const std::string id = session->id();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  a.owner->take();
  a.stop_manager();
  EXPECT_EQ(a.owner->take(), Texts{});  // it did not end
  EXPECT_EQ(sessions_on(a), 0u);
  EXPECT_EQ(sessions_on(b), 1u);
  EXPECT_EQ(sessions_on(c), 1u);
  EXPECT_NE(held(b, id)->is_primary(), held(c, id)->is_primary());
  a.start_manager();
  EXPECT_EQ(a.backup->session_ids_full(), Texts{id});
  EXPECT_EQ(text_of(a.find(id)->attribute("x")), "1");
}

TEST_F(BackupManagerTest, ASessionThatWasTakenAwayDuringARequestIsNotSent) {
  auto &a = node(), &b = node();
  const auto session = a.create();
  const std::string id = session->id();
  a.request(session, [&](auto& s) {
    b.request(b.find(id), [](auto& there) { there.set_attribute("x", "b"); });
    s.set_attribute("x", "a");
  });
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "b");
  session->invalidate();  // by a request that still had it
  EXPECT_EQ(b.backup->active_sessions_full(), 0u);
}

TEST_F(BackupManagerTest, MaxActiveSessionsCountsThoseOfThisNode) {
  BackupManager::Options options;
  options.max_active_sessions = 2;
  auto &a = node(settings(options)), &b = node(settings(options));
  a.create();
  a.create();
  EXPECT_THROW(a.create(), IllegalStateException);
  EXPECT_EQ(a.backup->counters().rejected, 1);
  EXPECT_EQ(sessions_on(b), 2u);  // backups
  b.create();
  b.create();
  EXPECT_THROW(b.create(), IllegalStateException);
}

TEST_F(BackupManagerTest, FilteredAttributesAreNeitherSentNorTaken) {
  auto& a = node();
  BackupManager::Options options;
  options.filter.name = *JavaPattern::compile("good.*");
  options.filter.value_class_name = *JavaPattern::compile("java\\.lang\\..*");
  auto& b = node(settings(options));
  const auto set = [](auto& s) {
    s.set_attribute("good", "1");
    s.set_attribute("bad", "1");
    s.set_attribute("good list", make_list({}));
  };
  const auto from_a = a.create();
  a.request(from_a, set);
  EXPECT_EQ(held(b, from_a->id())->attribute_names(), Texts{"good"});
  const auto from_b = b.create();
  b.request(from_b, set);
  EXPECT_EQ(held(a, from_b->id())->attribute_names(), Texts{"good"});
  EXPECT_EQ(from_b->attribute_names().size(), 3u);
}

TEST_F(BackupManagerTest, EachReaderGetsItsForm) {
  auto& a = node();
  const auto session = std::static_pointer_cast<DeltaSession>(a.create());
  session->set_attribute("x", "1");
  const SessionMapValue value(session, session->id());
  tribes::Channel::PeerProfile reader;
  for (const bool notes : {false, true}) {
    reader.session_notes = notes;
    const auto content = decode_session_object(*value.encode(reader));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->notes.has_value(), notes);
    EXPECT_EQ(content->attributes.size(), 1u);
    EXPECT_EQ(content->id, session->id());
  }
}

TEST_F(BackupManagerTest, WithoutAClusterTheStartFails) {
  LogCapture log;
  TestNode a(network, 1, clock, settings());
  const auto started = a.backup->start();
  ASSERT_FALSE(started);
  EXPECT_TRUE(log.contains("no cluster associated with this context: [/app]"));
}

TEST_F(BackupManagerTest, AMemberThatIsNotReachedFailsTheStartOnlyIfConfigured) {
  for (const bool terminate : {false, true}) {
    SCOPED_TRACE(terminate);
    FakeNetwork net;
    TestNode other(net, 1, clock, settings());
    other.start_cluster();  // without the application
    net.lose([](const auto&) { return true; });
    BackupManager::Options options;
    options.terminate_on_start_failure = terminate;
    options.rpc_timeout = 20ms;
    TestNode a(net, 2, clock, settings(options));
    a.start_cluster();
    ASSERT_TRUE(a.cluster->register_manager(*a.backup, *a.context));
    EXPECT_EQ(a.backup->start().has_value(), !terminate);
    a.backup->stop();
    a.cluster->remove_manager(*a.backup);
  }
}

TEST_F(BackupManagerTest, ASessionThatCannotBeReadIsKeptForOthersAndNotUsed) {
  LogCapture log;
  auto &a = node(), &b = node();
  tribes::MapMessage message;
  message.type = tribes::MapMessage::Type::kBackup;
  const std::string name = "localhost#/app-map";
  message.map_id.assign(name.begin(), name.end());
  message.key = tribes::map_key("strange");
  message.value = Bytes{0xac, 0xed, 0, 5, 0x70};
  message.primary = a.channel->local_member();
  message.nodes = tribes::Members{b.channel->local_member()};
  const auto content = std::make_shared<const Bytes>(message.encode({}));
  ASSERT_TRUE(a.channel->send({b.channel->local_member()}, content, 6, 0, {}));
  EXPECT_TRUE(log.contains("The value of [strange] is kept unread: not a DeltaSession"));
  EXPECT_EQ(b.backup->session_ids_full(), Texts{"strange"});
  EXPECT_EQ(sessions_on(b), 0u);
  EXPECT_FALSE(b.find("strange"));
}

TEST_F(BackupManagerTest, SeedRow063_AnotherKindOfManagerIsToldThatThereIsNoState) {
  LogCapture log;
  auto& a = node();
  tribes::Received request;
  SessionMessage message;
  message.event_type = SessionMessage::EventType::kGetAllSessions;
  message.context_name = a.backup->key();
  message.session_id = "GET-ALL";
  request.content = std::make_shared<const Bytes>(message.encode());
  TestNode b(network, 4010, clock, {});
  b.start_cluster();
  request.sender = b.channel->local_member();
  ClusterSessionListener listener({});
  listener.set_cluster(*a.cluster);
  listener.message_received({"org.apache.catalina.ha.session.SessionMessageImpl", request});
  EXPECT_EQ(network.sent_types(), std::vector<int>{16});
  EXPECT_TRUE(log.contains("Manager [localhost#/app] is of another kind than that of"));
}

/// Bytes that a request with a change of its session costs a group of `count` nodes.
std::size_t bytes_of_a_request(const ManualClock& clock, TestNode::Settings settings, int count) {
  FakeNetwork net;
  std::vector<std::unique_ptr<TestNode>> nodes;
  for (int i = 0; i < count; ++i) {
    nodes.push_back(
        std::make_unique<TestNode>(net, static_cast<std::uint16_t>(i + 1), clock, settings));
    nodes.back()->start();
  }
  const auto session = nodes[0]->create();
  net.forget_sent();
  nodes[0]->request(session, [](auto& s) { s.set_attribute("x", std::string(200, 'v')); });
  std::size_t bytes = 0;
  for (const auto& packet : net.sent()) bytes += packet.content->size();
  return bytes;
}

TEST_F(BackupManagerTest, SeedRow040_ARequestCostsTheSameInALargeGroup) {
  EXPECT_EQ(bytes_of_a_request(clock, settings(), 8), bytes_of_a_request(clock, settings(), 2));
  EXPECT_EQ(bytes_of_a_request(clock, {}, 8), 7 * bytes_of_a_request(clock, {}, 2));
}

}  // namespace
}  // namespace serval::ha::test
