// Feature table 3, 6 and 12: the valves of a cluster, for any pair of servers.
#include <functional>

#include "tests/e2e/pairs.h"
#include "tests/support/jmx.h"
#include "tests/support/war_file.h"

namespace serval::test {

namespace {

constexpr const char* kBinder = "org.apache.catalina.ha.session.JvmRouteBinderValve";
constexpr const char* kReplication = "org.apache.catalina.ha.tcp.ReplicationValve";
constexpr const char* kBinderBean = "Catalina:type=Valve,name=JvmRouteBinderValve";
constexpr const char* kReplicationBean = "Catalina:type=Valve,name=ReplicationValve";

std::string valve(const std::string& class_name, const std::string& attributes = "") {
  return "<Valve className=\"" + class_name + "\" " + attributes + "/>";
}

/// The demo under more addresses.
constexpr const char* kWebXml =
    R"(<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="3.1"><distributable/>
  <servlet><servlet-name>s</servlet-name><servlet-class>demo.S</servlet-class></servlet>
  <servlet-mapping><servlet-name>s</servlet-name><url-pattern>/s</url-pattern></servlet-mapping>
  <servlet-mapping><servlet-name>s</servlet-name><url-pattern>*.gif</url-pattern></servlet-mapping>
  <servlet-mapping><servlet-name>s</servlet-name><url-pattern>*.js</url-pattern></servlet-mapping>
</web-app>)";

}  // namespace

class ClusterValves : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  using Change = std::function<void(NodeOptions&, Kind)>;
  void start_pair(const Change& change = [](NodeOptions&, Kind) {}) {
    const auto node = [&](Kind kind) {
      return &start(kind, [&](NodeOptions& o) { change(o, kind); });
    };
    a = node(GetParam().a);
    b = node(GetParam().b);
    expect_members(*a, *b);
  }
  /// With the manager application besides the demo.
  void start_managed_pair() {
    start_pair([](NodeOptions& o, Kind) { o.applications.push_back(manager_application()); });
  }
  /// With the demo as /rep under more addresses, and the manager application.
  void start_pair_of_files() {
    start_pair([&](NodeOptions& o, Kind kind) {
      const auto war = directory() / (o.name + "-rep.war");
      war_with(war, demo_war(kind), {{"WEB-INF/web.xml", kWebXml}});
      o.applications = {{"rep", war}, manager_application()};
    });
  }
  /// What B shows of an attribute that a request to this path of A set.
  std::string seen_of(const char* path, const std::string& query = "") const {
    DemoUser user;
    user.path = path;
    user.ask(*a, "op=set&k=x&v=1" + query);
    user.path = "/rep/s";
    user.browser.set_cookie("JSESSIONID", "/rep/s", user.browser.cookie("JSESSIONID", path));
    return user.peek(*b, "x");
  }
  /// The request attribute of this name, as the servlet sees it.
  static std::string attribute(DemoUser& user, const Node& node, const std::string& name) {
    return field(user.ask(node, "op=rget&k=" + name), "value");
  }
  /// That this request attribute says who owns the session; the valve has these attributes.
  void expect_indicator(const std::string& attributes, const std::string& name) {
    defaults.replication_valve = defaults.binder = false;
    defaults.cluster_valves = valve(kReplication, "primaryIndicator=\"true\" " + attributes);
    start_pair();
    DemoUser user;
    ASSERT_TRUE(user.set(*a, "x", "1"));
    EXPECT_EQ(attribute(user, *a, name), "true");
    EXPECT_EQ(attribute(user, *b, name), "false");
    EXPECT_EQ(attribute(user, *b, name), "true");  // the request before made it the primary one
    EXPECT_EQ(attribute(user, *a, name), "false");
  }
  Node *a = nullptr, *b = nullptr;
};
INSTANTIATE_TEST_SUITE_P(, ClusterValves, ::testing::ValuesIn(few_pairs()), pair_name);

TEST_P(ClusterValves, SeedRow029_AnyConfiguredValveTakesTheOthersAway) {
  defaults.replication_valve = false;  // leaves the binder alone
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  // The session itself is announced when it is made; its content never follows.
  ASSERT_TRUE(eventually([&] { return user.peek(*b, "x") != "no session"; }));
  EXPECT_EQ(user.peek(*b, "x"), "null");
  ASSERT_TRUE(user.set(*b, "y", "2"));
  EXPECT_EQ(user.peek(*a, "y"), "null");
  EXPECT_EQ(user.peek(*a, "x"), "1");
}

TEST_P(ClusterValves, SeedRow052_WithoutTheBinderTheIdStays) {
  defaults.binder = false;
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  const std::string id = user.session_id();
  ASSERT_TRUE(id.ends_with(".node01")) << id;
  EXPECT_EQ(user.get(*b, "x"), "1");
  EXPECT_EQ(user.session_id(), id);
}

TEST_P(ClusterValves, SeedRow053_AReplicationValveAloneTakesTheBinderAway) {
  defaults.binder = false;
  start_managed_pair();
  for (const Node* node : {a, b}) {
    Jmx jmx(*node);
    EXPECT_EQ(jmx.names(kReplicationBean).size(), 1u) << node->options().name;
    EXPECT_EQ(jmx.names(kBinderBean).size(), 0u) << node->options().name;
  }
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  EXPECT_EQ(user.peek(*b, "x"), "1");
}

TEST_P(ClusterValves, SeedRow125_WithoutTheBinderTheFirstNodeGetsTheSessionBack) {
  defaults.binder = false;
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  const std::string id = user.session_id();
  a->kill();
  EXPECT_EQ(user.get(*b, "x"), "1");
  ASSERT_TRUE(user.set(*b, "x", "2"));
  EXPECT_EQ(user.session_id(), id);
  a->start();
  EXPECT_EQ(user.get(*a, "x"), "2");
  EXPECT_EQ(user.session_id(), id);
}

TEST_P(ClusterValves, SeedRow054_TheOldIdIsInARequestAttribute) {
  const std::string usual = "org.apache.catalina.ha.session.JvmRouteOriginalSessionID";
  for (const std::string& name : {usual, std::string("was")}) {
    SCOPED_TRACE(name);
    if (name != usual) {
      defaults.binder = false;
      defaults.cluster_valves = valve(kBinder, "sessionIdAttribute=\"was\"");
    }
    start_pair();
    DemoUser user;
    ASSERT_TRUE(user.set(*a, "x", "1"));
    const std::string old_id = user.session_id();
    EXPECT_EQ(attribute(user, *a, name), "null");
    EXPECT_EQ(attribute(user, *b, name), old_id);
    EXPECT_EQ(attribute(user, *b, name), "null");
    EXPECT_TRUE(user.session_id().ends_with("." + b->options().name)) << user.session_id();
    a->kill();
    b->kill();
  }
}

TEST_P(ClusterValves, SeedRow124_AttributesOfTheBinder) {
  defaults.binder = false;
  defaults.cluster_valves = valve(kBinder, "enabled=\"false\" sessionIdAttribute=\"was\"");
  start_managed_pair();
  Jmx jmx(*b);
  EXPECT_EQ(jmx.get(kBinderBean, "enabled"), "false");
  EXPECT_EQ(jmx.get(kBinderBean, "sessionIdAttribute"), "was");
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  const std::string id = user.session_id();
  EXPECT_EQ(attribute(user, *b, "was"), "null");
  EXPECT_EQ(user.session_id(), id);
  EXPECT_EQ(jmx.set(kBinderBean, "enabled", "true"), "OK - Attribute set");
  EXPECT_EQ(attribute(user, *b, "was"), id);
  EXPECT_TRUE(user.session_id().ends_with("." + b->options().name)) << user.session_id();
}

TEST_P(ClusterValves, SeedRow057_ADisabledBinderChangesNothing) {
  defaults.binder = false;
  defaults.cluster_valves = valve(kBinder, "enabled=\"false\"");
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  const std::string id = user.session_id();
  EXPECT_EQ(user.get(*b, "x"), "1");
  EXPECT_EQ(user.session_id(), id);
}

TEST_P(ClusterValves, SeedRow121_TheIndicatorTellsThePrimaryNode) {
  expect_indicator("", "org.apache.catalina.ha.tcp.isPrimarySession");
}

TEST_P(ClusterValves, SeedRow122_TheIndicatorMayHaveAnotherName) {
  expect_indicator("primaryIndicatorName=\"mine\"", "mine");
}

TEST_P(ClusterValves, SeedRow123_StatisticsAreLoggedEvery100Requests) {
  defaults.replication_valve = false;
  defaults.cluster_valves = valve(kReplication, R"(filter=".*\.gif" statistics="true")");
  start_pair_of_files();
  Jmx jmx(*a);
  EXPECT_EQ(jmx.get(kReplicationBean, "doProcessingStats"), "true");
  DemoUser user;
  user.path = "/rep/s";
  const auto requests = [&] { return std::stoi(jmx.get(kReplicationBean, "nrOfRequests")); };
  while (requests() < 99) ASSERT_TRUE(user.set(*a, "x", "1"));
  EXPECT_FALSE(a->logged("Average request time="));
  ASSERT_TRUE(user.set(*a, "x", "100000", "big"));
  const bool logs = a->kind() != Kind::kTomcat10;  // that says it for those who debug only
  if (logs) {
    EXPECT_TRUE(a->eventually_logs("ms for [100] requests")) << a->log_tail();
  }
  EXPECT_EQ(jmx.get(kReplicationBean, "nrOfSendRequests"), "100");
  EXPECT_EQ(jmx.get(kReplicationBean, "nrOfFilterRequests"), "0");
  // The totals grow: milliseconds of all requests, and of what replication took of them.
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(user.set(*a, "x", "1"));
    return std::stoi(jmx.get(kReplicationBean, "totalRequestTime")) > 0 &&
           std::stoi(jmx.get(kReplicationBean, "totalSendTime")) > 0;
  }));
  while (requests() < 200) ASSERT_TRUE(user.set(*a, "x", "1"));
  if (logs) {
    EXPECT_TRUE(a->eventually_logs("ms for [200] requests")) << a->log_tail();
  }
}

TEST_P(ClusterValves, SeedRow076_AFilteredPathSendsNoDelta) {
  defaults.replication_valve = false;
  defaults.cluster_valves = valve(kReplication, R"(filter=".*\.gif|.*\.js" statistics="true")");
  start_pair_of_files();
  Jmx jmx(*a);
  EXPECT_EQ(seen_of("/rep/a.gif"), "null");
  EXPECT_EQ(jmx.get(kReplicationBean, "nrOfFilterRequests"), "1");
  EXPECT_EQ(jmx.get(kReplicationBean, "nrOfSendRequests"), "0");
  EXPECT_EQ(seen_of("/rep/s"), "1");
  EXPECT_EQ(jmx.get(kReplicationBean, "nrOfFilterRequests"), "1");
  EXPECT_EQ(jmx.get(kReplicationBean, "nrOfSendRequests"), "1");
}

TEST_P(ClusterValves, SeedRow120_TheFilterIsAJavaExpressionForThePathAlone) {
  defaults.replication_valve = false;
  defaults.cluster_valves = valve(kReplication, R"(filter="(?i).*\.GIF|/rep/(?!keep).*\d\.js")");
  start_pair_of_files();
  struct Case {
    const char *path, *query, *seen;
  };
  const Case cases[] = {{"/rep/x.gif", "", "null"},
                        {"/rep/a.js", "", "1"},
                        {"/rep/a1.js", "", "null"},
                        {"/rep/keep1.js", "", "1"},
                        {"/rep/s", "&z=x.gif", "1"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.path);
    EXPECT_EQ(seen_of(c.path, c.query), c.seen);
  }
}

}  // namespace serval::test
