// Feature table 1, 3 and 7: BackupManager, and which manager an application gets. The How-To's
// story with it: steps_test.cpp.
#include <signal.h>

#include <fstream>
#include <regex>

#include "tests/support/cluster_test.h"
#include "tests/support/jmx.h"
#include "tests/support/test_wars.h"

namespace serval::test {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class Backup : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.manager = "backup";
    applications = demo_and_manager;
  }
  /// How long a request that changes a session takes while the other node does not answer.
  milliseconds time_with_a_stopped_peer() {
    defaults.drop_time = 20000;
    Node &a = start(), &b = start();
    expect_members(a, b);
    DemoUser user;
    EXPECT_TRUE(user.set(a, "x", "0"));
    b.signal(SIGSTOP);
    const auto before = steady_clock::now();
    user.set(a, "x", "1");
    const auto took = steady_clock::now() - before;
    b.signal(SIGCONT);
    return std::chrono::duration_cast<milliseconds>(took);
  }
};

std::string manager_of(const std::string& application) {
  return "Catalina:type=Manager,host=localhost,context=" + application;
}

/// Sessions that a node has, of its own and as a backup.
int sessions_on(const Node& node, const std::string& application = "/demo") {
  return std::stoi(Jmx(node).get(manager_of(application), "activeSessions"));
}

/// Everything that a node's log has at WARNING or above.
std::vector<std::string> complaints(const Node& node) {
  std::vector<std::string> lines;
  std::istringstream log(node.log());
  for (std::string line; std::getline(log, line);) {
    if (line.find(" WARNING ") != std::string::npos || line.find(" SEVERE ") != std::string::npos) {
      lines.push_back(line);
    }
  }
  return lines;
}

TEST_F(Backup, SeedRow005_ASessionHasOneBackupAndIsReadEverywhere) {
  Node &a = start(), &b = start(), &c = start();
  expect_members(a, b);
  expect_members(b, c);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_EQ(sessions_on(a), 1);
  EXPECT_EQ(sessions_on(b) + sessions_on(c), 1);
  // The one that has neither knows where it is.
  Node& proxy = sessions_on(b) == 0 ? b : c;
  EXPECT_EQ(user.peek(proxy, "x"), "1");
  EXPECT_EQ(sessions_on(proxy), 1);
  EXPECT_EQ(sessions_on(a) + sessions_on(b) + sessions_on(c), 2);
}

TEST_F(Backup, SeedRow006_OnlyNodesWithTheApplicationKeepBackups) {
  Node &a = start(), &c = start();
  Node& without = start(next_kind(), [](NodeOptions& o) { o.applications = {}; });
  for (const Node* node : {&a, &c, &without}) {
    EXPECT_TRUE(eventually([&] { return node->times_logged("Replication member added") == 2; }))
        << node->log_tail();
  }
  std::array<DemoUser, 6> users;
  for (DemoUser& user : users) ASSERT_TRUE(user.set(a, "x", "1"));
  for (const Node* node : {&a, &c}) {
    EXPECT_TRUE(eventually([&] { return sessions_on(*node) == 6; })) << sessions_on(*node);
  }
  a.kill();
  for (DemoUser& user : users) EXPECT_EQ(user.get(c, "x"), "1");
}

TEST_F(Backup, SeedRow007_TheManagerLineAloneMovesAClusterFromDeltaToBackup) {
  defaults.manager = "delta";
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_EQ(user.peek(b, "x"), "1");
  const std::string package = "org.apache.catalina.ha.session.";
  for (Node* node : {&a, &b}) {
    EXPECT_EQ(Jmx(*node).get(manager_of("/demo"), "className"), package + "DeltaManager");
    node->stop();
    NodeOptions changed = node->options();
    changed.manager = "backup";
    std::ofstream(node->server_xml()) << make_server_xml(changed, node->base());
  }
  a.start();
  b.start();
  for (const Node* node : {&a, &b}) {
    EXPECT_EQ(Jmx(*node).get(manager_of("/demo"), "className"), package + "BackupManager");
    EXPECT_TRUE(eventually([&] { return node->times_logged("Replication member added") >= 2; }))
        << node->log_tail();
  }
  DemoUser other;
  ASSERT_TRUE(other.set(b, "x", "2"));
  b.kill();
  EXPECT_EQ(other.get(a, "x"), "2");
  b.start();
  ASSERT_TRUE(other.set(a, "x", "3"));
  EXPECT_TRUE(other.eventually_gets(b, "x", "3"));
  other.ask(b, "op=inv");
  EXPECT_TRUE(eventually([&] { return other.peek(a, "x") == "no session"; }));
}

TEST_F(Backup, SeedRow058_TheExampleOfTheHowToStartsWithItsOneWarning) {
  SERVAL_NEEDS_NAMESPACES("for the ports of the example");
  const std::string example = read_file(source_dir() / "tests/peers/conf/howto-backup.xml");
  const auto add_example = [&](const char* route) -> Node& {
    const Kind kind = next_kind();
    return add(kind, [&](NodeOptions& o) {
      o.http = free_port();
      // A web.xml that needs no Realm.
      o.applications = {{"demo", demo_war_with(kind, directory() / "demo.war", "/s", true)}};
      std::string xml = std::regex_replace(example, std::regex("8080"), std::to_string(o.http));
      xml = std::regex_replace(xml, std::regex("8005"), std::to_string(free_port()));
      xml = std::regex_replace(xml, std::regex("/tmp/"), directory().string() + "/" + route + "/");
      o.server_xml = std::regex_replace(xml, std::regex("node01"), route);
    });
  };
  Node &a = add_example("node01"), &b = add_example("node02");
  a.start();
  b.start();
  expect_members(a, b);
  for (const Node* node : {&a, &b}) {
    const auto lines = complaints(*node);
    ASSERT_EQ(lines.size(), 1u) << node->log();
    EXPECT_NE(lines[0].find("failed to set property [expireSessionsOnShutdown] to [false]"),
              std::string::npos)
        << lines[0];
  }
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  a.kill();
  EXPECT_EQ(user.get(b, "x"), "1");
}

TEST_F(Backup, SeedRow059_TheMapHasSendOptionsOfItsOwn) {
  defaults.send_options = "8";
  defaults.manager_attributes = R"(mapSendOptions="6")";
  const milliseconds time = time_with_a_stopped_peer();
  EXPECT_GT(time, milliseconds(2000));  // the sender's timeout is 3000 ms
  if (usual_kind() == Kind::kServal) {
    EXPECT_LT(time, milliseconds(5000));  // nobody else could take it: not tried twice meanwhile
  }
}

TEST_F(Backup, SeedRow059_TheSendOptionsOfTheClusterAreNotThoseOfTheMap) {
  defaults.send_options = "6";
  defaults.manager_attributes = R"(mapSendOptions="8")";
  EXPECT_LT(time_with_a_stopped_peer(), milliseconds(1500));
}

TEST_F(Backup, SeedRow060_MapSendOptionsMayBeWords) {
  defaults.send_options = "8";
  defaults.manager_attributes = R"(mapSendOptions="sync, use_ack")";
  Jmx jmx(start());
  EXPECT_EQ(jmx.get(manager_of("/demo"), "mapSendOptions"), "6");
  EXPECT_EQ(jmx.get(manager_of("/demo"), "mapSendOptionsName"), "sync, use_ack");
  defaults.multicast = free_port();
  EXPECT_GT(time_with_a_stopped_peer(), milliseconds(2000));
}

TEST_F(Backup, SynchronousMeansThatTheBackupHasItBeforeTheAnswer) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  constexpr int kUsers = 20, kRounds = 20;
  std::array<DemoUser, kUsers> users;
  for (int i = 0; i < kRounds; ++i) {
    for (DemoUser& user : users) ASSERT_TRUE(user.set(a, "x", std::to_string(i)));
  }
  a.kill();
  for (DemoUser& user : users) EXPECT_EQ(user.get(b, "x"), std::to_string(kRounds - 1));
}

TEST_F(Backup, SeedRow061_TheManagerOfTheClusterIsATemplate) {
  defaults.manager = "delta";
  defaults.manager_attributes = R"(stateTransferTimeout="7")";
  Node &a = start(), &b = start();
  expect_members(a, b);
  for (const Node* node : {&a, &b}) {
    EXPECT_EQ(Jmx(*node).get(manager_of("/demo"), "stateTransferTimeout"), "7");
  }
  EXPECT_TRUE(b.logged("Manager [localhost#/demo], requesting session state from"));
  EXPECT_TRUE(b.logged("if no session state has been received within [7] seconds")) << b.log_tail();
}

TEST_F(Backup, SeedRow062_AnApplicationMayHaveAManagerOfItsOwn) {
  defaults.manager = "delta";
  applications = [&](Kind kind) {
    const auto own = demo_war_with(
        kind, directory() / "own.war", "/s", true,
        R"(<Context><Manager className="org.apache.catalina.ha.session.BackupManager"/></Context>)");
    return Applications{{"a", own}, {"b", demo_war(kind)}, manager_application()};
  };
  Node &a = start(), &b = start(), &c = start();
  expect_members(a, b);
  expect_members(b, c);
  DemoUser of_backup, of_delta;
  of_backup.path = "/a/s";
  of_delta.path = "/b/s";
  ASSERT_TRUE(of_backup.set(a, "x", "1"));
  ASSERT_TRUE(of_delta.set(a, "x", "2"));
  EXPECT_TRUE(eventually([&] { return sessions_on(b, "/a") + sessions_on(c, "/a") == 1; }));
  EXPECT_TRUE(eventually([&] { return sessions_on(b, "/b") + sessions_on(c, "/b") == 2; }));
  a.kill();
  EXPECT_EQ(of_backup.get(b, "x"), "1");
  EXPECT_EQ(of_delta.get(c, "x"), "2");
}

TEST_F(Backup, SeedRow063_DifferentManagersForOneApplicationAreLoggedAndShareNothing) {
  Node& a = start();
  Node& b = start(next_kind(), [](NodeOptions& o) {
    o.manager = "delta";
    o.manager_attributes = R"(stateTransferTimeout="3")";
  });
  expect_members(a, b);
  if (a.kind() == Kind::kServal) {
    EXPECT_TRUE(a.logged("Manager [localhost#/demo] is of another kind than that of"))
        << a.log_tail();
    EXPECT_FALSE(b.logged("timing out")) << b.log_tail();
  } else {  // a Tomcat leaves the other one without an answer
    EXPECT_TRUE(b.eventually_logs("timing out")) << b.log_tail();
  }
  DemoUser of_a, of_b;
  ASSERT_TRUE(of_a.set(a, "x", "1"));
  ASSERT_TRUE(of_b.set(b, "x", "2"));
  EXPECT_EQ(of_a.peek(b, "x"), "no session");
  EXPECT_EQ(of_b.peek(a, "x"), "no session");
  EXPECT_EQ(of_a.peek(a, "x"), "1");
  EXPECT_EQ(of_b.peek(b, "x"), "2");
}

TEST_F(Backup, SeedRow064_WithoutAManagerADistributableApplicationGetsACloneOfTheTemplate) {
  applications = [&](Kind kind) {
    return Applications{{"rep", demo_war_with(kind, directory() / "rep.war", "/s", true)},
                        {"loc", demo_war_with(kind, directory() / "loc.war", "/s", false)},
                        manager_application()};
  };
  const auto class_of = [](const Node& node, const std::string& application) {
    return Jmx(node).get(manager_of(application), "className");
  };
  const std::string package = "org.apache.catalina.";
  // The pair with a template, then one without.
  for (const char* manager : {"backup", "none"}) {
    defaults.manager = manager;
    defaults.multicast = free_port();
    Node &a = start(), &b = start();
    expect_members(a, b);
    for (const Node* node : {&a, &b}) {
      EXPECT_EQ(class_of(*node, "/rep"),
                package + (defaults.manager == "backup" ? "ha.session.BackupManager"
                                                        : "ha.session.DeltaManager"));
      EXPECT_EQ(class_of(*node, "/loc"), package + "session.StandardManager");
    }
    DemoUser user;
    user.path = "/rep/s";
    ASSERT_TRUE(user.set(a, "x", "1"));
    EXPECT_EQ(user.peek(b, "x"), "1");
    a.stop();
    b.stop();
  }
}

TEST_F(Backup, AnIdleSessionEndsEverywhere) {
  defaults.manager_attributes = R"(processExpiresFrequency="1")";
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  user.ask(a, "op=maxi&v=1");
  EXPECT_EQ(sessions_on(b), 1);
  EXPECT_TRUE(eventually([&] { return sessions_on(a) == 0 && sessions_on(b) == 0; }));
  EXPECT_EQ(user.peek(b, "x"), "no session");
}

TEST_F(Backup, ANodeThatStopsHandsItsSessionsOver) {
  Node &a = start(), &b = start(), &c = start();
  expect_members(a, b);
  expect_members(b, c);
  std::array<DemoUser, 8> users;
  for (DemoUser& user : users) ASSERT_TRUE(user.set(a, "x", "1"));
  a.stop();
  EXPECT_TRUE(eventually([&] { return sessions_on(b) == 8 && sessions_on(c) == 8; }))
      << b.log_tail();
  b.kill();
  for (DemoUser& user : users) EXPECT_EQ(user.get(c, "x"), "1");
}

TEST_F(Backup, ASessionKeepsItsContentThroughEveryChangeOfNodes) {
  Node &a = start(), &b = start(), &c = start();
  expect_members(a, b);
  expect_members(b, c);
  DemoUser user;
  std::string text = "0";
  ASSERT_TRUE(user.set(a, "x", text));
  const auto visit = [&](Node& node, const char* step) {
    SCOPED_TRACE(step);
    EXPECT_EQ(user.get(node, "x"), text);
    text += step;
    ASSERT_TRUE(user.set(node, "x", text));
  };
  visit(b, "b");
  visit(c, "c");
  visit(a, "a");
  a.kill();
  visit(b, "-killed-a");
  visit(c, "-moved");
  a.start();
  visit(a, "-back");
  c.kill();
  visit(a, "-killed-c");
  b.stop();
  visit(a, "-alone");
  b.start();
  visit(b, "-again");
  EXPECT_TRUE(user.session_id().ends_with(".node02"));
}

}  // namespace serval::test
