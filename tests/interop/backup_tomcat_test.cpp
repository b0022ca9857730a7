// BackupManager with real Tomcats: two generations, which cannot read each other's messages, and
// Serval in one map. The How-To's story with one Tomcat: steps_test.cpp.
#include <algorithm>

#include "tests/e2e/pairs.h"
#include "tests/support/cluster_test.h"

namespace serval::test {

using std::chrono::seconds;

/// Nodes in the order of their names node01, node02, node03.
struct Three {
  Kind kinds[3];
  friend std::ostream& operator<<(std::ostream& out, const Three& three) {
    return out << name_of(three.kinds[0]) << "_" << name_of(three.kinds[1]) << "_"
               << name_of(three.kinds[2]);
  }
};

class BackupWithTomcats : public ClusterTest, public ::testing::WithParamInterface<Three> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.manager = "backup";
    // Tomcats of two generations wait for each other's answers at start, twice.
    defaults.manager_attributes = R"(rpcTimeout="3000" processExpiresFrequency="1")";
    for (std::size_t i = 0; i < 3; ++i) nodes[i] = &start(GetParam().kinds[i]);
    for (Node* node : nodes) {
      ASSERT_TRUE(eventually([&] { return node->times_logged("Replication member added") >= 2; },
                             seconds(30)))
          << node->log_tail();
    }
  }
  Node& of(Kind kind) {
    return **std::ranges::find_if(nodes, [&](const Node* one) { return one->kind() == kind; });
  }
  Node& serval() { return of(Kind::kServal); }
  static bool are_strangers(const Node& a, const Node& b) {
    return a.kind() != b.kind() && a.kind() != Kind::kServal && b.kind() != Kind::kServal;
  }
  /// A request that a node may need a moment for: until the loss of another one is known.
  static bool eventually_has(DemoUser& user, const Node& node, const std::string& key,
                             const std::string& value) {
    return eventually([&] { return user.peek(node, key) == value; }, seconds(6));
  }
  Node* nodes[3] = {};
};

TEST_P(BackupWithTomcats, SeedRow094_ASessionIsReadAndChangedOnEveryNode) {
  const std::pair<const char*, std::string> values[] = {
      {"string", "hello"}, {"int", "-7"},     {"long", "9000000000"},
      {"bytes", "00ff10"}, {"list", "a,b,c"}, {"date", "1700000000123"},
      {"bool", "true"},    {"double", "2.5"}, {"cart", "2,ann,pen,ink"}};
  for (Node* from : nodes) {
    SCOPED_TRACE(from->options().name);
    DemoUser user;
    for (const auto& [type, value] : values) ASSERT_TRUE(user.set(*from, type, value, type));
    const std::string cart = user.get(*from, "cart");
    // Around twice: every node takes it from every other one.
    for (int round = 0; round < 2; ++round) {
      for (Node* node : nodes) {
        SCOPED_TRACE(node->options().name);
        EXPECT_EQ(user.get(*node, "string"), "hello");
        EXPECT_EQ(user.get(*node, "long"), "9000000000");
        EXPECT_EQ(user.get(*node, "cart"), cart);
        const std::string word = node->options().name + "-" + std::to_string(round);
        ASSERT_TRUE(user.set(*node, "last", word));
        EXPECT_EQ(user.get(*node, "last"), word);
      }
    }
    user.ask(*nodes[1], "op=del&k=int");
    EXPECT_EQ(user.get(*nodes[2], "int"), "null");
  }
}

TEST_P(BackupWithTomcats, SeedRow100_SessionsOutliveTheirPrimaryNode) {
  for (std::size_t lost = 0; lost < 3; ++lost) {
    Node& primary = *nodes[lost];
    Node& next = *nodes[(lost + 1) % 3];
    Node& last = *nodes[(lost + 2) % 3];
    SCOPED_TRACE("lost " + primary.options().name);
    std::array<DemoUser, 6> users;
    for (std::size_t i = 0; i < users.size(); ++i) {
      ASSERT_TRUE(users[i].set(primary, "x", std::to_string(i)));
    }
    primary.kill();
    for (std::size_t i = 0; i < users.size(); ++i) {
      Node* node = i % 2 ? &next : &last;
      // Without Serval the generations are strangers: the one that had the backup has the session.
      if (are_strangers(next, last)) {
        node = eventually_has(users[i], next, "x", std::to_string(i)) ? &next : &last;
      }
      EXPECT_TRUE(eventually_has(users[i], *node, "x", std::to_string(i)))
          << i << " on " << node->options().name << next.log_tail(25) << last.log_tail(25);
      ASSERT_TRUE(users[i].set(*node, "y", "after"));
    }
    primary.start();
    for (std::size_t i = 0; i < users.size(); ++i) {
      EXPECT_TRUE(eventually_has(users[i], primary, "y", "after")) << i << primary.log_tail(25);
      EXPECT_EQ(users[i].get(primary, "x"), std::to_string(i));
    }
  }
}

TEST_P(BackupWithTomcats, SeedRow005_ALostBackupIsReplaced) {
  Node& primary = serval();
  std::vector<Node*> others;
  std::ranges::copy_if(nodes, std::back_inserter(others),
                       [&](auto* one) { return one != &primary; });
  std::array<DemoUser, 4> users;
  for (DemoUser& user : users) ASSERT_TRUE(user.set(primary, "x", "kept"));
  // Whoever had the backup, it is on the first of the others in the end.
  for (Node* lost : others) {
    lost->kill();
    Node& rest = lost == others[0] ? *others[1] : *others[0];
    ASSERT_TRUE(rest.eventually_logs("Received member disappeared", seconds(20)));
    for (DemoUser& user : users) ASSERT_TRUE(user.set(primary, "y", lost->options().name));
    lost->start();
  }
  primary.kill();
  for (DemoUser& user : users) {
    EXPECT_TRUE(eventually_has(user, *others[0], "y", others[1]->options().name))
        << others[0]->log_tail(25);
    EXPECT_EQ(user.get(*others[0], "x"), "kept");
  }
}

TEST_P(BackupWithTomcats, TheBackupOfASessionThatIsOnlyReadDoesNotEnd) {
  Node& primary = *nodes[0];
  DemoUser user;
  ASSERT_TRUE(user.set(primary, "x", "1"));
  user.ask(primary, "op=maxi&v=2");
  const auto end = std::chrono::steady_clock::now() + seconds(7);  // a backup waits 4 s
  EXPECT_TRUE(eventually(
      [&] {
        EXPECT_EQ(user.peek(primary, "x"), "1");
        return std::chrono::steady_clock::now() > end;
      },
      seconds(20)));
  user.ask(primary, "op=maxi&v=60");
  primary.kill();
  EXPECT_TRUE(eventually_has(user, *nodes[1], "x", "1") ||
              eventually_has(user, *nodes[2], "x", "1"));
}

TEST_P(BackupWithTomcats, SeedRow102_AnInvalidatedSessionIsGoneOnAllNodes) {
  for (Node* ending : nodes) {
    SCOPED_TRACE(ending->options().name);
    DemoUser user;
    ASSERT_TRUE(user.set(*nodes[0], "x", "1"));
    ASSERT_EQ(user.peek(*ending, "x"), "1");
    const std::string id = user.session_id();
    ASSERT_EQ(field(user.ask(*ending, "op=inv"), "invalidated"), "true");
    for (Node* node : nodes) {
      DemoUser late;
      late.browser.set_cookie("JSESSIONID", "/demo", id);
      EXPECT_TRUE(eventually([&] { return late.peek(*node, "x") == "no session"; }))
          << node->options().name;
    }
  }
}

TEST_P(BackupWithTomcats, SeedRow050_TheIdFollowsTheNode) {
  DemoUser user;
  ASSERT_TRUE(user.set(*nodes[0], "x", "1"));
  const std::string plain = user.session_id().substr(0, user.session_id().find('.'));
  for (Node* node : {nodes[1], nodes[2], nodes[0], nodes[2], nodes[1], nodes[0]}) {
    SCOPED_TRACE(node->options().name);
    // What one generation says the other hears from Serval, a moment later.
    EXPECT_TRUE(eventually_has(user, *node, "x", "1"));
    EXPECT_EQ(user.session_id(), plain + "." + node->options().name);
  }
  ASSERT_EQ(user.ask(*nodes[0], "op=cid").status, 200);
  EXPECT_TRUE(eventually_has(user, *nodes[2], "x", "1"));
}

namespace {

/// Both generations; in a soak run each of them alone, and Serval in every place.
std::vector<Three> mixes() {
  std::vector<Three> all{{{Kind::kServal, Kind::kTomcat9, Kind::kTomcat10}}};
  if (!all_mixes()) return all;
  all.push_back({{Kind::kTomcat10, Kind::kTomcat9, Kind::kServal}});
  all.push_back({{Kind::kTomcat9, Kind::kServal, Kind::kTomcat9}});
  all.push_back({{Kind::kTomcat10, Kind::kTomcat10, Kind::kServal}});
  return all;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(, BackupWithTomcats, ::testing::ValuesIn(mixes()),
                         [](const ::testing::TestParamInfo<Three>& one) {
                           return ::testing::PrintToString(one.param);
                         });

}  // namespace serval::test
