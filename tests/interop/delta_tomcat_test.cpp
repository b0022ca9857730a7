// DeltaManager's settings with a real Tomcat as the other node. The How-To's story: steps_test.cpp.
#include <signal.h>

#include "tests/support/cluster_test.h"

namespace serval::test {

using std::chrono::seconds;
using std::chrono::steady_clock;

class DeltaWithTomcat : public ClusterTest, public ::testing::WithParamInterface<Kind> {
 protected:
  static Kind tomcat() { return GetParam(); }
  Node& start_with(Kind kind, const std::string& manager_attributes) {
    return start(kind, [&](NodeOptions& o) { o.manager_attributes = manager_attributes; });
  }
  static std::vector<DemoUser> make_users(const Node& node, std::size_t count) {
    std::vector<DemoUser> users(count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(users[i].set(node, "n", std::to_string(i)));
    }
    return users;
  }
  static void expect_known(const Node& node, std::vector<DemoUser>& users) {
    for (std::size_t i = 0; i < users.size(); ++i) {
      ASSERT_EQ(users[i].peek(node, "n"), std::to_string(i)) << node.options().name;
    }
  }
};

constexpr const char* kBlocks =
    R"(sendAllSessions="false" sendAllSessionsSize="10" sendAllSessionsWaitTime="200")";

TEST_P(DeltaWithTomcat, AStateInBlocksOfServalIsRead) {
  Node& a = start_with(Kind::kServal, kBlocks);
  auto users = make_users(a, 45);
  const auto before = steady_clock::now();
  Node& b = start(tomcat());
  EXPECT_GE(steady_clock::now() - before, 4 * std::chrono::milliseconds(200));
  EXPECT_TRUE(a.eventually_logs("Manager [localhost#/demo]: 45 sessions sent to")) << a.log_tail();
  EXPECT_FALSE(b.logged("timing out"));
  expect_known(b, users);
}

TEST_P(DeltaWithTomcat, AStateInBlocksOfTomcatIsRead) {
  Node& a = start_with(tomcat(), kBlocks);
  auto users = make_users(a, 45);
  Node& b = start(Kind::kServal);
  EXPECT_TRUE(b.logged("Manager [localhost#/demo]: 45 sessions of")) << b.log_tail();
  expect_known(b, users);
}

TEST_P(DeltaWithTomcat, ADonorWithoutTheApplicationIsReplacedByTheNextMember) {
  Node& a = start(tomcat(), [](NodeOptions& o) {
    o.applications = {{"other", demo_war(tomcat())}};
  });
  Node& b = start(tomcat());
  expect_members(a, b);
  auto users = make_users(b, 5);
  Node& c = start(Kind::kServal);
  EXPECT_EQ(c.times_logged("Manager [localhost#/demo], requesting session state from"), 2u)
      << c.log_tail();
  EXPECT_TRUE(c.logged("Manager [localhost#/demo]: 5 sessions of"));
  expect_known(c, users);
}

TEST_P(DeltaWithTomcat, ASilentDonorIsReplacedByTheNextMember) {
  defaults.drop_time = 30000;
  Node &a = start(tomcat()), &b = start(tomcat());
  expect_members(a, b);
  auto users = make_users(b, 5);
  a.signal(SIGSTOP);
  Node& c = add(Kind::kServal,
                [](NodeOptions& o) { o.manager_attributes = R"(stateTransferTimeout="6")"; });
  c.start();
  EXPECT_TRUE(c.logged("Manager [localhost#/demo]: 5 sessions of")) << c.log_tail();
  expect_known(c, users);
  a.signal(SIGCONT);
}

TEST_P(DeltaWithTomcat, ANodeThatStopsEndsTheSessionsOfTheOthersOnlyIfConfigured) {
  for (const bool expire : {false, true}) {
    for (const Kind stopping : {Kind::kServal, tomcat()}) {
      SCOPED_TRACE(testing::Message() << name_of(stopping) << (expire ? " expires" : ""));
      defaults.expire_on_shutdown = expire;
      Node& a = start(stopping);
      Node& b = start(stopping == Kind::kServal ? tomcat() : Kind::kServal);
      expect_members(a, b);
      DemoUser user;
      ASSERT_TRUE(user.set(a, "x", "1"));
      ASSERT_EQ(user.peek(b, "x"), "1");
      a.stop();
      ASSERT_TRUE(b.eventually_logs("Received member disappeared"));
      EXPECT_EQ(user.peek(b, "x"), expire ? "no session" : "1");
      b.stop();
    }
  }
}

TEST_P(DeltaWithTomcat, AllActionsMayBeSent) {
  Node& a = start_with(Kind::kServal, R"(recordAllActions="true")");
  Node& b = start_with(tomcat(), R"(recordAllActions="true")");
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  ASSERT_TRUE(user.set(a, "cart", "1,ann,pen", "cart"));
  ASSERT_TRUE(user.set(b, "x", "2"));
  EXPECT_EQ(user.get(a, "x"), "2");
  EXPECT_EQ(user.get(a, "cart"), user.get(b, "cart"));
}

TEST_P(DeltaWithTomcat, OnlyNamesThatPassTheFilterTravel) {
  const char* const filter = R"(sessionAttributeNameFilter="good.*")";
  Node& a = start_with(Kind::kServal, filter);
  Node& b = start_with(tomcat(), filter);
  expect_members(a, b);
  for (const auto& [from, to] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    DemoUser user;
    ASSERT_TRUE(user.set(*from, "good", "1"));
    ASSERT_TRUE(user.set(*from, "bad", "1"));
    EXPECT_EQ(user.peek(*to, "good"), "1");
    EXPECT_EQ(user.peek(*to, "bad"), "null");
  }
}

INSTANTIATE_TEST_SUITE_P(, DeltaWithTomcat, ::testing::Values(Kind::kTomcat9, Kind::kTomcat10),
                         [](const auto& one) { return std::string(name_of(one.param)); });

}  // namespace serval::test
