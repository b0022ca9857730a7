// Feature table 11, and what other sections say about JMX: the beans over /manager/jmxproxy.
#include <algorithm>
#include <array>

#include "tests/support/cluster_test.h"
#include "tests/support/jmx.h"
#include "tests/support/test_wars.h"

namespace serval::test {

namespace {

constexpr const char* kCluster = "Catalina:type=Cluster";
constexpr const char* kManager = "Catalina:type=Manager,host=localhost,context=/demo";
constexpr const char* kBinder = "Catalina:type=Valve,name=JvmRouteBinderValve";
constexpr const char* kReplication = "Catalina:type=Valve,name=ReplicationValve";

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

/// Waits until an attribute has this value; what it has in the end.
std::string eventual(Jmx& jmx, const std::string& bean, const std::string& attribute,
                     const std::string& value) {
  std::string now;
  eventually([&] { return (now = jmx.get(bean, attribute)) == value; });
  return now;
}

}  // namespace

class Beans : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    applications = demo_and_manager;
  }
};

TEST_F(Beans, OnlyAUserWithTheRoleIsLetIn) {
  Node& a = start();
  Browser browser;
  const HttpResponse nobody = browser.get(a.http(), "/manager/jmxproxy/");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(nobody.header("WWW-Authenticate"), "Basic realm=\"Tomcat Manager Application\"");
  // alice:wonder has another role
  EXPECT_EQ(browser
                .get(a.http(), "/manager/jmxproxy/?qry=*:*",
                     {{"Authorization", "Basic YWxpY2U6d29uZGVy"}})
                .status,
            403);
  const HttpResponse response = Jmx(a).ask({{"qry", "Catalina:type=Engine"}});
  EXPECT_EQ(response.header("Content-Type"), "text/plain;charset=utf-8");
  EXPECT_EQ(response.header("X-Content-Type-Options"), "nosniff");
  EXPECT_TRUE(
      response.body.starts_with("OK - Number of results: 1\n\nName: Catalina:type=Engine\r\n"))
      << response.body;
}

TEST_F(Beans, SeedRow003_EveryNodeHasACopyOfASession) {
  Node &a = start(), &b = start(), &c = start();
  for (Node* node : {&a, &b, &c}) {
    Jmx jmx(*node);
    ASSERT_TRUE(eventually(
        [&] { return jmx.names("Catalina:type=Cluster,component=Member,*").size() == 3; }));
  }
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  for (Node* node : {&a, &b, &c}) {
    Jmx jmx(*node);
    EXPECT_EQ(eventual(jmx, kManager, "activeSessions", "1"), "1") << node->options().name;
  }
}

TEST_F(Beans, SeedRow013_InterceptorsOfTheDefaultChannel) {
  SERVAL_NEEDS_NAMESPACES("for the fixed ports of the defaults");
  defaults.cluster_xml = R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"/>)";
  Jmx jmx(start());
  const auto names = jmx.names("ClusterChannel:*");
  for (const char* interceptor : {"TcpFailureDetector", "MessageDispatchInterceptor"}) {
    EXPECT_TRUE(contains(names,
                         "ClusterChannel:type=Channel,channel=Catalina-Channel,component="
                         "Interceptor,interceptorName=" +
                             std::string(interceptor)))
        << interceptor;
  }
}

TEST_F(Beans, SeedRow047_SendOptionsAre8UnlessSet) {
  SERVAL_NEEDS_NAMESPACES("for the fixed ports of the defaults");
  defaults.cluster_xml = R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"/>)";
  Node &a = start(), &b = start();
  expect_members(a, b);
  for (const Node* node : {&a, &b}) {
    SCOPED_TRACE(node->options().name);
    Jmx jmx(*node);
    EXPECT_EQ(jmx.get(kCluster, "channelSendOptions"), "8");  // row 15
    EXPECT_EQ(jmx.get(kCluster, "channelSendOptionsName"), "async");
    EXPECT_EQ(jmx.get(kManager, "className"), "org.apache.catalina.ha.session.DeltaManager");
  }
}

TEST_F(Beans, SeedRow018_ReceiverAsItIsConfigured) {
  Node& a = start();
  Jmx jmx(a);
  const std::string receiver =
      "ClusterChannel:type=Channel,channel=Catalina-Channel,component=Receiver";
  EXPECT_EQ(jmx.get(receiver, "Address"), "127.0.0.1");
  EXPECT_EQ(jmx.get(receiver, "Port"), std::to_string(a.options().receiver));
  EXPECT_EQ(jmx.get(receiver, "MaxThreads"), "6");
}

TEST_F(Beans, SeedRow045_OnlyAChangeIsSent) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  Jmx jmx(a), other(b);
  const std::string sent = "counterSend_EVT_SESSION_DELTA";
  EXPECT_EQ(jmx.get(kManager, sent), "1");
  EXPECT_EQ(user.get(a, "x"), "1");
  // A Tomcat 10.1 says with each request that the session is no longer new.
  const bool tells_of_each = a.kind() == Kind::kTomcat10;
  EXPECT_EQ(jmx.get(kManager, sent), tells_of_each ? "2" : "1");
  ASSERT_TRUE(user.set(a, "x", "2"));
  const std::string all = tells_of_each ? "3" : "2";
  EXPECT_EQ(jmx.get(kManager, sent), all);
  EXPECT_EQ(eventual(other, kManager, "counterReceive_EVT_SESSION_DELTA", all), all);
  EXPECT_EQ(other.get(kManager, "counterReceive_EVT_SESSION_CREATED"), "1");
}

TEST_F(Beans, SeedRow048_NamesOfSendOptionsAreNumbersInside) {
  struct Case {
    const char *text, *number, *name;
  };
  const Case cases[] = {{"asynchronous", "8", "async"},
                        {"async", "8", "async"},
                        {"byte_message", "1", "byte"},
                        {"byte", "1", "byte"},
                        {"multicast", "64", "multicast"},
                        {"secure", "16", "secure"},
                        {"synchronized_ack", "4", "sync"},
                        {"sync", "4", "sync"},
                        {"udp", "32", "udp"},
                        {"use_ack", "2", "use_ack"},
                        {"async, multicast", "72", "multicast, async"},
                        {"6", "6", "sync, use_ack"}};
  defaults.send_options = "async, multicast";  // row 49: a number from the start on
  Jmx jmx(start());
  EXPECT_EQ(jmx.get(kCluster, "channelSendOptions"), "72");
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(jmx.set(kCluster, "channelSendOptions", c.text), "OK - Attribute set");
    EXPECT_EQ(jmx.get(kCluster, "channelSendOptions"), c.number);
    EXPECT_EQ(jmx.get(kCluster, "channelSendOptionsName"), c.name);
  }
  EXPECT_EQ(jmx.set(kCluster, "channelSendOptions", "foo"),
            "Error - javax.management.RuntimeOperationsException: Exception invoking method "
            "[channelSendOptions]");
  EXPECT_EQ(jmx.get(kCluster, "channelSendOptions"), "6");
}

TEST_F(Beans, SeedRow055_TheBinderIsSwitchedWhileItRuns) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  Jmx jmx(b);
  EXPECT_EQ(jmx.get(kBinder, "enabled"), "true");  // row 57
  EXPECT_EQ(jmx.set(kBinder, "enabled", "false"), "OK - Attribute set");
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_EQ(user.get(b, "x"), "1");
  EXPECT_TRUE(user.session_id().ends_with(".node01")) << user.session_id();
  EXPECT_EQ(jmx.set(kBinder, "enabled", "true"), "OK - Attribute set");
  EXPECT_EQ(user.get(b, "x"), "1");
  EXPECT_TRUE(user.session_id().ends_with(".node02")) << user.session_id();
}

TEST_F(Beans, SeedRow056_OnlySessionsThatAreAskedForMove) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  std::array<DemoUser, 10> users;
  for (auto& user : users) ASSERT_TRUE(user.set(a, "x", "1"));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(users[i].get(b, "x"), "1");
  Jmx jmx(b);
  EXPECT_EQ(jmx.get(kBinder, "numberOfSessions"), "3");
  const std::string ids = jmx.invoke(kManager, "listSessionIds");
  for (std::size_t i = 0; i < users.size(); ++i) {
    EXPECT_NE(ids.find(users[i].session_id() + " "), std::string::npos) << i;
    EXPECT_TRUE(users[i].session_id().ends_with(i < 3 ? ".node02" : ".node01"));
  }
}

TEST_F(Beans, SeedRow061_TheManagerOfTheClusterIsATemplate) {
  defaults.manager_attributes = R"(stateTransferTimeout="7")";
  const Node &a = start(), &b = start();
  for (const Node* node : {&a, &b}) {
    SCOPED_TRACE(node->options().name);
    Jmx jmx(*node);
    EXPECT_EQ(jmx.get(kManager, "stateTransferTimeout"), "7");
    EXPECT_EQ(jmx.get(kManager, "className"), "org.apache.catalina.ha.session.DeltaManager");
    // row 31: the manager application is not distributable
    EXPECT_EQ(jmx.get("Catalina:type=Manager,host=localhost,context=/manager", "className"),
              "org.apache.catalina.session.StandardManager");
  }
}

TEST_F(Beans, SeedRow060_MapSendOptionsOfABackupManager) {
  defaults.manager = "backup";
  defaults.manager_attributes = R"(mapSendOptions="6")";
  Jmx jmx(start());
  EXPECT_EQ(jmx.get(kManager, "mapSendOptions"), "6");
  EXPECT_EQ(jmx.get(kManager, "mapSendOptionsName"), "sync, use_ack");
  EXPECT_EQ(jmx.get(kManager, "mapName"), "localhost#/demo-map");
}

TEST_F(Beans, SeedRow077_TheClusterPutsItsValvesIntoItsContainer) {
  for (int i = 0; i < 2; ++i) {
    Jmx engine(start());
    const auto names = engine.names("Catalina:type=Valve,*");
    EXPECT_TRUE(contains(names, kReplication));
    EXPECT_TRUE(contains(names, kBinder));
  }
  defaults.in_host = true;
  for (int i = 0; i < 2; ++i) {
    Jmx host(start());
    const auto names = host.names("Catalina:type=Valve,*");
    EXPECT_TRUE(contains(names, "Catalina:type=Valve,host=localhost,name=ReplicationValve"));
    EXPECT_TRUE(contains(names, "Catalina:type=Valve,host=localhost,name=JvmRouteBinderValve"));
    EXPECT_TRUE(contains(host.names("*:type=Cluster,*"), "Catalina:type=Cluster,host=localhost"));
  }
}

TEST_F(Beans, SeedRow102_AnEndOfASessionIsCounted) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  user.ask(a, "op=inv");
  Jmx jmx(a), other(b);
  EXPECT_EQ(jmx.get(kManager, "counterSend_EVT_SESSION_EXPIRED"), "1");
  EXPECT_EQ(eventual(other, kManager, "counterReceive_EVT_SESSION_EXPIRED", "1"), "1");
  EXPECT_EQ(eventual(other, kManager, "activeSessions", "0"), "0");
}

TEST_F(Beans, SeedRow111_ParametersOfRemoteJmxAreAccepted) {
  for (int i = 0; i < 2; ++i) {
    defaults.catalina_opts = "-Dcom.sun.management.jmxremote -Dcom.sun.management.jmxremote.port=" +
                             std::to_string(free_port()) +
                             " -Dcom.sun.management.jmxremote.ssl=false "
                             "-Dcom.sun.management.jmxremote.authenticate=false";
    Node& node = start();
    if (node.kind() == Kind::kServal) {
      EXPECT_EQ(node.times_logged("com.sun.management.jmxremote"), 1U) << node.log_tail();
      EXPECT_TRUE(node.logged("/manager/jmxproxy"));
    }
    EXPECT_EQ(Jmx(node).get(kCluster, "stateName"), "STARTED");
  }
}

TEST_F(Beans, SeedRow112_Cluster) {
  Jmx jmx(start());
  EXPECT_TRUE(contains(jmx.names("Catalina:type=Cluster*,*"), kCluster));
  EXPECT_EQ(jmx.get(kCluster, "clusterName"), "Catalina");
  EXPECT_EQ(jmx.get(kCluster, "channelStartOptions"), "15");
  EXPECT_EQ(jmx.get(kCluster, "heartbeatBackgroundEnabled"), "false");
  EXPECT_EQ(jmx.set(kCluster, "heartbeatBackgroundEnabled", "true"), "OK - Attribute set");
  EXPECT_EQ(jmx.get(kCluster, "heartbeatBackgroundEnabled"), "true");
}

TEST_F(Beans, SeedRow112_TheClusterIsStoppedAndStarted) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  Jmx jmx(a);
  EXPECT_EQ(jmx.invoke(kCluster, "stop"), "OK - Operation stop without return value");
  EXPECT_EQ(jmx.get(kCluster, "stateName"), "STOPPED");
  ASSERT_TRUE(b.eventually_logs("Received member disappeared")) << b.log_tail();
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "alone"));
  EXPECT_EQ(user.peek(b, "x"), "no session");

  EXPECT_EQ(jmx.invoke(kCluster, "start"), "OK - Operation start without return value");
  EXPECT_EQ(jmx.get(kCluster, "stateName"), "STARTED");
  EXPECT_TRUE(eventually([&] { return b.times_logged("Replication member added") == 2; }));
  EXPECT_TRUE(eventually([&] { return a.times_logged("Replication member added") == 2; }));
  DemoUser later;
  ASSERT_TRUE(later.set(a, "x", "together"));
  EXPECT_EQ(later.peek(b, "x"), "together");
}

TEST_F(Beans, SeedRow113_ManagerAndItsSessions) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "hello"));
  const std::string id = user.session_id();
  Jmx jmx(b);
  EXPECT_EQ(jmx.get(kManager, "activeSessions"), "1");
  EXPECT_EQ(jmx.get(kManager, "name"), "localhost#/demo");
  EXPECT_EQ(jmx.invoke(kManager, "listSessionIds"), id + " ");
  EXPECT_EQ(jmx.invoke(kManager, "findSession", id), "DeltaSession[" + id + "]");
  EXPECT_EQ(jmx.invoke(kManager, "getSessionAttribute", id + ",x"), "hello");
  EXPECT_EQ(jmx.invoke(kManager, "getSessionAttribute", id + ",y"),
            "OK - Operation getSessionAttribute without return value");
  EXPECT_EQ(jmx.invoke(kManager, "expireSession", id),
            "OK - Operation expireSession without return value");
  EXPECT_EQ(jmx.invoke(kManager, "listSessionIds"), "");
  EXPECT_TRUE(user.eventually_gets(a, "x", "no session"));  // the other node hears of it
}

TEST_F(Beans, SeedRow113_StateIsFetchedOnceMore) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  Jmx jmx(b);
  const std::string before = jmx.get(kManager, "counterSend_EVT_GET_ALL_SESSIONS");
  EXPECT_EQ(jmx.invoke(kManager, "getAllClusterSessions"),
            "OK - Operation getAllClusterSessions without return value");
  EXPECT_EQ(jmx.get(kManager, "counterSend_EVT_GET_ALL_SESSIONS"),
            std::to_string(std::stoi(before) + 1));
  EXPECT_EQ(jmx.get(kManager, "stateTransferred"), "true");
  EXPECT_EQ(user.get(b, "x"), "1");
}

TEST_F(Beans, SeedRow114_DeployerIsWatchedAtRunTime) {
  defaults.farm = "watch";
  Node& a = start();
  defaults.farm = "follow";
  Node& b = start();
  expect_members(a, b);
  const std::string real = "Catalina:type=Cluster,host=localhost,component=Deployer";
  for (const Node* node : {&a, &b}) {
    SCOPED_TRACE(node->options().name);
    Jmx jmx(*node);
    EXPECT_TRUE(contains(jmx.names("Catalina:type=Cluster,*"), real));
    EXPECT_EQ(jmx.get(real, "watchEnabled"), node == &a ? "true" : "false");
    EXPECT_EQ(jmx.get(real, "processDeployFrequency"), "1");
  }
  Jmx jmx(a);
  EXPECT_EQ(jmx.set(real, "watchEnabled", "false"), "OK - Attribute set");
  EXPECT_EQ(jmx.get(real, "watchEnabled"), "false");
  if (a.kind() == Kind::kServal) {
    const std::string as_written = "Catalina:type=Cluster,host=localhost,component=deployer";
    EXPECT_EQ(jmx.get(as_written, "watchEnabled"), "false");
  }
  page_war(a.base() / "farm-watch/late.war", "late\n");
  Browser browser;
  const auto status = [&](const Node& node) { return browser.get(node.http(), "/late/").status; };
  // Three ticks of the deployer.
  EXPECT_TRUE(holds_for(std::chrono::seconds(3), [&] { return status(a) == 404; }));
  EXPECT_EQ(status(b), 404);
  EXPECT_EQ(jmx.set(real, "watchEnabled", "true"), "OK - Attribute set");
  EXPECT_TRUE(eventually([&] { return status(a) == 200 && status(b) == 200; })) << a.log_tail();
}

TEST_F(Beans, SeedRow115_MembersComeAndGo) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  const auto local = [](const Node& node) {
    return "Catalina:type=Cluster,component=Member,name=\"tcp://127.0.0.1:" +
           std::to_string(node.options().receiver) + "\"";
  };
  const auto remote = [](const Node& node) {
    return "Catalina:type=Cluster,component=Member,name=\"tcp://{127, 0, 0, 1}:" +
           std::to_string(node.options().receiver) + "\"";
  };
  Jmx jmx(a);
  EXPECT_TRUE(eventually([&] {
    const auto names = jmx.names("Catalina:type=Cluster,component=Member,*");
    return names.size() == 2 && contains(names, local(a)) && contains(names, remote(b));
  }));
  EXPECT_EQ(jmx.get(local(a), "local"), "true");
  EXPECT_EQ(jmx.get(local(a), "hostname"), "127.0.0.1");
  EXPECT_EQ(jmx.get(remote(b), "local"), "false");
  EXPECT_EQ(jmx.get(remote(b), "ready"), "true");
  EXPECT_EQ(jmx.get(remote(b), "port"), std::to_string(b.options().receiver));
  b.kill();
  EXPECT_TRUE(eventually(
      [&] { return jmx.names("Catalina:type=Cluster,component=Member,*").size() == 1; }));
}

TEST_F(Beans, SeedRow115_AMemberCountsItsOwnHeartbeats) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  Jmx jmx(a);
  const auto sent = [&] {
    const auto names = jmx.names("Catalina:type=Cluster,component=Member,name=\"tcp://127.*\"");
    return names.size() == 1 ? std::stoi(jmx.get(names.front(), "msgCount")) : 0;
  };
  const int before = sent();
  EXPECT_GT(before, 0);
  EXPECT_TRUE(eventually([&] { return sent() > before + 2; }));
}

TEST_F(Beans, SeedRow116_ReplicationValveCountsAndFilters) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  Jmx jmx(a);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_EQ(jmx.get(kReplication, "nrOfRequests"), "0");  // nobody counts
  EXPECT_EQ(jmx.set(kReplication, "doProcessingStats", "true"), "OK - Attribute set");
  ASSERT_TRUE(user.set(a, "x", "2"));
  EXPECT_EQ(jmx.get(kReplication, "nrOfRequests"), "1");
  EXPECT_EQ(jmx.get(kReplication, "nrOfSendRequests"), "1");
  EXPECT_EQ(jmx.set(kReplication, "filter", ".*/s"), "OK - Attribute set");
  EXPECT_EQ(jmx.get(kReplication, "filter"), ".*/s");
  ASSERT_TRUE(user.set(a, "x", "3"));
  EXPECT_EQ(jmx.get(kReplication, "nrOfFilterRequests"), "1");
  EXPECT_EQ(jmx.get(kReplication, "nrOfSendRequests"), "1");
  EXPECT_EQ(jmx.set(kReplication, "filter", ""), "OK - Attribute set");
  EXPECT_EQ(jmx.get(kReplication, "filter"), "<null>");
  EXPECT_EQ(jmx.invoke(kReplication, "resetStatistics"),
            "OK - Operation resetStatistics without return value");
  EXPECT_EQ(jmx.get(kReplication, "nrOfRequests"), "0");
}

TEST_F(Beans, SeedRow117_BinderWithAndWithoutAContextKey) {
  for (int i = 0; i < 2; ++i) {
    Node& node = start();
    Jmx jmx(node);
    EXPECT_EQ(jmx.get(kBinder, "numberOfSessions"), "0");
    EXPECT_EQ(jmx.get(kBinder, "sessionIdAttribute"),
              "org.apache.catalina.ha.session.JvmRouteOriginalSessionID");
    if (node.kind() == Kind::kServal) {
      EXPECT_EQ(jmx.set(std::string(kBinder) + ",context=/demo", "enabled", "false"),
                "OK - Attribute set");
      EXPECT_EQ(jmx.get(kBinder, "enabled"), "false");
    }
    EXPECT_EQ(jmx.invoke(kBinder, "stop"), "OK - Operation stop without return value");
    EXPECT_EQ(jmx.get(kBinder, "stateName"), "STOPPED");
    EXPECT_EQ(jmx.invoke(kBinder, "start"), "OK - Operation start without return value");
    EXPECT_EQ(jmx.get(kBinder, "stateName"), "STARTED");
  }
}

}  // namespace serval::test
