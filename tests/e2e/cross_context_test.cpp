// A request that changes sessions of two applications (crossContext): both changes are on the other
// node when it has been answered.
#include "tests/e2e/pairs.h"

namespace serval::test {

class CrossContext : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.binder = false;
    defaults.manager = GetParam().manager;
    defaults.context_xml = R"(<Context crossContext="true" sessionCookiePath="/"/>)";
  }
  Node& start_both(Kind kind) {
    return start(kind, [kind](NodeOptions& o) {
      o.applications = {{"demo", demo_war(kind)}, {"other", demo_war(kind)}};
    });
  }
  /// One request to /demo that sets here=/s?op=set&k=there&v=VALUE in its own session, and
  /// there=VALUE in that of /other.
  static HttpResponse change_both(DemoUser& user, const Node& node, const std::string& op,
                                  const std::string& value) {
    return user.ask(node, "op=" + op + "&c=/other&k=here&v=/s?op%3Dset%26k%3Dthere%26v%3D" + value);
  }
  static void expect_both(DemoUser& user, const Node& node, const std::string& value) {
    SCOPED_TRACE(node.options().name);
    const std::string here = "/s?op=set&k=there&v=" + value;
    EXPECT_TRUE(eventually([&] { return user.peek(node, "here") == here; }))
        << user.peek(node, "here");
    user.path = "/other/s";
    EXPECT_TRUE(eventually([&] { return user.peek(node, "there") == value; }))
        << user.peek(node, "there");
    user.path = "/demo/s";
  }
};

TEST_P(CrossContext, WhatARequestChangesInBothApplicationsTheOtherNodeHas) {
  Node& a = start_both(GetParam().a);
  Node& b = start_both(GetParam().b);
  expect_members(a, b);
  DemoUser user;
  EXPECT_EQ(field(change_both(user, a, "forward", "1"), "ok"), "true");
  expect_both(user, b, "1");
  change_both(user, a, "include", "2");
  expect_both(user, b, "2");
  change_both(user, b, "forward", "3");
  expect_both(user, a, "3");
  a.kill();
  change_both(user, b, "include", "4");
  expect_both(user, b, "4");
}

INSTANTIATE_TEST_SUITE_P(Nodes, CrossContext, ::testing::ValuesIn(few_pairs()), pair_name);

}  // namespace serval::test
