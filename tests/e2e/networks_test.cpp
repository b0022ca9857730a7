// Feature table 7, 10 and 13: nodes whose network is not what they would like it to be.
#include <unistd.h>

#include <memory>
#include <vector>

#include "tests/e2e/pairs.h"
#include "tests/support/network_namespace.h"

namespace serval::test {

namespace {

std::string cluster(const std::string& membership, const std::string& receiver) {
  return R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster" channelSendOptions="6">
    <Channel className="org.apache.catalina.tribes.group.GroupChannel">
      <Membership className="org.apache.catalina.tribes.membership.McastService" )" +
         membership +
         R"(/><Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver" )" +
         receiver + "/></Channel></Cluster>\n";
}

}  // namespace

class Networks : public ClusterTest {
 protected:
  void SetUp() override {
    SERVAL_NEEDS_NAMESPACES("to build networks");
    ClusterTest::SetUp();
  }
};

TEST_F(Networks, SeedRow107_WithoutMulticastANodeRunsAloneUntilThereIs) {
  ip("route del 224.0.0.0/4");
  defaults.cluster_xml = R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"/>)";
  Node& alone = start();
  EXPECT_TRUE(alone.eventually_logs("make sure your system has multicasting enabled"))
      << alone.log_tail();
  EXPECT_TRUE(alone.logged("SEVERE")) << alone.log_tail();
  DemoUser user;
  ASSERT_TRUE(user.set(alone, "x", "1"));
  EXPECT_EQ(user.get(alone, "x"), "1");
  EXPECT_TRUE(
      alone.eventually_logs("Recovery attempt number [1] failed, trying again in [5000] ms"))
      << alone.log_tail();

  defaults.cluster_xml = cluster("recoverySleepTime=\"200\"", "address=\"auto\"");
  Node &a = start(), &b = start();
  EXPECT_TRUE(a.eventually_logs("Recovery attempt number [3] failed, trying again in [200] ms"));
  EXPECT_FALSE(a.logged("Replication member added"));
  ip("route add 224.0.0.0/4 dev lo");
  for (const Node* node : {&alone, &a, &b}) {
    EXPECT_TRUE(node->eventually_logs("Membership recovery was successful")) << node->log_tail();
    EXPECT_TRUE(eventually([&] { return node->times_logged("Replication member added") == 2; }))
        << node->log_tail();
  }
  for (const Node* node : {&a, &b}) {  // they ask for the session of the first in this moment
    EXPECT_TRUE(node->eventually_logs("[localhost#/demo]: 1 sessions of")) << node->log_tail();
  }
  ASSERT_TRUE(user.set(a, "y", "2"));
  EXPECT_EQ(user.peek(b, "y"), "2");
  Node& late = start();  // under soak a Tomcat, which does not start before
  EXPECT_TRUE(eventually([&] { return late.times_logged("Replication member added") == 3; }))
      << late.log_tail();
  ASSERT_TRUE(user.set(late, "z", "3"));
  EXPECT_EQ(user.peek(a, "z"), "3");
  EXPECT_EQ(user.peek(late, "y"), "2");
}

TEST_F(Networks, WithoutRecoveryThereIsNoStartWithoutMulticast) {
  ip("route del 224.0.0.0/4");
  defaults.cluster_xml = cluster("recoveryEnabled=\"false\"", "address=\"auto\"");
  Node& a = add();
  a.start(false);
  EXPECT_TRUE(a.eventually_logs("Unable to start cluster")) << a.log_tail();
  EXPECT_TRUE(eventually([&] { return !a.is_running(); })) << a.log_tail();
  ip("route add 224.0.0.0/4 dev lo");
}

class NetworksOfPairs : public Networks, public ::testing::WithParamInterface<Pair> {
 protected:
  void TearDown() override {
    Networks::TearDown();
    networks.clear();
  }
  std::vector<std::unique_ptr<NetworkNamespace>> networks;
};
INSTANTIATE_TEST_SUITE_P(, NetworksOfPairs, ::testing::ValuesIn(few_pairs()), pair_name);

TEST_P(NetworksOfPairs, SeedRow073_AMemberThatIsNotHeardIsAskedByTcpAndStays) {
  const Bridge bridge("switch");
  std::vector<Node*> nodes;
  for (const Kind kind : {GetParam().a, GetParam().b}) {
    networks.push_back(
        std::make_unique<NetworkNamespace>(static_cast<int>(networks.size()) + 1, bridge));
    NetworkNamespace& network = *networks.back();
    nodes.push_back(&add(kind, [&](NodeOptions& o) { o.address = network.address(); }));
    network.run([&] { nodes.back()->start(); });
  }
  Node &a = *nodes[0], &b = *nodes[1];
  expect_members(a, b);
  for (const auto& network : networks) network->hear_multicast(false);
  for (const Node* node : nodes) {
    EXPECT_TRUE(node->eventually_logs("Received memberDisappeared")) << node->log_tail();
    EXPECT_TRUE(node->eventually_logs("Verification complete. Member still alive"))
        << node->log_tail();
  }
  DemoUser user;
  networks[0]->run([&] { ASSERT_TRUE(user.set(a, "x", "1")); });
  networks[1]->run([&] { EXPECT_EQ(user.peek(b, "x"), "1"); });
  for (const Node* node : nodes) {
    EXPECT_FALSE(node->logged("Received member disappeared")) << node->log_tail();
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i]->kill();
}

TEST_P(NetworksOfPairs, SeedRow107_ANodeThatLosesItsMulticastTriesUntilItHasItAgain) {
  defaults.cluster_xml = cluster(
      "frequency=\"200\" dropTime=\"1200\" recoveryCounter=\"3\" "
      "recoverySleepTime=\"500\"",
      "address=\"auto\"");
  Node &a = start(GetParam().a), &b = start(GetParam().b);
  expect_members(a, b);
  ip("route del 224.0.0.0/4");
  for (const Node* node : {&a, &b}) {
    EXPECT_TRUE(node->eventually_logs("ulticasting is not functional")) << node->log_tail();
    EXPECT_TRUE(node->eventually_logs("Recovery attempt number [3] failed")) << node->log_tail();
  }
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_EQ(user.get(a, "x"), "1");
  ip("route add 224.0.0.0/4 dev lo");
  for (const Node* node : {&a, &b}) {
    EXPECT_TRUE(node->eventually_logs("Membership recovery was successful")) << node->log_tail();
  }
  ASSERT_TRUE(user.set(a, "x", "2"));
  EXPECT_TRUE(user.eventually_gets(b, "x", "2")) << a.log_tail() << b.log_tail();
}

TEST_P(NetworksOfPairs, SeedRow142_AutoIsTheAddressOfTheHostName) {
  // A host in two networks; its name stands for one of its addresses.
  const Bridge left("left"), right("right");
  ip("addr add 10.78.0.1/24 dev left");
  ip("addr add 10.79.0.1/24 dev right");
  const std::string host = "10.79.0.1";
  ASSERT_EQ(::sethostname(host.data(), host.size()), 0);
  const auto node = [&](Kind kind, const std::string& address) -> Node& {
    return start(kind, [&](NodeOptions& o) {
      o.receiver = free_port();
      o.cluster_xml =
          cluster("port=\"" + std::to_string(o.multicast) + "\" frequency=\"200\"",
                  address + " port=\"" + std::to_string(o.receiver) + "\" autoBind=\"1\"");
    });
  };
  Node& a = node(GetParam().a, "address=\"auto\"");
  Node& b = node(GetParam().b, "address=\"10.78.0.1\"");
  const auto announced = [](const Node& from, const std::string& bytes) {
    return "Replication member added:[org.apache.catalina.tribes.membership.MemberImpl[tcp://{" +
           bytes + "}:" + std::to_string(from.options().receiver);
  };
  EXPECT_TRUE(b.eventually_logs(announced(a, "10, 79, 0, 1"))) << b.log_tail();
  EXPECT_TRUE(a.eventually_logs(announced(b, "10, 78, 0, 1"))) << a.log_tail();
  EXPECT_TRUE(a.eventually_logs("bound to:[/10.79.0.1:")) << a.log_tail();
  EXPECT_FALSE(is_open(a.options().receiver)) << "listens at the other addresses too";
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_EQ(user.peek(b, "x"), "1");
  a.kill();
  b.kill();
}

}  // namespace serval::test
