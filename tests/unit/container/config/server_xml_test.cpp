#include "container/config/server_xml.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "container/config/nesting.h"
#include "container/config/tomcat_names.h"
#include "container/config/xml_reader.h"

namespace serval {
namespace {

const std::filesystem::path kSource = SERVAL_SOURCE_DIR;

std::vector<std::string> texts(const Diagnostics& d) {
  std::vector<std::string> all;
  for (const auto& e : d.entries()) all.push_back(e.text);
  return all;
}

/// As if no component had a table of its own.
void check_all_names(const Element& e, Diagnostics& d) {
  for (const Placement& row : placements())
    if (row.element == e.name && row.class_rule == Placement::Class::kFixed)
      check_attribute_names(e, row.default_class, d);
  if (!e.class_name().empty()) {
    EXPECT_TRUE(d.tomcat().knows_class(e.class_name())) << e.class_name();
    check_attribute_names(e, e.class_name(), d);
  }
  for (const Element& c : e.children) check_all_names(c, d);
}

Element nested(std::string_view xml, Diagnostics& d, std::string_view root = "Server") {
  auto tree = read_xml(xml, "server.xml");
  EXPECT_TRUE(tree) << (tree ? "" : tree.error().message);
  check_nesting(*tree, root, d);
  return *tree;
}

class ShippedFile : public testing::TestWithParam<const char*> {};

TEST_P(ShippedFile, LoadsWithoutAWord) {
  Diagnostics d(tomcat_names_9());
  const Properties p = Properties::with_defaults(kSource, kSource);
  auto tree = load_server_xml(kSource / GetParam(), p, d);
  ASSERT_TRUE(tree) << tree.error().message;
  check_all_names(*tree, d);
  EXPECT_EQ(texts(d), std::vector<std::string>{});
}
INSTANTIATE_TEST_SUITE_P(ServerXml, ShippedFile,
                         testing::Values("conf/server.xml", "tests/peers/conf/server-stock.xml",
                                         "tests/peers/conf/server-stock-extras.xml",
                                         "tests/peers/conf/howto-default.xml"),
                         [](const auto& row) {
                           std::string name = std::filesystem::path(row.param).stem();
                           std::ranges::replace(name, '-', '_');
                           return name +
                                  (std::string(row.param).starts_with("conf") ? "" : "_peer");
                         });

TEST(ServerXml, HowToBackupExampleGivesTheOneWarningOfTomcat) {
  Diagnostics d(tomcat_names_9());
  const auto file = kSource / "tests/peers/conf/howto-backup.xml";
  auto tree = load_server_xml(file, Properties::with_defaults(kSource, kSource), d);
  ASSERT_TRUE(tree);
  check_all_names(*tree, d);
  ASSERT_EQ(d.entries().size(), 1u);
  EXPECT_EQ(d.entries()[0].severity, Diagnostics::Severity::kWarning);
  EXPECT_TRUE(d.entries()[0].text.starts_with(
      file.string() +
      ":11: Match [Server/Service/Engine/Host/Cluster/Manager] failed to set property "
      "[expireSessionsOnShutdown] to [false]"))
      << d.entries()[0].text;
}

TEST(ServerXml, ShippedContextXmlLoadsWithoutAWord) {
  Diagnostics d(tomcat_names_9());
  auto tree = load_context_xml(kSource / "conf/context.xml",
                               Properties::with_defaults(kSource, "/srv/node"), d);
  ASSERT_TRUE(tree) << tree.error().message;
  EXPECT_EQ(texts(d), std::vector<std::string>{});
  EXPECT_EQ(tree->class_name(), "org.apache.catalina.core.StandardContext");
  EXPECT_EQ(tree->children.back().text, "/srv/node/conf/web.xml");
}

TEST(ServerXml, TwoNodesDifferByPropertiesOnly) {
  Diagnostics d(tomcat_names_9());
  Properties p = Properties::with_defaults(kSource, kSource);
  p.set_from_argument("-Dserval.portOffset=1");
  p.set_from_argument("-Dserval.jvmRoute=node2");
  auto server = load_server_xml(kSource / "conf/server.xml", p, d);
  ASSERT_TRUE(server);
  EXPECT_EQ(*server->attribute("portOffset"), "1");
  EXPECT_EQ(*server->attribute("port"), "8005");
  const Element& service = *server->child("Service");
  EXPECT_EQ(*service.child("Connector")->attribute("port"), "8080");
  EXPECT_EQ(*service.child("Connector")->attribute("address"), "127.0.0.1");
  EXPECT_EQ(*service.child("Engine")->attribute("jvmRoute"), "node2");
}

TEST(ServerXml, ASyntaxErrorIsInTheDiagnosticsOnceWithItsPlace) {
  Diagnostics d(tomcat_names_9());
  auto tree = load_server_xml(kSource / "tests/peers/conf/nowhere.xml", {}, d);
  ASSERT_FALSE(tree);
  ASSERT_EQ(d.entries().size(), 1u);
  EXPECT_TRUE(d.has_errors());
  EXPECT_EQ(d.entries()[0].text, tree.error().message);
}

TEST(Nesting, ReportsEveryProblemOfTheTree) {
  Diagnostics d(tomcat_names_9());
  nested(
      "<Server>\n"
      "<Listener/>\n"
      "<Service>\n"
      "<Conector port='1'><SSLHostConfig/></Conector>\n"
      "<Engine>\n"
      "<Manager/>\n"
      "<Context/>\n"
      "<Cluster>\n"
      "<Channel className='x'><Receiver/></Channel>\n"
      "<Manager className='x'><Store className='y'/></Manager>\n"
      "</Cluster>\n"
      "<Foo/>\n"
      "</Engine></Service></Server>",
      d);
  const std::vector<std::string> want{
      "server.xml:2: No class name specified for [] [Listener]",
      "server.xml:4: No rules found matching [Server/Service/Conector], did you mean 'Connector'?",
      "server.xml:4: No rules found matching [Server/Service/Conector/SSLHostConfig]",
      "server.xml:6: No rules found matching [Server/Service/Engine/Manager]; <Manager> belongs "
      "into "
      "<Context> or <Cluster>",
      "server.xml:7: No rules found matching [Server/Service/Engine/Context]; <Context> belongs "
      "into "
      "<Host>",
      "server.xml:8: No class name specified for [] [Cluster]",
      "server.xml:9: No class name specified for [] [Receiver]",
      "server.xml:10: No rules found matching [Server/Service/Engine/Cluster/Manager/Store]; "
      "<Store> "
      "belongs into <Manager>",
      "server.xml:12: No rules found matching [Server/Service/Engine/Foo]",
  };
  EXPECT_EQ(texts(d), want);
  EXPECT_TRUE(d.has_errors());
}

TEST(Nesting, RefusesAnotherRoot) {
  Diagnostics d(tomcat_names_9());
  nested("<Servr/>", d);
  ASSERT_EQ(d.entries().size(), 1u);
  EXPECT_EQ(d.entries()[0].severity, Diagnostics::Severity::kError);
  EXPECT_EQ(d.entries()[0].text,
            "server.xml:1: No rules found matching [Servr]; the root element must be <Server>");
}

TEST(Nesting, FillsInTheClassesThatTomcatTakesByDefault) {
  Diagnostics d(tomcat_names_9());
  const Element server = nested(
      "<Server><GlobalNamingResources><Resource name='x'/></GlobalNamingResources><Service>"
      "<Connector/><Executor/><Engine><Host><Alias>a</Alias><Context><Manager/></Context></Host>"
      "<Host className='my.Host'/></Engine></Service></Server>",
      d);
  EXPECT_TRUE(d.entries().empty());
  EXPECT_EQ(server.class_name(), "org.apache.catalina.core.StandardServer");
  EXPECT_FALSE(server.child("GlobalNamingResources")->child("Resource")->attribute("className"));
  const Element& service = *server.child("Service");
  EXPECT_EQ(service.child("Connector")->class_name(), "org.apache.catalina.connector.Connector");
  EXPECT_EQ(service.child("Executor")->class_name(),
            "org.apache.catalina.core.StandardThreadExecutor");
  const Element& engine = *service.child("Engine");
  EXPECT_EQ(engine.children[0].class_name(), "org.apache.catalina.core.StandardHost");
  EXPECT_EQ(engine.children[1].class_name(), "my.Host");
  EXPECT_EQ(engine.children[0].child("Context")->child("Manager")->class_name(),
            "org.apache.catalina.session.StandardManager");
}

TEST(Nesting, RealmsNestThreeLevelsDeep) {
  Diagnostics d(tomcat_names_9());
  nested(
      "<Context><Realm className='a'><Realm className='b'><Realm className='c'>"
      "<CredentialHandler className='d'/></Realm></Realm></Realm></Context>",
      d, "Context");
  EXPECT_EQ(texts(d), std::vector<std::string>{});
  nested(
      "<Context><Realm className='a'><Realm className='b'><Realm className='c'>"
      "<Realm className='d'/></Realm></Realm></Realm></Context>",
      d, "Context");
  EXPECT_EQ(d.entries().size(), 1u);
}

TEST(Nesting, AnElementThatShouldStandOnceIsMentioned) {
  Diagnostics d(tomcat_names_9());
  nested("<Context><Manager/>\n<Manager/></Context>", d, "Context");
  ASSERT_EQ(d.entries().size(), 1u);
  EXPECT_EQ(d.entries()[0].severity, Diagnostics::Severity::kInfo);
  EXPECT_FALSE(d.has_errors());
}

void collect_paths(std::string_view kind, const std::string& path, std::set<std::string>& paths) {
  paths.insert(path);
  for (const Placement& row : placements())
    if (row.parent == kind) collect_paths(row.kind, path + "/" + std::string(row.element), paths);
}

// The file lists every path for which the digester of Tomcat 9.0.70's Catalina class has a rule.
TEST(Nesting, AllowsThePathsThatTomcatsDigesterHasRulesFor) {
  std::set<std::string> ours, tomcats;
  collect_paths("Server", "Server", ours);
  std::ifstream file(kSource / "tests/peers/conf/digester-paths.txt");
  for (std::string line; std::getline(file, line);) tomcats.insert(line);
  EXPECT_EQ(ours, tomcats);
}

TEST(Nesting, KnowsTheClassOfEveryRow) {
  for (const Placement& row : placements()) {
    if (row.default_class.empty()) continue;
    EXPECT_TRUE(tomcat_names_9().knows_class(row.default_class)) << row.default_class;
  }
}

TEST(TomcatNames, KnowsStateSettersAliasesAndSocketNames) {
  const auto has = [](std::string_view type, std::string_view name) {
    const auto names = tomcat_names_9().attributes_of(type);
    return std::ranges::find(names, name) != names.end();
  };
  EXPECT_TRUE(has("org.apache.catalina.ha.session.DeltaManager", "stateTransfered"));
  EXPECT_FALSE(has("org.apache.catalina.ha.session.DeltaManager", "useDirtyFlag"));
  EXPECT_FALSE(has("org.apache.catalina.ha.session.BackupManager", "expireSessionsOnShutdown"));
  EXPECT_TRUE(has("org.apache.catalina.connector.Connector", "acceptCount"));
  EXPECT_TRUE(has("org.apache.catalina.connector.Connector", "backlog"));
  EXPECT_TRUE(has("org.apache.catalina.connector.Connector", "secretRequired"));
  EXPECT_TRUE(has("org.apache.coyote.http11.Http11NioProtocol", "socket.soKeepAlive"));
  EXPECT_TRUE(has("org.apache.coyote.http11.Http11NioProtocol", "keystoreFile"));
  EXPECT_TRUE(has("org.apache.coyote.http11.Http11NioProtocol", "URIEncoding"));
  EXPECT_FALSE(has("org.apache.coyote.http11.Http11NioProtocol", "secretRequired"));
  EXPECT_TRUE(has("org.apache.coyote.ajp.AjpNioProtocol", "secretRequired"));
  EXPECT_TRUE(has("org.apache.catalina.session.DataSourceStore", "sessionTable"));
  EXPECT_FALSE(tomcat_names_9().knows_class("connector"));
  EXPECT_TRUE(tomcat_names_9().attributes_of("no.such.Class").empty());
}

TEST(TomcatNames, AnyAttributeIsGoodForAResource) {
  Diagnostics d(tomcat_names_9());
  auto resource = read_xml("<Resource name='jdbc/x' driverClassName='d' whatever='1'/>", "s");
  check_attribute_names(*resource, "org.apache.tomcat.util.descriptor.web.ContextResource", d);
  auto valve =
      read_xml("<Valve errorCode.404='x' exceptionType.java.lang.Error='y' bogus='z'/>", "s");
  check_attribute_names(*valve, "org.apache.catalina.valves.ErrorReportValve", d);
  ASSERT_EQ(d.entries().size(), 1u);
  EXPECT_NE(d.entries()[0].text.find("[bogus]"), std::string::npos);
}

TEST(MergeContexts, LaterWinsByAttributeAndChildrenAddUp) {
  std::vector<Element> trees;
  trees.push_back(
      *read_xml("<Context reloadable='true' cookies='true'><WatchedResource>a</WatchedResource>"
                "<Manager pathname='x'/></Context>",
                "conf/context.xml"));
  trees.push_back(
      *read_xml("<Context cookies='false' docBase='d'><Manager className='m'/>"
                "<WatchedResource>b</WatchedResource></Context>",
                "META-INF/context.xml"));
  const Element merged = merge_contexts(std::move(trees));
  EXPECT_EQ(*merged.attribute("reloadable"), "true");
  EXPECT_EQ(*merged.attribute("cookies"), "false");
  EXPECT_EQ(*merged.attribute("docBase"), "d");
  EXPECT_EQ(merged.children_named("WatchedResource").size(), 2u);
  ASSERT_EQ(merged.children_named("Manager").size(), 1u);
  EXPECT_EQ(merged.child("Manager")->class_name(), "m");
  EXPECT_EQ(merged.origin.text(), "META-INF/context.xml:1");
}

}  // namespace
}  // namespace serval
