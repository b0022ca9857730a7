// Feature table 4, 7, 9 and 13: what the elements inside Cluster may say, and what is filled in.
#include "tests/support/cluster_test.h"
#include "tests/support/jmx.h"
#include "tests/support/raw_socket.h"

namespace serval::test {

namespace {

std::string cluster(const std::string& children) {
  return "<Cluster className=\"org.apache.catalina.ha.tcp.SimpleTcpCluster\" "
         "channelSendOptions=\"6\">" +
         children + "</Cluster>\n";
}

}  // namespace

class ClusterElement : public ClusterTest {
 protected:
  /// A node whose server.xml has `to` in place of `from`.
  Node& start_with(const std::string& from, const std::string& to) {
    return start(next_kind(), [&](NodeOptions& o) {
      o.http = free_port();
      o.receiver = free_port();
      o.server_xml = make_server_xml(o, {});
      const auto at = o.server_xml.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      o.server_xml.replace(at, from.size(), to);
    });
  }
  /// That two nodes as they are and two with `to` in place of `from` are two clusters.
  void expect_two_groups(const std::string& from, const std::string& to) {
    Node &a = start(), &b = start();
    Node &c = start_with(from, to), &d = start_with(from, to);
    expect_members(a, b);
    expect_members(c, d);
    DemoUser user, other;
    ASSERT_TRUE(user.set(a, "x", "1"));
    ASSERT_TRUE(other.set(d, "x", "2"));
    EXPECT_EQ(user.peek(b, "x"), "1");
    EXPECT_EQ(other.peek(c, "x"), "2");
    EXPECT_EQ(user.peek(c, "x"), "no session");
    EXPECT_EQ(other.peek(b, "x"), "no session");
    for (Node* node : {&a, &b, &c, &d}) {
      EXPECT_EQ(node->times_logged("Replication member added"), 1u) << node->options().name;
    }
  }
};

TEST_F(ClusterElement, SeedRow141_WhatIsLeftOutIsFilledInPartByPart) {
  SERVAL_NEEDS_NAMESPACES("for the fixed ports of the defaults");
  struct Case {
    const char *what, *children, *manager;
    bool binder;
  };
  const Case cases[] = {
      {"only a Channel",
       R"(<Channel className="org.apache.catalina.tribes.group.GroupChannel">
            <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver"
                      address="127.0.0.1" port="4500"/></Channel>)",
       "org.apache.catalina.ha.session.DeltaManager", true},
      {"only a Valve", R"(<Valve className="org.apache.catalina.ha.tcp.ReplicationValve"/>)",
       "org.apache.catalina.ha.session.DeltaManager", false},
      {"only a Manager", R"(<Manager className="org.apache.catalina.ha.session.BackupManager"/>)",
       "org.apache.catalina.ha.session.BackupManager", true}};
  applications = demo_and_manager;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    defaults.cluster_xml = cluster(c.children);
    Node &a = start(), &b = start();
    expect_members(a, b);
    for (const Node* node : {&a, &b}) {
      EXPECT_EQ(Jmx(*node).get("Catalina:type=Manager,host=localhost,context=/demo", "className"),
                c.manager)
          << node->options().name;
    }
    DemoUser user;
    ASSERT_TRUE(user.set(a, "x", "1"));
    const std::string id = user.session_id();
    EXPECT_EQ(user.get(b, "x"), "1");
    EXPECT_EQ(user.session_id() != id, c.binder);
    a.stop();
    b.stop();
  }
}

TEST_F(ClusterElement, SeedRow143_AReceiverWithoutAFreePortEndsTheStart) {
  const RawListener taken;
  for (int i = 0; i < 2; ++i) {
    Node& node = add(next_kind(), [&](NodeOptions& o) {
      o.receiver = taken.port();
      o.auto_bind = 1;
    });
    node.start(false);
    EXPECT_TRUE(node.eventually_logs("Unable to start cluster")) << node.log_tail();
    EXPECT_TRUE(node.logged("SEVERE")) << node.log_tail();
    EXPECT_TRUE(eventually([&] { return !node.is_running(); })) << node.log_tail();
  }
}

TEST_F(ClusterElement, SeedRow119_TheClassNameOfAValveIsLiteral) {
  const std::string literal = "org.apache.catalina.ha.tcp.ReplicationValve";
  for (const std::string& name : {std::string("org.apache.catalina.ha.tcp.replicationValve"),
                                  std::string("ReplicationValve")}) {
    SCOPED_TRACE(name);
    Node& a = add(next_kind(), [&](NodeOptions& o) {
      o.replication_valve = false;
      o.cluster_valves = "<Valve className=\"" + name + "\"/>";
    });
    a.start(false);
    EXPECT_TRUE(a.eventually_logs(name)) << a.log_tail();
    EXPECT_TRUE(eventually([&] { return !a.is_running(); })) << a.log_tail();
  }
  defaults.replication_valve = false;
  defaults.cluster_valves = "<Valve className=\"" + literal + "\"/>";
  Node &b = start(), &c = start();
  expect_members(b, c);
  DemoUser user;
  ASSERT_TRUE(user.set(b, "x", "1"));
  EXPECT_EQ(user.peek(c, "x"), "1");
}

TEST_F(ClusterElement, SeedRow097_UseDirtyFlagIsAWarningWithoutEffect) {
  defaults.cluster_attributes = "useDirtyFlag=\"true\"";
  Node &a = start(), &b = start();
  expect_members(a, b);
  EXPECT_EQ(a.times_logged("useDirtyFlag"), 1u);
  EXPECT_EQ(b.times_logged("useDirtyFlag"), 1u);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "cart", "1,ann,pen", "cart"));
  user.ask(a, "op=mutate&k=cart&v=ink");
  EXPECT_EQ(user.peek(b, "cart"), "Cart{count=1,owner=ann,items=[pen]}");
}

TEST_F(ClusterElement, SeedRow042_MulticastAddressesMakeGroups) {
  expect_two_groups("228.0.0.4", "228.0.0.5");
}

TEST_F(ClusterElement, SeedRow067_ProductionAndQaAreApartByTheirPort) {
  const auto port = [](int number) { return "port=\"" + std::to_string(number) + "\" bind="; };
  expect_two_groups(port(defaults.multicast), port(free_port()));
}

TEST_F(ClusterElement, SeedRow068_TheAddressOfTheReceiverIsAnnounced) {
  Node& a =
      start_with("NioReceiver\" address=\"127.0.0.1\"", "NioReceiver\" address=\"127.0.0.2\"");
  Node& b = start();
  expect_members(a, b);
  EXPECT_TRUE(b.logged("tcp://{127, 0, 0, 2}:" + std::to_string(a.options().receiver)))
      << b.log_tail();
  DemoUser user;
  ASSERT_TRUE(user.set(b, "x", "1"));
  EXPECT_EQ(user.peek(a, "x"), "1");
}

TEST_F(ClusterElement, SeedRow070_WithoutAutoBindTheNextPortsAreTried) {
  SERVAL_NEEDS_NAMESPACES("for port 5000");
  defaults.cluster_xml = cluster(R"(
    <Channel className="org.apache.catalina.tribes.group.GroupChannel">
      <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver"
                address="127.0.0.1" port="5000" selectorTimeout="100" maxThreads="6"/>
    </Channel>)");
  Node &a = start(), &b = start();
  expect_members(a, b);
  EXPECT_TRUE(a.logged("bound to:[/127.0.0.1:5000]")) << a.log_tail();
  EXPECT_TRUE(b.logged("bound to:[/127.0.0.1:5001]")) << b.log_tail();
}

TEST_F(ClusterElement, SeedRow093_AnotherPlaceOfTheClusterIsAnotherNameOfTheManager) {
  Node& a = start();
  Node& b = start(next_kind(), [](NodeOptions& o) { o.in_host = true; });
  expect_members(a, b);
  EXPECT_TRUE(a.eventually_logs("Context manager doesn't exist:[/demo]")) << a.log_tail();
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_TRUE(b.eventually_logs("Context manager doesn't exist:[localhost#/demo]")) << b.log_tail();
  EXPECT_EQ(user.peek(b, "x"), "no session");
  EXPECT_EQ(user.get(a, "x"), "1");
}

}  // namespace serval::test
