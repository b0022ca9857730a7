// cmake --install gives the tree of the checkout elsewhere, and what another project needs to build
// for it.
#include <signal.h>

#include "tests/support/cluster_test.h"

namespace serval::test {

namespace fs = std::filesystem;

class Installation : public ClusterTest {};

TEST_F(Installation, ServesAnApplicationAndAValveOfAnotherProject) {
  const std::string home = (directory() / "home").string(),
                    build = (directory() / "build").string();
  CommandResult step =
      run_command({SERVAL_CMAKE, "--install", SERVAL_BINARY_DIR, "--prefix", home});
  ASSERT_EQ(step.status, 0) << step.output;
  step = run_command({SERVAL_CMAKE, "-S", (source_dir() / "tests/e2e/outside_project").string(),
                      "-B", build, "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + home,
                      "-DCMAKE_CXX_FLAGS=" SERVAL_SANITIZE_FLAGS});
  ASSERT_EQ(step.status, 0) << step.output;
  step = run_command({SERVAL_CMAKE, "--build", build});
  ASSERT_EQ(step.status, 0) << step.output;
  const fs::path war = fs::path(build) / "webapps/shop.war";
  ASSERT_TRUE(fs::exists(war));
  fs::copy_file(war, fs::path(home) / "webapps/shop.war");
  fs::copy_file(fs::path(build) / "stamp.so", fs::path(home) / "lib/stamp.so");

  const int port = free_port();
  std::string xml = read_file(fs::path(home) / "conf/server.xml");
  const std::string multicast = "port=\"45564\"";
  ASSERT_NE(xml.find(multicast), std::string::npos);
  xml.replace(xml.find(multicast), multicast.size(),
              "port=\"" + std::to_string(defaults.multicast) + "\"");
  xml.insert(xml.find("</Host>"), "<Valve className=\"shop.Stamp\"/>");
  std::ofstream(fs::path(home) / "conf/server.xml") << xml;

  // Nothing but the installed tree: neither home nor binary is named.
  Process server(
      {{home + "/bin/catalina.sh", "run"},
       {{"CATALINA_HOME", ""},
        {"CATALINA_BASE", ""},
        {"SERVAL_BINARY", ""},
        {"JAVA_OPTS", ""},
        {"CATALINA_OPTS", "-Dserval.shutdown.port=-1 -Dserval.http.port=" + std::to_string(port)}},
       directory() / "log",
       {}});
  ASSERT_TRUE(eventually([&] { return !server.is_running() || is_open(port); }));
  ASSERT_TRUE(server.is_running()) << read_file(directory() / "log");
  HttpClient client(port);
  EXPECT_EQ(client.get("/shop/buy?who=Ann").body, "shop for Ann");
  EXPECT_NE(client.get("/shop/").body.find("Shop"), std::string::npos);
  EXPECT_EQ(client.get("/shop/").header("X-Stamp"), "shop");
  EXPECT_EQ(client.get("/").status, 200);
  EXPECT_EQ(client.get("/examples/hello").status, 200);
  EXPECT_EQ(client.get("/session-demo/s?op=info").status, 200);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(kPatience), 0) << read_file(directory() / "log");
}

}  // namespace serval::test
