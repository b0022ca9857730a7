// WAR files that cannot run: one clear line in the log, a context that is not served, and
// everything else as before.
#include "tests/support/cluster_test.h"
#include "tests/support/test_wars.h"

namespace serval::test {

namespace fs = std::filesystem;

class BadWar : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.cluster_xml = " ";
    applications = [](Kind kind) {
      return Applications{{"ROOT", built_war("ROOT")}, {"demo", demo_war(kind)}};
    };
    node_ = &start();
  }
  /// Drops it as bad.war; waits until a good one that came later is deployed.
  void deploy(const fs::path& war) {
    fs::rename(war, node_->webapps() / "bad.war");
    page_war(directory() / "good", "good");
    fs::rename(directory() / "good", node_->webapps() / "zgood.war");
    HttpClient client(node_->http());
    ASSERT_TRUE(eventually([&] { return client.get("/zgood/").body == "good"; }))
        << node_->log_tail();
  }
  /// Nothing of bad.war is served, the log says this, and the others go on.
  void expect_refused(const std::string& words) {
    EXPECT_EQ(HttpClient(node_->http()).get("/bad/index.html").status, 404);
    EXPECT_EQ(HttpClient(node_->http()).get("/bad/s").status, 404);
    EXPECT_TRUE(node_->eventually_logs("bad")) << node_->log_tail();
    EXPECT_TRUE(node_->eventually_logs(words)) << node_->log_tail();
    DemoUser user;
    EXPECT_TRUE(user.set(*node_, "x", "1"));
  }
  std::string web_xml() const {
    return "<web-app><servlet><servlet-name>s</servlet-name><servlet-class>demo.S</servlet-class></"
           "servlet>"
           "<servlet-mapping><servlet-name>s</servlet-name><url-pattern>/s</url-pattern></"
           "servlet-mapping></web-app>";
  }
  fs::path with_library(const std::string& library) {
    return page_war(directory() / "made.war", "bad", {{"WEB-INF/lib/bad.so", library}});
  }
  static std::string test_library(const std::string& name) {
    return read_file(fs::path(SERVAL_BINARY_DIR) / "tests/e2e" / (name + ".so"));
  }
  Node* node_ = nullptr;
};

TEST_F(BadWar, ThatIsNoZipFile) {
  std::ofstream(directory() / "made.war") << "this is no ZIP file, whatever its name says";
  deploy(directory() / "made.war");
  expect_refused("bad.war");
}

TEST_F(BadWar, ThatIsCutOff) {
  page_war(directory() / "made.war", "bad", {{"pad.txt", std::string(5000, 'x')}});
  fs::resize_file(directory() / "made.war", fs::file_size(directory() / "made.war") / 2);
  deploy(directory() / "made.war");
  expect_refused("bad.war");
}

TEST_F(BadWar, WhoseEntryClimbsOut) {
  deploy(page_war(directory() / "made.war", "bad", {{"../../climbed.txt", "out"}}));
  expect_refused("climbed.txt");
  EXPECT_FALSE(fs::exists(node_->base() / "climbed.txt"));
  EXPECT_FALSE(fs::exists(node_->webapps() / "climbed.txt"));
}

TEST_F(BadWar, WhoseWebXmlIsBroken) {
  deploy(
      make_war(directory() / "made.war",
               {{"index.html", "bad"}, {"WEB-INF/web.xml", "<web-app>\n<servlet>\n</web-app>\n"}}));
  expect_refused("web.xml:3");
}

TEST_F(BadWar, WhoseLibraryIsForAnotherMachine) {
  std::string library = application_library("session-demo");
  library[18] = static_cast<char>(0xF3);  // e_machine: RISC-V
  library[19] = 0;
  deploy(with_library(library));
  expect_refused("bad.so");
}

TEST_F(BadWar, WhoseLibraryIsCutOff) {
  deploy(with_library(application_library("session-demo").substr(0, 3000)));
  expect_refused("bad.so");
}

TEST_F(BadWar, WhoseLibraryIsForAnotherApiVersion) {
  deploy(with_library(test_library("wrong_api")));
  expect_refused("version");
}

TEST_F(BadWar, WhoseLibraryHasNoTable) {
  deploy(with_library(test_library("no_table")));
  expect_refused("serval_application_v1");
}

TEST_F(BadWar, WhoseServletDoesNotExistServesItsFiles) {
  deploy(
      make_war(directory() / "made.war", {{"index.html", "page"}, {"WEB-INF/web.xml", web_xml()}}));
  HttpClient client(node_->http());
  EXPECT_EQ(client.get("/bad/index.html").body, "page");
  const int status = client.get("/bad/s").status;
  EXPECT_TRUE(status == 404 || status == 500) << status;
}

TEST_F(BadWar, ThatAsksForALoginThatIsNotThereIsNotServed) {
  const std::string with_login =
      "<web-app><security-constraint><web-resource-collection><web-resource-name>all</"
      "web-resource-name>"
      "<url-pattern>/*</url-pattern></web-resource-collection><auth-constraint><role-name>user</"
      "role-name>"
      "</auth-constraint></security-constraint><login-config><auth-method>SPNEGO</auth-method></"
      "login-config>"
      "<security-role><role-name>user</role-name></security-role></web-app>";
  deploy(make_war(directory() / "made.war",
                  {{"index.html", "secret"}, {"WEB-INF/web.xml", with_login}}));
  expect_refused("SPNEGO");
}

}  // namespace serval::test
