// Feature table 12: ClusterSingleSignOn; what no other kind of server is needed for.
#include "tests/e2e/single_sign_on.h"

#include <signal.h>

#include "tests/support/raw_socket.h"

namespace serval::test {

class Sso : public ClusterTest {
 protected:
  Node& start_node(const std::string& attributes = {}) {
    return start(next_kind(),
                 [&](NodeOptions& o) { use_sso(o, next_kind(), sso_valve(attributes)); });
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
  const auto with_host_valve = [&](NodeOptions& o) {
    use_sso(o, next_kind(), "");
    o.in_host = false;
    o.host_xml = sso_valve();
  };
  Node &a = start(next_kind(), with_host_valve), &b = start(next_kind(), with_host_valve);
  expect_members(a, b);
  LoginUser alice;
  EXPECT_EQ(alice.status(a, "a", "wonder"), 200);
  EXPECT_EQ(alice.status(b, "b"), 200);
}

TEST_F(Sso, SeedRow128_WithoutAClusterTheHostDoesNotStart) {
  Node& node = add(next_kind(), [&](NodeOptions& o) {
    use_sso(o, next_kind(), "");
    o.cluster_xml = " ";
    o.host_xml = sso_valve();
  });
  node.start(false);
  EXPECT_TRUE(eventually([&] { return !node.is_running(); }));
  EXPECT_TRUE(node.logged("There is no Cluster for ClusterSingleSignOn")) << node.log_tail();
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

TEST_F(Sso, SeedRow135_AMemberThatFallsSilentHasNoPartInTheMapUntilItSpeaks) {
  defaults.send_options = "8";
  defaults.drop_time = 60'000;  // it stays a member of the cluster
  Node &a = start_node(R"(accessTimeout="2000")"), &b = start_node();
  expect_members(a, b);
  const auto login_time = [&] {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(LoginUser().status(a, "a", "wonder"), 200);
    return std::chrono::steady_clock::now() - begin;
  };
  b.signal(SIGSTOP);
  EXPECT_GT(login_time(), std::chrono::seconds(1)) << "the login waited for its acknowledgement";
  EXPECT_TRUE(eventually([&] { return login_time() < std::chrono::milliseconds(500); }));
  b.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] {
    LoginUser alice;
    return alice.status(a, "a", "wonder") == 200 && alice.status(b, "b") == 200;
  })) << b.log_tail();
}

/// A member that accepts connections and never says a word.
class SilentMember {
 public:
  /// The Cluster of a node whose only member this is.
  std::string cluster_xml(int receiver, const std::string& valve) const {
    return R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"
        channelSendOptions="8" channelStartOptions="3">
        <Manager className="org.apache.catalina.ha.session.DeltaManager" stateTransferTimeout="0"/>
        <Channel className="org.apache.catalina.tribes.group.GroupChannel">
          <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver"
            address="127.0.0.1" port=")" +
           std::to_string(receiver) + R"(" autoBind="0"/>
          <Sender className="org.apache.catalina.tribes.transport.ReplicationTransmitter">
            <Transport className="org.apache.catalina.tribes.transport.nio.PooledParallelSender"
              timeout="500"/>
          </Sender>
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor"/>
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor">
            <Member className="org.apache.catalina.tribes.membership.StaticMember" host="127.0.0.1"
              port=")" +
           std::to_string(listener_.port()) +
           R"(" uniqueId="{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16}"/>
          </Interceptor>
        </Channel>
        <Valve className="org.apache.catalina.ha.tcp.ReplicationValve"/>)" +
           valve + "</Cluster>";
  }

 private:
  RawListener listener_;
};

class SsoSilentMember : public Sso {
 protected:
  Node& add_node(const std::string& attributes) {
    return add(next_kind(), [&](NodeOptions& o) {
      use_sso(o, next_kind(), "");
      o.receiver = free_port();
      o.cluster_xml = silent.cluster_xml(o.receiver, sso_valve(attributes));
    });
  }
  /// How long it takes until the node serves.
  std::chrono::steady_clock::duration start_time(const std::string& attributes) {
    Node& node = add_node(attributes);
    const auto begin = std::chrono::steady_clock::now();
    node.start();
    return std::chrono::steady_clock::now() - begin;
  }
  SilentMember silent;
};

TEST_F(SsoSilentMember, SeedRow133_TheStartWaitsForAMemberForTheRpcTimeout) {
  const auto at_once = start_time(R"(mapSendOptions="8" rpcTimeout="1")");
  const auto later = start_time(R"(mapSendOptions="8" rpcTimeout="4000")");
  EXPECT_GT(later - at_once, std::chrono::seconds(3));
}

TEST_F(SsoSilentMember, SeedRow134_TheHostStartsAllTheSameByDefault) {
  Node& node = add_node("");
  node.start();
  LoginUser alice;
  EXPECT_EQ(alice.status(node, "a", "wonder"), 200);
  EXPECT_EQ(alice.status(node, "b"), 200);
}

TEST_F(SsoSilentMember, SeedRow134_TheHostFailsIfTold) {
  Node& node = add_node(R"(terminateOnStartFailure="true")");
  node.start(false);
  EXPECT_TRUE(eventually([&] { return !node.is_running(); })) << node.log_tail();
  EXPECT_TRUE(node.logged("localhost-SSO-cache")) << node.log_tail();
}

}  // namespace serval::test
