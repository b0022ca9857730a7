// Feature table 9 as one story: what the How-To tells of TomcatA and TomcatB, for any pair of
// servers and either manager.
#include "tests/e2e/pairs.h"
#include "tests/support/jmx.h"

namespace serval::test {

class NineSteps : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  Node& make(Kind kind) {
    return add(kind, [&](NodeOptions& o) {
      o.manager = GetParam().manager;
      o.manager_attributes = R"(processExpiresFrequency="1")";
      o.applications = demo_and_manager(kind);
    });
  }
  static std::string sessions_on(const Node& node) {
    return Jmx(node).get("Catalina:type=Manager,host=localhost,context=/demo", "activeSessions");
  }
};
INSTANTIATE_TEST_SUITE_P(, NineSteps, ::testing::ValuesIn(few_pairs()), pair_name);
INSTANTIATE_TEST_SUITE_P(WithBackupManager, NineSteps, ::testing::ValuesIn(few_pairs("backup")),
                         pair_name);

TEST_P(NineSteps, SeedRow105_TomcatAAndTomcatB) {
  Node &a = make(GetParam().a), &b = make(GetParam().b);
  // 1 TomcatA starts up.
  a.start();
  DemoUser first;
  ASSERT_TRUE(first.set(a, "x", "early"));
  // 2 TomcatB starts up and asks for the state.
  b.start();
  expect_members(a, b);
  EXPECT_EQ(first.get(b, "x"), "early");
  // 3 TomcatA receives a request, a session S1 is created.
  DemoUser s1;
  ASSERT_TRUE(s1.set(a, "color", "blue"));
  ASSERT_TRUE(s1.session_id().ends_with(".node01"));
  // 4 TomcatA crashes.
  a.kill();
  ASSERT_TRUE(b.eventually_logs("Received member disappeared", std::chrono::seconds(20)))
      << b.log_tail();
  // 5 TomcatB receives a request for session S1.
  EXPECT_EQ(s1.get(b, "color"), "blue");
  EXPECT_TRUE(s1.session_id().ends_with(".node02")) << s1.session_id();
  ASSERT_TRUE(s1.set(b, "size", "large"));
  // 6 TomcatA starts up.
  a.start();
  ASSERT_TRUE(eventually([&] { return b.times_logged("Replication member added") == 2; }));
  // 7 TomcatA receives a request, invalidate is called on the session S1.
  EXPECT_EQ(s1.get(a, "color"), "blue");
  EXPECT_EQ(s1.get(a, "size"), "large");
  s1.ask(a, "op=inv");
  EXPECT_EQ(s1.peek(b, "color"), "no session");
  // 8 TomcatB receives a request for a new session S2.
  DemoUser s2;
  ASSERT_TRUE(s2.set(b, "color", "red"));
  EXPECT_EQ(s2.get(a, "color"), "red");
  // 9 TomcatA: the session S2 expires due to inactivity.
  first.ask(a, "op=inv");
  s2.ask(a, "op=maxi&v=1");
  for (Node* node : {&a, &b}) {
    EXPECT_TRUE(eventually([&] { return sessions_on(*node) == "0"; })) << node->options().name;
  }
  EXPECT_EQ(s2.peek(b, "color"), "no session");
}

}  // namespace serval::test
