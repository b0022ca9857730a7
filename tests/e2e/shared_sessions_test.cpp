// Feature table 1, 9, 10 and 13: what two nodes share of a session, and what they tell listeners,
// for any pair of servers.
#include <thread>

#include "tests/e2e/pairs.h"
#include "tests/support/jmx.h"

namespace serval::test {

class SharedSessions : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  Node& start_node(Kind kind) {
    return start(kind, [&](NodeOptions& o) { o.applications = demo_and_manager(kind); });
  }
  void start_pair() {
    a = &start_node(GetParam().a);
    b = &start_node(GetParam().b);
    expect_members(*a, *b);
  }
  static std::string events(const Node& node) {
    return field(HttpClient(node.http()).get("/demo/s?op=events"), "value");
  }
  static bool eventually_heard(const Node& node, const std::string& what) {
    return eventually([&] { return events(node) == what; });
  }
  /// How many sessions a node has, without touching them.
  static std::string sessions_on(const Node& node) {
    return Jmx(node).get("Catalina:type=Manager,host=localhost,context=/demo", "activeSessions");
  }
  Node *a = nullptr, *b = nullptr;
};
INSTANTIATE_TEST_SUITE_P(, SharedSessions, ::testing::ValuesIn(few_pairs()), pair_name);

TEST_P(SharedSessions, SeedRow004_ANodeWithoutTheApplicationGetsItsMessagesToo) {
  a = &start_node(GetParam().a);
  b = &start(GetParam().b, [&](NodeOptions& o) {
    o.applications = {{"other", demo_war(GetParam().b)}};
  });
  expect_members(*a, *b);
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  EXPECT_TRUE(b->eventually_logs("Context manager doesn't exist:[localhost#/demo]"))
      << b->log_tail();
  EXPECT_EQ(user.get(*a, "x"), "1");
}

TEST_P(SharedSessions, SeedRow016_ACleanStopLeavesTheSessionsToTheOtherNode) {
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  EXPECT_EQ(user.peek(*b, "x"), "1");
  a->stop();
  EXPECT_EQ(user.peek(*b, "x"), "1");
  EXPECT_EQ(events(*b).substr(0, 23), "created 1 destroyed 0 r");
}

TEST_P(SharedSessions, SeedRow140_ListenersHearOfWhatTheOtherNodeDid) {
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  ASSERT_TRUE(user.set(*a, "x", "2"));
  ASSERT_TRUE(user.set(*a, "y", "1"));
  user.ask(*a, "op=del&k=y");
  user.ask(*a, "op=cid");
  const std::string until_now = "created 1 destroyed 0 renamed 1 added 2 replaced 1 removed 1";
  EXPECT_TRUE(eventually_heard(*a, until_now)) << events(*a);
  EXPECT_TRUE(eventually_heard(*b, until_now)) << events(*b);
  user.ask(*a, "op=inv");
  const std::string all = "created 1 destroyed 1 renamed 1 added 2 replaced 1 removed 2";
  EXPECT_TRUE(eventually_heard(*a, all)) << events(*a);
  EXPECT_TRUE(eventually_heard(*b, all)) << events(*b);
}

TEST_P(SharedSessions, SeedRow140_ListenersHearNothingIfToldSo) {
  defaults.notify_listeners = false;
  defaults.manager_attributes = R"(notifySessionListenersOnReplication="false")";
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  user.ask(*a, "op=del&k=x");
  EXPECT_EQ(sessions_on(*b), "1");
  user.ask(*a, "op=inv");
  EXPECT_TRUE(eventually([&] { return sessions_on(*b) == "0"; }));
  EXPECT_EQ(events(*a), "created 1 destroyed 1 renamed 0 added 1 replaced 0 removed 1");
  EXPECT_EQ(events(*b), "created 0 destroyed 0 renamed 0 added 0 replaced 0 removed 0");
}

TEST_P(SharedSessions, SeedRow096_AChangeInPlaceIsSentOnlyAfterItIsSetAgain) {
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "cart", "1,ann,pen", "cart"));
  const std::string before = "Cart{count=1,owner=ann,items=[pen]}",
                    after = "Cart{count=1,owner=ann,items=[pen, ink]}";
  user.ask(*a, "op=mutate&k=cart&v=ink");
  EXPECT_EQ(user.get(*a, "cart"), after);
  ASSERT_TRUE(user.set(*a, "x", "1"));  // another change does not take it along
  EXPECT_EQ(user.peek(*b, "x"), "1");
  EXPECT_EQ(user.peek(*b, "cart"), before);
}

TEST_P(SharedSessions, SeedRow103_ASessionOfTheSecondNodeIsOnTheFirst) {
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*b, "x", "1"));
  EXPECT_TRUE(user.session_id().ends_with(".node02"));
  EXPECT_EQ(user.get(*a, "x"), "1");
}

TEST_P(SharedSessions, SeedRow104_AnIdleSessionEndsOnBothNodes) {
  defaults.manager_attributes = R"(processExpiresFrequency="1")";
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  user.ask(*a, "op=maxi&v=1");
  EXPECT_EQ(sessions_on(*b), "1");
  EXPECT_TRUE(eventually([&] { return sessions_on(*a) == "0"; }));
  EXPECT_TRUE(eventually([&] { return sessions_on(*b) == "0"; }));
}

TEST_P(SharedSessions, SeedRow109_TheLastOfTwoWritersWins) {
  defaults.binder = false;  // one id on both
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "0"));
  const auto same_user = [&] {
    DemoUser other;
    other.browser.set_cookie("JSESSIONID", "/demo", user.session_id());
    return other;
  };
  const auto write = [&](const Node& node, int count) {
    DemoUser writer = same_user();
    for (int i = 0; i < count; ++i) {
      writer.ask(node, "op=set&k=x&v=" + node.options().name + std::to_string(i));
    }
  };
  for (Node* last : {a, b}) {
    std::thread on_a([&] { write(*a, 20); });
    write(*b, 20);  // at the same time; nobody waits for the other for ever
    on_a.join();
    write(*last, 1);
    DemoUser reader = same_user();
    for (Node* node : {a, b}) {
      EXPECT_TRUE(reader.eventually_gets(*node, "x", last->options().name + "0"))
          << last->options().name << " on " << node->options().name;
    }
  }
}

TEST_P(SharedSessions, SeedRow110_ParallelRequestsOfOnePageLoseNothing) {
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "0"));
  const std::string id = user.session_id();
  std::vector<std::thread> frames;
  for (int i = 0; i < 20; ++i) {
    frames.emplace_back([&, i] {
      DemoUser frame;
      frame.browser.set_cookie("JSESSIONID", "/demo", id);
      frame.ask(*a, "op=set&k=f" + std::to_string(i) + "&v=" + std::to_string(i));
    });
  }
  for (auto& frame : frames) frame.join();
  for (int i = 0; i < 20; ++i) {
    const std::string name = "f" + std::to_string(i), value = std::to_string(i);
    EXPECT_EQ(user.peek(*a, name), value);
  }
  for (int i = 0; i < 20; ++i) {
    const std::string name = "f" + std::to_string(i), value = std::to_string(i);
    EXPECT_TRUE(user.eventually_gets(*b, name, value)) << name;
  }
}

}  // namespace serval::test
