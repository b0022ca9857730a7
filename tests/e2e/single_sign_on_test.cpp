// Feature table 12: ClusterSingleSignOn; what no other kind of server is needed for.
#include "tests/e2e/single_sign_on.h"

namespace serval::test {

INSTANTIATE_TEST_SUITE_P(TwoServalNodes, SsoPair, ::testing::Values(Pair{}), pair_name);

class Sso : public ClusterTest {
 protected:
  Node& start_node(const std::string& attributes = {}) {
    return start(usual_kind(),
                 [&](NodeOptions& o) { use_sso(o, usual_kind(), sso_valve(attributes)); });
  }
};

TEST_F(Sso, SeedRow128_InTheClusterOfAnEngineItSaysSoAndEachApplicationAsks) {
  Node& node = start(Kind::kServal, [](NodeOptions& o) {
    use_sso(o, Kind::kServal, sso_valve());
    o.in_host = false;
  });
  EXPECT_TRUE(node.logged(
      "ClusterSingleSignOn can only work in the Cluster of a Host, or as a Valve of a Host, not in "
      "[Catalina]"))
      << node.log_tail();
  LoginUser alice;
  EXPECT_EQ(alice.status(node, "a", "wonder"), 200);
  EXPECT_EQ(alice.sso(), "");
  EXPECT_EQ(alice.status(node, "b"), 401);
}

TEST_F(Sso, SeedRow128_AsAValveOfAHostItUsesTheClusterOfTheEngine) {
  const auto with_host_valve = [](NodeOptions& o) {
    use_sso(o, usual_kind(), "");
    o.in_host = false;
    o.host_xml = sso_valve();
  };
  Node &a = start(usual_kind(), with_host_valve), &b = start(usual_kind(), with_host_valve);
  expect_members(a, b);
  LoginUser alice;
  EXPECT_EQ(alice.status(a, "a", "wonder"), 200);
  EXPECT_EQ(alice.status(b, "b"), 200);
}

TEST_F(Sso, SeedRow128_WithoutAClusterTheHostDoesNotStart) {
  Node& node = add(usual_kind(), [](NodeOptions& o) {
    use_sso(o, usual_kind(), "");
    o.cluster_xml = " ";
    o.host_xml = sso_valve();
  });
  node.start(false);
  EXPECT_TRUE(node.eventually_logs("There is no Cluster for ClusterSingleSignOn"));
}

TEST_F(Sso, SeedRow129_AnotherClassNameIsAnError) {
  Node& node = add(Kind::kServal, [](NodeOptions& o) {
    use_sso(o, Kind::kServal,
            R"(<Valve className="org.apache.catalina.ha.authenticator.ClusterSingleSignOff"/>)");
  });
  node.start(false);
  EXPECT_TRUE(node.eventually_logs("did you mean")) << node.log_tail();
  EXPECT_TRUE(node.logged("org.apache.catalina.ha.authenticator.ClusterSingleSignOn"));
}

TEST_F(Sso, SeedRow131_TheDefaultOptionsMakeTheAnswerWaitForTheOtherNode) {
  Node &a = start_node(), &b = start_node();
  expect_members(a, b);
  for (int i = 0; i < 50; ++i) {
    LoginUser alice;
    ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
    ASSERT_EQ(alice.status(b, "b"), 200) << i;
  }
}

TEST_F(Sso, SeedRow131_WithOptions8TheLoginArrivesToo) {
  Node &a = start_node(R"(mapSendOptions="8")"), &b = start_node(R"(mapSendOptions="8")");
  expect_members(a, b);
  LoginUser alice;
  ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
  EXPECT_TRUE(alice.eventually_has(b, "b", 200));
}

/// Starts a second node while the first one is stopped in its tracks.
class SsoSilentPeer : public Sso {
 protected:
  /// The second node's log, once it serves or has given up.
  Node& start_beside_a_silent_peer(const std::string& attributes) {
    // So that the silent node stays a member.
    defaults.drop_time = 60'000;
    Node& a = start_node();
    Node& b = add(usual_kind(), [&](NodeOptions& o) {
      use_sso(o, usual_kind(), sso_valve(attributes));
      o.manager_attributes = R"(stateTransferTimeout="0")";
    });
    b.start(false);
    EXPECT_TRUE(b.eventually_logs("Cluster is about to start"));
    EXPECT_TRUE(b.eventually_logs("Replication member added") || b.is_running());
    a.signal(SIGSTOP);
    silent_ = &a;
    return b;
  }
  void TearDown() override {
    if (silent_) silent_->signal(SIGCONT);
    Sso::TearDown();
  }

 private:
  Node* silent_ = nullptr;
};

}  // namespace serval::test
