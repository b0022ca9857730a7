// Feature table 3, 6 and 12: the valves of a cluster, for any pair of servers.
#include "tests/e2e/pairs.h"
#include "tests/support/war_file.h"

namespace serval::test {

namespace {

constexpr const char* kBinder = "org.apache.catalina.ha.session.JvmRouteBinderValve";
constexpr const char* kReplication = "org.apache.catalina.ha.tcp.ReplicationValve";

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
  void start_pair() {
    a = &start(GetParam().a);
    b = &start(GetParam().b);
    expect_members(*a, *b);
  }
  /// The request attribute of this name, as the servlet sees it.
  static std::string attribute(DemoUser& user, const Node& node, const std::string& name) {
    return field(user.ask(node, "op=rget&k=" + name), "value");
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

TEST_P(ClusterValves, SeedRow052_WithoutTheBinderTheIdStaysAndTheFirstNodeGetsItBack) {
  defaults.binder = false;
  start_pair();
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  const std::string id = user.session_id();
  ASSERT_TRUE(id.ends_with(".node01")) << id;
  a->kill();
  EXPECT_EQ(user.get(*b, "x"), "1");
  ASSERT_TRUE(user.set(*b, "x", "2"));
  EXPECT_EQ(user.session_id(), id);
  a->start();  // row 125
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
  const std::string usual = "org.apache.catalina.ha.tcp.isPrimarySession";
  for (const std::string& name : {usual, std::string("mine")}) {  // row 122
    SCOPED_TRACE(name);
    defaults.replication_valve = defaults.binder = false;
    defaults.cluster_valves =
        valve(kReplication, "primaryIndicator=\"true\"" +
                                (name == usual ? std::string() : " primaryIndicatorName=\"mine\""));
    start_pair();
    DemoUser user;
    ASSERT_TRUE(user.set(*a, "x", "1"));
    EXPECT_EQ(attribute(user, *a, name), "true");
    EXPECT_EQ(attribute(user, *b, name), "false");
    EXPECT_EQ(attribute(user, *b, name), "true");  // the request before made it the primary one
    EXPECT_EQ(attribute(user, *a, name), "false");
    a->kill();
    b->kill();
  }
}

TEST_P(ClusterValves, SeedRow120_TheFilterIsAJavaExpressionForThePathAlone) {
  defaults.replication_valve = false;
  defaults.cluster_valves = valve(kReplication, R"(filter="(?i).*\.GIF|/rep/(?!keep).*\d\.js")");
  for (const Kind kind : {GetParam().a, GetParam().b}) {
    const auto war = directory() / ("rep-" + std::string(name_of(kind)) + ".war");
    if (!std::filesystem::exists(war)) {
      war_with(war, demo_war(kind), {{"WEB-INF/web.xml", kWebXml}});
    }
    Node& node = start(kind, [&](NodeOptions& o) { o.applications = {{"rep", war}}; });
    (a ? b : a) = &node;
  }
  expect_members(*a, *b);
  struct Case {
    const char *path, *query, *seen;
  };
  const Case cases[] = {{"/rep/x.gif", "", "null"},  // row 76
                        {"/rep/a.js", "", "1"},
                        {"/rep/a1.js", "", "null"},
                        {"/rep/keep1.js", "", "1"},
                        {"/rep/s", "&z=x.gif", "1"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.path);
    DemoUser user;
    user.path = c.path;
    user.ask(*a, std::string("op=set&k=x&v=1") + c.query);
    user.path = "/rep/s";
    user.browser.set_cookie("JSESSIONID", "/rep/s", user.browser.cookie("JSESSIONID", c.path));
    EXPECT_EQ(user.peek(*b, "x"), c.seen);
  }
}

}  // namespace serval::test
