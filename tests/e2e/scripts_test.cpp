// bin/*.sh as a user and as other people's scripts know them: words, exit codes, files.
#include <signal.h>
#include <sys/stat.h>

#include "tests/support/cluster_test.h"
#include "tests/support/test_wars.h"

namespace serval::test {

namespace fs = std::filesystem;

/// A base directory made by bin/makebase.sh, on ports of its own.
class Scripts : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    base_ = directory() / "base";
    http_ = free_port();
    environment_ = script_environment(base_);
    make_base(base_);
    environment_["CATALINA_OPTS"] = "-Dserval.http.port=" + std::to_string(http_) + " -Xmx64m " +
                                    "-Dserval.shutdown.port=" + std::to_string(shutdown_);
    environment_["JAVA_OPTS"] = "-Dserval.shutdown.port=" + std::to_string(shutdown_);
    environment_["CATALINA_PID"] = (directory() / "pid").string();
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << read_file(base_ / "logs/catalina.out");
    for (const char* file : {"pid", "pid2"}) {
      const std::string pid = read_file(directory() / file);
      if (!pid.empty()) ::kill(std::stoi(pid), SIGKILL);
    }
    ClusterTest::TearDown();
  }
  /// The default configuration, in a multicast group of its own, with a tick each second.
  void make_base(const fs::path& base) {
    const CommandResult made = run("makebase.sh", {base.string()});
    ASSERT_EQ(made.status, 0) << made.output;
    use_libraries_of_this_build(base / "webapps");
    std::string xml = read_file(base / "conf/server.xml");
    replace(xml, "port=\"45564\"", "port=\"" + std::to_string(defaults.multicast) + "\"");
    replace(xml, "<Engine ", "<Engine backgroundProcessorDelay=\"1\" ");
    std::ofstream(base / "conf/server.xml") << xml;
  }
  /// The checkout has those of build/release, if any.
  static void use_libraries_of_this_build(const fs::path& webapps) {
    const fs::path built = fs::path(SERVAL_BINARY_DIR) / "webapps.build/lib";
    for (const auto& library : fs::directory_iterator(built)) {
      const fs::path web_inf = webapps / library.path().stem() / "WEB-INF";
      if (!fs::exists(web_inf)) continue;
      fs::create_directories(web_inf / "lib");
      fs::copy_file(library, web_inf / "lib" / library.path().filename(),
                    fs::copy_options::overwrite_existing);
    }
  }
  CommandResult run(const std::string& script, std::vector<std::string> words = {}) {
    words.insert(words.begin(), (source_dir() / "bin" / script).string());
    return run_command(words, environment_);
  }
  static void replace(std::string& text, const std::string& from, const std::string& to) {
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
  }
  pid_t pid() const { return std::stoi("0" + read_file(directory() / "pid")); }

  fs::path base_;
  int http_ = 0, shutdown_ = free_port();
  std::map<std::string, std::string> environment_;
};

TEST_F(Scripts, StartReturnsWhenPagesAreServedAndSaysWhere) {
  const CommandResult start = run("startup.sh");
  ASSERT_EQ(start.status, 0) << start.output;
  // No waiting here: the page is there.
  const HttpResponse page = HttpClient(http_).get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(start.output.find("Tomcat started."), std::string::npos) << start.output;
  EXPECT_NE(start.output.find("http://127.0.0.1:" + std::to_string(http_) + "/"), std::string::npos)
      << start.output;
  EXPECT_NE(start.output.find(std::to_string(pid())), std::string::npos) << start.output;
  EXPECT_NE(start.output.find((base_ / "logs/catalina.out").string()), std::string::npos)
      << start.output;

  const CommandResult stop = run("shutdown.sh");
  EXPECT_EQ(stop.status, 0) << stop.output;
  EXPECT_NE(stop.output.find("Tomcat stopped."), std::string::npos) << stop.output;
  EXPECT_FALSE(is_open(http_));
  EXPECT_FALSE(fs::exists(directory() / "pid"));
}

TEST_F(Scripts, ASecondStartIsRefusedWhileThePidLives) {
  ASSERT_EQ(run("startup.sh").status, 0);
  const CommandResult again = run("startup.sh");
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.output.find("Tomcat appears to still be running with PID " +
                              std::to_string(pid()) + ". Start aborted."),
            std::string::npos)
      << again.output;
  EXPECT_EQ(run("shutdown.sh").status, 0);
}

TEST_F(Scripts, AStalePidFileIsRemoved) {
  const CommandResult dead =
      run_command({"sh", "-c", "echo $$ > " + (directory() / "pid").string()});
  ASSERT_EQ(dead.status, 0);
  const CommandResult start = run("startup.sh");
  EXPECT_EQ(start.status, 0) << start.output;
  EXPECT_NE(start.output.find("Removing/clearing stale PID file."), std::string::npos)
      << start.output;
  EXPECT_EQ(run("shutdown.sh").status, 0);
}

TEST_F(Scripts, StopWithoutAServerSaysSo) {
  CommandResult stop = run("shutdown.sh");
  EXPECT_EQ(stop.status, 1);
  EXPECT_NE(stop.output.find("$CATALINA_PID was set but the specified file does not exist."),
            std::string::npos)
      << stop.output;
  environment_["CATALINA_PID"] = "";
  stop = run("shutdown.sh");
  EXPECT_EQ(stop.status, 1);
  const std::string port = std::to_string(shutdown_);
  EXPECT_NE(stop.output.find("Could not contact [127.0.0.1:" + port + "] (base port [" + port +
                             "] and offset [0]). Tomcat may not be running."),
            std::string::npos)
      << stop.output;
}

TEST_F(Scripts, AServerThatDoesNotListenIsKilledWithForce) {
  ASSERT_EQ(run("startup.sh").status, 0);
  ::kill(pid(), SIGSTOP);
  CommandResult stop = run("shutdown.sh", {"1"});
  EXPECT_NE(stop.output.find("Tomcat did not stop in time."), std::string::npos) << stop.output;
  stop = run("shutdown.sh", {"1", "-force"});
  EXPECT_EQ(stop.status, 0) << stop.output;
  EXPECT_NE(stop.output.find("The Tomcat process has been killed."), std::string::npos)
      << stop.output;
}

TEST_F(Scripts, AStartThatFailsSaysWhy) {
  std::ofstream(base_ / "conf/server.xml") << "<Server>\n<Service>\n</Server>\n";
  const CommandResult start = run("startup.sh");
  EXPECT_EQ(start.status, 1);
  EXPECT_NE(start.output.find("server.xml:3"), std::string::npos) << start.output;
  EXPECT_EQ(start.output.find("Tomcat started."), std::string::npos);
  EXPECT_FALSE(fs::exists(directory() / "pid"));
}

TEST_F(Scripts, StartSaysWhichConnectorFailedAndWhy) {
  ASSERT_EQ(run("startup.sh").status, 0);
  environment_["CATALINA_PID"] = (directory() / "pid2").string();
  environment_["CATALINA_OPTS"] =
      "-Dserval.shutdown.port=-1 -Dserval.http.port=" + std::to_string(http_);
  const CommandResult second = run("startup.sh");
  EXPECT_EQ(second.status, 1);
  const std::string port = std::to_string(http_);
  const std::string why = "Connector failed: http-nio-127.0.0.1-" + port +
                          ": Protocol handler initialization failed: [127.0.0.1:" + port +
                          "]: Address already in use\n";
  EXPECT_NE(second.output.find(why), std::string::npos) << second.output;
  EXPECT_NE(second.output.find("No connector is open."), std::string::npos) << second.output;
  environment_["CATALINA_PID"] = (directory() / "pid").string();
  EXPECT_EQ(run("shutdown.sh").status, 0);
}

TEST_F(Scripts, StartIsWellWhenOneOfTwoConnectorsIsOpen) {
  std::string xml = read_file(base_ / "conf/server.xml");
  replace(xml, "<Engine ",
          "<Connector address=\"127.0.0.1\" port=\"${serval.http.port}\"/><Engine ");
  std::ofstream(base_ / "conf/server.xml") << xml;
  const CommandResult start = run("startup.sh");
  EXPECT_EQ(start.status, 0) << start.output;
  EXPECT_NE(start.output.find("]: Address already in use\n"), std::string::npos) << start.output;
  EXPECT_NE(start.output.find("http://127.0.0.1:" + std::to_string(http_) + "/"), std::string::npos)
      << start.output;
  EXPECT_EQ(run("shutdown.sh").status, 0);
}

TEST_F(Scripts, ConfigtestAcceptsTheDefaultConfiguration) {
  const CommandResult test = run("catalina.sh", {"configtest"});
  EXPECT_EQ(test.status, 0) << test.output;
  EXPECT_EQ(test.output.find("WARNING"), std::string::npos) << test.output;
  EXPECT_EQ(test.output.find("Configuration error detected!"), std::string::npos) << test.output;
}

TEST_F(Scripts, VersionAndUsage) {
  const CommandResult version = run("catalina.sh", {"version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_NE(version.output.find("Serval/"), std::string::npos) << version.output;
  const CommandResult usage = run("catalina.sh", {"fly"});
  EXPECT_EQ(usage.status, 1);
  EXPECT_NE(usage.output.find("Usage: catalina.sh"), std::string::npos) << usage.output;
}

TEST_F(Scripts, SetenvIsReadAndTheUmaskHolds) {
  std::ofstream(base_ / "bin/setenv.sh")
      << "CATALINA_OUT='" << (base_ / "logs/own name.log").string() << "'\n";
  ASSERT_EQ(run("startup.sh").status, 0);
  struct stat status {};
  ASSERT_EQ(::stat((base_ / "logs/own name.log").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
  EXPECT_EQ(run("shutdown.sh").status, 0);
}

TEST_F(Scripts, AColonInAFolderIsRefused) {
  environment_["CATALINA_BASE"] = "/tmp/a:b";
  const CommandResult run_colon = run("catalina.sh", {"configtest"});
  EXPECT_EQ(run_colon.status, 1);
  EXPECT_NE(run_colon.output.find("must not contain a colon"), std::string::npos)
      << run_colon.output;
}

TEST_F(Scripts, MakebaseMakesANodeAndRefusesAFolderInUse) {
  for (const char* name :
       {"conf/server.xml", "conf/web.xml", "logs", "temp", "work", "webapps/ROOT/WEB-INF/web.xml",
        "webapps/session-demo/WEB-INF/web.xml", "webapps/examples/index.html"}) {
    EXPECT_TRUE(fs::exists(base_ / name)) << name;
  }
  const CommandResult again = run("makebase.sh", {base_.string()});
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.output.find("is not empty"), std::string::npos) << again.output;
}

TEST_F(Scripts, TwoNodesOfTheDefaultConfigurationShareSessionsAndApplications) {
  const fs::path second = directory() / "base2";
  make_base(second);
  const std::string common =
      "-Dserval.shutdown.port=-1 -Dserval.http.port=" + std::to_string(http_);
  const auto use_node = [&](int number) {
    environment_["CATALINA_BASE"] = (number == 1 ? base_ : second).string();
    environment_["CATALINA_PID"] = (directory() / (number == 1 ? "pid" : "pid2")).string();
    environment_["CATALINA_OPTS"] =
        common + (number == 1 ? "" : " -Dserval.portOffset=1 -Dserval.jvmRoute=node2");
  };
  for (const int number : {1, 2}) {
    use_node(number);
    const CommandResult start = run("startup.sh");
    ASSERT_EQ(start.status, 0) << start.output;
  }
  const int one = http_, two = http_ + 1;
  Browser browser;
  ASSERT_EQ(browser.get(one, "/session-demo/s?op=set&k=x&v=7&t=int").status, 200);
  EXPECT_TRUE(eventually([&] {
    return field(browser.get(two, "/session-demo/s?op=get&k=x&create=0"), "value") == "7";
  }));

  page_war(directory() / "shop.war", "the shop");
  fs::rename(directory() / "shop.war", base_ / "webapps/shop.war");
  for (const int port : {one, two}) {
    HttpClient client(port);
    EXPECT_TRUE(eventually([&] { return client.get("/shop/").body == "the shop"; })) << port;
  }
  fs::remove(base_ / "webapps/shop.war");
  for (const int port : {one, two}) {
    HttpClient client(port);
    EXPECT_TRUE(eventually([&] { return client.get("/shop/").status == 404; })) << port;
  }
  EXPECT_EQ(HttpClient(two).get("/session-demo/s?op=info").status, 200);
  for (const int number : {1, 2}) {
    use_node(number);
    ::kill(std::stoi(read_file(environment_["CATALINA_PID"])), SIGTERM);
  }
  EXPECT_TRUE(eventually([&] { return !is_open(one) && !is_open(two); }));
}

TEST_F(Scripts, TheNodeScriptOfTheTomcatPeersStartsServalFromItsOwnBase) {
  const fs::path peer = source_dir() / "tests/peers/tomcat-node", node = directory() / "node";
  const int port = free_port();
  const CommandResult start =
      run_command({peer.string(), "start", "--version", "serval", "--base", node.string(), "--name",
                   "S", "--http", std::to_string(port), "--receiver", std::to_string(free_port()),
                   "--mcast-port", std::to_string(defaults.multicast), "--home",
                   source_dir().string(), "--webapp", built_war("session-demo").string()},
                  {{"SERVAL_BINARY", server_binary().string()}});
  EXPECT_EQ(start.status, 0) << start.output << read_file(node / "logs/node.log");
  EXPECT_EQ(HttpClient(port).get("/session-demo/s?op=info").status, 200);
  const CommandResult stop = run_command({peer.string(), "stop", "--base", node.string()});
  EXPECT_EQ(stop.status, 0) << stop.output;
}

}  // namespace serval::test
