// Feature table 12: valves that an operator brings in the server's lib folder.
#include "tests/e2e/pairs.h"
#include "tests/support/jmx.h"

namespace serval::test {

namespace fs = std::filesystem;

class OwnValves : public ClusterTest {
 protected:
  /// A Serval node with these libraries in its lib folder.
  template <class Change>
  Node& add_with(const std::vector<fs::path>& libraries, Change&& change) {
    Node& node = add(Kind::kServal, std::forward<Change>(change));
    fs::create_directories(node.base() / "lib");
    for (const auto& library : libraries) {
      fs::copy_file(library, node.base() / "lib" / library.filename());
    }
    return node;
  }
  static fs::path library(const std::string& name) {
    return fs::path(SERVAL_BINARY_DIR) / "tests/e2e" / (name + ".so");
  }
};
class OwnValvesOfPairs : public OwnValves, public ::testing::WithParamInterface<Pair> {};
INSTANTIATE_TEST_SUITE_P(, OwnValvesOfPairs, ::testing::ValuesIn(few_pairs()), pair_name);

TEST_P(OwnValvesOfPairs, SeedRow118_AnOwnClusterValveIsAcceptedInTheCluster) {
  defaults.binder = false;  // the session keeps its id
  Node& a = add_with({library("own_valves")}, [](NodeOptions& o) {
    o.replication_valve = false;
    o.cluster_valves = R"(<Valve className="test.Sparing" header="X-Seen"/>
                          <Valve className="test.Stamp" text="cluster"/>)";
    o.host_xml = R"(<Valve className="test.Stamp" text="host" colour="red"/>)";
  });
  const bool is_first = GetParam().a == Kind::kServal;
  if (is_first) a.start();
  Node& b = start(is_first ? GetParam().b : GetParam().a);
  if (!is_first) a.start();
  expect_members(a, b);
  // The cluster valve stands in the chain, with its property; the plain one only in the Host.
  DemoUser user;
  const HttpResponse first = user.ask(a, "op=set&k=x&v=1"), second = user.ask(a, "op=get&k=x");
  const std::string seen = first.header("X-Seen").value_or("");
  ASSERT_TRUE(seen.starts_with("Catalina ")) << seen;
  EXPECT_EQ(second.header("X-Seen"), "Catalina " + std::to_string(std::stoi(seen.substr(9)) + 1));
  EXPECT_EQ(second.all_headers("X-Stamp"), std::vector<std::string>{"host"});
  EXPECT_EQ(a.times_logged("[test.Stamp] is no cluster valve"), 1u) << a.log_tail();
  EXPECT_EQ(a.times_logged("failed to set property [colour] to [red]"), 1u) << a.log_tail();
  // It decides what is replicated.
  EXPECT_EQ(user.peek(b, "x"), "1");
  EXPECT_EQ(field(user.ask(a, "op=set&k=x&v=2&keep"), "ok"), "true");
  EXPECT_EQ(user.peek(b, "x"), "1");
  ASSERT_TRUE(user.set(a, "y", "3"));
  EXPECT_EQ(user.peek(b, "x"), "2");
  EXPECT_EQ(user.peek(b, "y"), "3");
}

TEST_F(OwnValves, AValveMayAskForAnApplicationThatIsNotThere) {
  Node& node = add_with({library("own_valves")}, [](NodeOptions& o) {
    o.cluster_xml = " ";
    o.host_xml = R"(<Valve className="test.Stamp" text="host"/>)";
    o.applications = {{"demo", demo_war(Kind::kServal)}};
  });
  fs::remove_all(node.webapps() / "ROOT");
  node.start();
  HttpClient client(node.http());
  EXPECT_EQ(client.get("/demo/s?where").header("X-Where"), "/demo");
  EXPECT_EQ(client.get("/nowhere").status, 404);
  EXPECT_EQ(client.get("/nowhere?where").status, 500);
  EXPECT_EQ(client.get("/demo/s?where").header("X-Where"), "/demo");
}

TEST_F(OwnValves, EveryOwnValveHasABean) {
  Node& node = add_with({library("own_valves")}, [](NodeOptions& o) {
    o.replication_valve = false;
    o.cluster_valves = R"(<Valve className="test.Sparing" header="X-Seen"/>)";
    o.host_xml = R"(<Valve className="test.Stamp" text="host" colour="red"/>
                    <Valve className="test.Stamp" text="again" asyncSupported="false"/>)";
    o.applications = demo_and_manager(Kind::kServal);
  });
  node.start();
  Jmx jmx(node);
  const std::string in_host = "Catalina:type=Valve,host=localhost,";
  using Attributes = std::vector<std::pair<std::string, std::string>>;
  const auto stamp = [](const std::string& async, const std::string& text) {
    return Attributes{{"modelerType", "org.apache.tomcat.util.modeler.BaseModelMBean"},
                      {"asyncSupported", async},
                      {"className", "test.Stamp"},
                      {"stateName", "STARTED"},
                      {"text", text}};
  };
  EXPECT_EQ(jmx.attributes(in_host + "name=Stamp"), stamp("true", "host"));
  EXPECT_EQ(jmx.attributes(in_host + "seq=1,name=Stamp"), stamp("false", "again"));
  EXPECT_EQ(jmx.get("Catalina:type=Valve,name=Sparing", "header"), "X-Seen");
  EXPECT_EQ(jmx.get(in_host + "name=Stamp", "modelerType"), "test.Stamp");
  EXPECT_EQ(jmx.set(in_host + "name=Stamp", "asyncSupported", "false"), "OK - Attribute set");
  EXPECT_EQ(jmx.get(in_host + "name=Stamp", "asyncSupported"), "false");
  EXPECT_TRUE(jmx.set(in_host + "name=Stamp", "text", "x").starts_with("Error"));
}

TEST_F(OwnValves, ALibraryThatCannotBeUsedEndsTheStart) {
  Node& node = add_with({library("own_valves"), library("wrong_api"), library("no_table")},
                        [](NodeOptions& o) { o.cluster_xml = " "; });
  std::ofstream(node.base() / "lib/text.so") << "no library at all";
  node.start(false);
  ASSERT_TRUE(eventually([&] { return !node.is_running(); })) << node.log_tail();
  for (const std::string problem :
       {"lib/wrong_api.so] is built for version [",
        "lib/no_table.so] is left out, it has no symbol",
        "lib/text.so] is left out, it has no symbol", "Cannot start server"}) {
    EXPECT_TRUE(node.logged(problem)) << problem << '\n' << node.log_tail();
  }
}

}  // namespace serval::test
