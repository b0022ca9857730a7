// Feature table 4 and 12: what larger groups cost, groups inside a group, what may stand inside
// Cluster.
#include <functional>

#include "tests/e2e/channel_parts.h"
#include "tests/e2e/pairs.h"
#include "tests/support/jmx.h"

namespace serval::test {

namespace {

constexpr const char* kThroughput =
    "ClusterChannel:type=Channel,channel=Catalina-Channel,component=Interceptor,"
    "interceptorName=ThroughputInterceptor";

bool has_file(const std::filesystem::path& folder, const std::string& prefix) {
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().filename().string().starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

class Groups : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  Node& with(Kind kind, const std::function<ChannelParts(const NodeOptions&)>& parts) {
    return start(kind, [&](NodeOptions& o) {
      o.applications.push_back(manager_application());
      o.receiver = free_port();
      o.cluster_xml = cluster_of(o, parts(o));
    });
  }
};
INSTANTIATE_TEST_SUITE_P(, Groups, ::testing::ValuesIn(few_pairs()), pair_name);

TEST_P(Groups, SeedRow040_BytesOfARequestGrowWithDeltaManagerOnly) {
  // Two nodes, then four: the first has one other to send to, then three.
  for (const std::string& manager : {std::string("DeltaManager"), std::string("BackupManager")}) {
    SCOPED_TRACE(manager);
    const auto parts = [&](const NodeOptions&) {
      return ChannelParts{
          .manager = "<Manager className=\"org.apache.catalina.ha.session." + manager + "\"/>",
          .interceptors = kUsual + interceptor("ThroughputInterceptor")};
    };
    std::vector<Node*> nodes;
    const auto sent = [&] { return std::stod(Jmx(*nodes[0]).get(kThroughput, "MbTx")); };
    const auto megabytes_of_requests = [&] {
      DemoUser user;
      EXPECT_TRUE(user.set(*nodes[0], "x", "10", "big"));
      const double before = sent();
      for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(user.set(*nodes[0], "x", std::to_string(20000 + i), "big"));
      }
      return sent() - before;
    };
    nodes = {&with(GetParam().a, parts), &with(GetParam().b, parts)};
    expect_members(*nodes[0], *nodes[1]);
    const double of_two = megabytes_of_requests();
    EXPECT_GT(of_two, 0.3);
    for (int i = 0; i < 2; ++i) nodes.push_back(&with(Kind::kServal, parts));
    for (const Node* node : nodes) {
      EXPECT_TRUE(eventually([&] { return node->times_logged("Replication member added") == 3; }))
          << node->log_tail();
    }
    const double of_four = megabytes_of_requests();
    EXPECT_NEAR(of_four / of_two, manager == "DeltaManager" ? 3 : 1, 0.3);
    for (Node* node : nodes) node->kill();
  }
}

TEST_P(Groups, SeedRow041_DomainsAreGroupsOfTheirOwn) {
  const auto in_domain = [&](Kind kind, const std::string& domain) {
    return &with(kind, [&](const NodeOptions& o) {
      const std::string of_domain = "domain=\"" + domain + "\"";
      return ChannelParts{
          .membership =
              "<Membership className=\"org.apache.catalina.tribes.membership.McastService\" "
              "bind=\"127.0.0.1\" port=\"" +
              std::to_string(o.multicast) + "\" frequency=\"" + std::to_string(o.frequency) +
              "\" " + of_domain + "/>",
          .interceptors = interceptor("DomainFilterInterceptor", of_domain) + kUsual};
    });
  };
  const Node *a = in_domain(GetParam().a, "d1"), *b = in_domain(GetParam().b, "d1"),
             *c = in_domain(GetParam().a, "d2"), *d = in_domain(GetParam().b, "d2");
  for (const Node* node : {a, b, c, d}) {
    EXPECT_TRUE(node->eventually_logs("was refused to join cluster")) << node->log_tail();
  }
  expect_members(*a, *b);
  expect_members(*c, *d);
  DemoUser of_one, of_two;
  ASSERT_TRUE(of_one.set(*a, "x", "1"));
  ASSERT_TRUE(of_two.set(*c, "x", "2"));
  EXPECT_EQ(of_one.peek(*c, "x"), "no session");
  EXPECT_EQ(of_one.peek(*d, "x"), "no session");
  EXPECT_EQ(of_two.peek(*a, "x"), "no session");
  EXPECT_EQ(of_two.peek(*b, "x"), "no session");
  EXPECT_EQ(of_one.peek(*b, "x"), "1");
  EXPECT_EQ(of_two.peek(*d, "x"), "2");
  for (const Node* node : {a, b, c, d}) {
    EXPECT_EQ(node->times_logged("Replication member added"), 1u) << node->log_tail();
  }
}

TEST_P(Groups, SeedRow118_AValveThatIsNoClusterValveIsLeftOutOfTheCluster) {
  const auto access_log = [](const std::string& prefix) {
    return "<Valve className=\"org.apache.catalina.valves.AccessLogValve\" directory=\"logs\" "
           "buffered=\"false\" prefix=\"" +
           prefix + "\"/>";
  };
  defaults.cluster_valves = access_log("of_cluster");
  defaults.host_xml = access_log("of_host");
  Node &a = start(GetParam().a), &b = start(GetParam().b);
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_EQ(user.peek(b, "x"), "1");  // the valves of the cluster are there
  for (const Node* node : {&a, &b}) {
    EXPECT_TRUE(eventually([&] { return has_file(node->base() / "logs", "of_host"); }));
    EXPECT_FALSE(has_file(node->base() / "logs", "of_cluster"));
    if (node->kind() == Kind::kServal) {
      EXPECT_EQ(
          node->times_logged("[org.apache.catalina.valves.AccessLogValve] is no cluster valve"), 1u)
          << node->log_tail();
    }
  }
}

}  // namespace serval::test
