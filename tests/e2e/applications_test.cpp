// The applications that come with the server, as a browser meets them.
#include "tests/support/cluster_test.h"
#include "tests/support/start_page.h"

namespace serval::test {

class ShippedApplications : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.applications = {{"ROOT", built_war("ROOT")},
                             {"examples", built_war("examples")},
                             {"session-demo", built_war("session-demo")},
                             {"bench", built_war("bench")}};
  }
  static void expect_contains(const HttpResponse& page, const std::string& text) {
    EXPECT_EQ(page.status, 200) << page.body;
    EXPECT_NE(page.body.find(text), std::string::npos) << text << "\n" << page.body;
  }
};

TEST_F(ShippedApplications, TheStartPageShowsNodeMembersAndApplications) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  const HttpResponse page = HttpClient(a.http()).get("/");
  expect_contains(page, "<strong>node01</strong>");
  EXPECT_EQ(page.header("Content-Type"), "text/html;charset=UTF-8");
  const StartPage status = StartPage::of(a);
  EXPECT_EQ(status.members.size(), 2u);
  for (const char* name : {"/", "/examples", "/session-demo", "/bench"}) {
    EXPECT_TRUE(status.sessions.contains(name)) << name;
  }
  EXPECT_EQ(HttpClient(a.http()).get("/style.css").header("Content-Type"), "text/css");
  EXPECT_EQ(HttpClient(a.http()).get("/nothing-here").status, 404);
}

TEST_F(ShippedApplications, EveryExampleAnswersAndShowsItsSource) {
  defaults.cluster_xml = " ";
  Node& node = start();
  Browser browser;
  expect_contains(browser.get(node.http(), "/examples/"), "<h1>Examples</h1>");
  expect_contains(browser.get(node.http(), "/examples/hello?name=%3CAnn%3E"),
                  "Hello, &lt;Ann&gt;!");
  const HttpResponse info = browser.get(node.http(), "/examples/request/some/path?a=1&a=2");
  expect_contains(info, "<th scope=\"row\">Path info</th><td>/some/path</td>");
  expect_contains(info, "<th scope=\"row\">a</th><td>2</td>");
  expect_contains(browser.get(node.http(), "/examples/headers", {{"X-Own", "yes"}}),
                  "<td>yes</td>");
  for (int i = 1; i <= 3; ++i) {
    expect_contains(browser.get(node.http(), "/examples/counter"),
                    "<p class=\"big\">" + std::to_string(i) + "</p>");
  }
  const HttpHeaders form{{"Content-Type", "application/x-www-form-urlencoded"}};
  const HttpResponse set =
      browser.request("POST", node.http(), "/examples/cookies", form, "name=color&value=blue");
  EXPECT_EQ(set.status, 302);
  EXPECT_EQ(set.header("Set-Cookie").value_or("").substr(0, 11), "color=blue;");
  expect_contains(browser.get(node.http(), "/examples/cookies"), "<td>blue</td>");
  const HttpResponse file = browser.get(node.http(), "/examples/download");
  expect_contains(file, "stands in WEB-INF");
  EXPECT_EQ(file.header("Content-Disposition"), "attachment; filename=\"download.txt\"");
  const HttpResponse stream = browser.get(node.http(), "/examples/stream?lines=20000");
  EXPECT_EQ(stream.header("Transfer-Encoding"), "chunked");
  EXPECT_NE(stream.body.find("line 20000 of 20000\n"), std::string::npos);
  expect_contains(browser.get(node.http(), "/examples/source/application.cpp"),
                  "SERVAL_APPLICATION(");
  for (const char* source :
       {"hello.cpp", "requests.cpp", "counter.cpp", "cookies.cpp", "files.cpp"}) {
    expect_contains(browser.get(node.http(), std::string("/examples/source/") + source),
                    "namespace examples");
  }
  for (const char* closed : {"/examples/WEB-INF/web.xml", "/examples/web-inf/src/hello.cpp",
                             "/examples/source/..%2fweb.xml", "/examples/source/../web.xml"}) {
    EXPECT_NE(browser.get(node.http(), closed).status, 200) << closed;
  }
}

TEST_F(ShippedApplications, TheBenchApplicationKeepsItsContract) {
  defaults.cluster_xml = " ";
  Node& node = start();
  Browser browser;
  const HttpResponse plain = browser.get(node.http(), "/bench/plain");
  EXPECT_EQ(plain.body, "Hello, World!");
  EXPECT_EQ(plain.header("Content-Type"), "text/plain");
  EXPECT_EQ(plain.header("Content-Length"), "13");
  EXPECT_EQ(browser.get(node.http(), "/bench/k1.txt").body.size(), 1024u);
  EXPECT_EQ(browser.get(node.http(), "/bench/count").body, "count=1");
  EXPECT_EQ(browser.get(node.http(), "/bench/count").body, "count=2");
}

TEST_F(ShippedApplications, TheSecuredPartOfSessionDemoAsksForALogin) {
  defaults.cluster_xml = " ";
  Node& node = start();
  HttpClient client(node.http());
  const std::string page = "/session-demo/secure/s?op=info";
  const HttpResponse refused = client.get(page);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.header("WWW-Authenticate"), "Basic realm=\"demo\"");
  EXPECT_EQ(client.get(page, {{"Authorization", "Basic YWxpY2U6d3Jvbmc="}}).status, 401);
  const HttpResponse alice = client.get(page, {{"Authorization", "Basic YWxpY2U6d29uZGVy"}});
  expect_contains(alice, "\"user\":\"alice\"");
  EXPECT_EQ(field(alice, "authType"), "BASIC");
}

}  // namespace serval::test
