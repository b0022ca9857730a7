// Sessions of users who have logged in, on two nodes, for any pair of servers.
#include "tests/e2e/pairs.h"
#include "tests/support/war_file.h"

namespace serval::test {

/// What the feature table says of sessions (rows 94 to 104), for the sessions of users who have
/// logged in. The nodes have the demo application with a FORM login as /form, with a BASIC login as
/// /demo.
class LoggedIn : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  Node& start_node(Kind kind);
  Node& start_a() { return start_node(GetParam().a); }
  Node& start_b() { return start_node(GetParam().b); }
};
INSTANTIATE_TEST_SUITE_P(, LoggedIn, ::testing::ValuesIn(few_pairs()), pair_name);

namespace {

constexpr const char* kFormWebXml =
    R"(<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="3.1"><distributable/>
  <servlet><servlet-name>s</servlet-name><servlet-class>demo.S</servlet-class></servlet>
  <servlet-mapping><servlet-name>s</servlet-name><url-pattern>/s</url-pattern></servlet-mapping>
  <servlet-mapping><servlet-name>s</servlet-name><url-pattern>/secure/s</url-pattern></servlet-mapping>
  <security-constraint>
    <web-resource-collection><web-resource-name>x</web-resource-name><url-pattern>/secure/*</url-pattern></web-resource-collection>
    <auth-constraint><role-name>user</role-name></auth-constraint>
  </security-constraint>
  <login-config><auth-method>FORM</auth-method><form-login-config>
    <form-login-page>/login.html</form-login-page><form-error-page>/error.html</form-error-page>
  </form-login-config></login-config>
  <security-role><role-name>user</role-name></security-role>
</web-app>)";

/// In each Context: Tomcat 9 leaves the setting out when it copies the manager of a Cluster.
constexpr const char* kManagerWithNotes =
    R"(<Context><Manager className="org.apache.catalina.ha.session.DeltaManager"
                         persistAuthenticationNotes="true"/></Context>)";

constexpr const char* kWho = "/form/secure/s?op=who&v=user,admin";

/// A user of the form, who is shown the login page and answers it.
class FormUser {
 public:
  bool is_asked(const Node& node) {
    return browser.get(node.http(), kWho).body == "the login page";
  }
  /// A POST with a body and a header, which is kept while the user logs in.
  bool asks_for_more(const Node& node) {
    return browser
               .request("POST", node.http(), kWho,
                        {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Mine", "kept"}},
                        "text=long+text")
               .body == "the login page";
  }
  /// Waits until `other` has what `node` noted. A login page may be read before it was sent.
  bool is_known(const Node& node, const Node& other) {
    browser.get(node.http(), "/form/s?op=set&k=asked&v=yes");
    return eventually([&] {
      return field(browser.get(other.http(), "/form/s?op=get&k=asked&create=0"), "value") == "yes";
    });
  }
  /// User, method, header and text of what is answered after the login.
  std::string gets_more(const Node& node) {
    const auto response = browser.get(node.http(), kWho);
    if (response.status != 200) return std::to_string(response.status);
    return field(response, "user") + " " + field(response, "method") + " " +
           field(response, "mine") + " " + field(response, "text");
  }
  /// Status of the answer.
  int answer(const Node& node) {
    return browser
        .request("POST", node.http(), "/form/j_security_check",
                 {{"Content-Type", "application/x-www-form-urlencoded"}},
                 "j_username=alice&j_password=wonder")
        .status;
  }
  void log_in(const Node& node) {
    EXPECT_TRUE(is_asked(node));
    EXPECT_EQ(answer(node), 303);
    EXPECT_EQ(who(node), "alice FORM with role");
  }
  /// Name, kind of login, and whether the roles are right.
  std::string who(const Node& node) {
    const auto response = browser.get(node.http(), kWho);
    if (response.status != 200) return std::to_string(response.status);
    const bool roles =
        response.body.find(R"("roles":{"user":true,"admin":false})") != std::string::npos;
    return field(response, "user") + " " + field(response, "authType") +
           (roles ? " with role" : " without role");
  }
  Browser browser;
};

}  // namespace

Node& LoggedIn::start_node(Kind kind) {
  const auto folder = directory() / ("wars-" + std::string(name_of(kind)));
  std::filesystem::create_directories(folder);
  const auto war = folder / "form.war";
  if (!std::filesystem::exists(war))
    war_with(war, demo_war(kind),
             {{"WEB-INF/web.xml", kFormWebXml},
              {"login.html", "the login page"},
              {"error.html", "the error page"}});
  return start(kind, [&](NodeOptions& o) {
    o.applications = {{"form", war}, {"demo", demo_war(kind)}};
  });
}

TEST_P(LoggedIn, SeedRow099_AFormLoginOutlivesItsNode) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  FormUser alice;
  alice.log_in(a);
  a.kill();
  EXPECT_EQ(alice.who(b), "alice FORM with role");
  EXPECT_EQ(alice.who(b), "alice FORM with role");
}

TEST_P(LoggedIn, SeedRow099_ANodeMayDieBetweenTheLoginAndWhatWasAskedFor) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  FormUser alice;
  ASSERT_TRUE(alice.is_asked(a));
  ASSERT_EQ(alice.answer(a), 303);
  a.kill();
  EXPECT_EQ(alice.who(b), "alice FORM with role");
}

TEST_P(LoggedIn, SeedRow099_ALoginThatIsNotDoneGoesOnOnTheOtherNode) {
  defaults.context_xml = kManagerWithNotes;
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  FormUser alice;
  ASSERT_TRUE(alice.asks_for_more(a));
  ASSERT_TRUE(alice.is_known(a, b));
  a.kill();
  EXPECT_EQ(alice.answer(b), 303);
  EXPECT_EQ(alice.gets_more(b), "alice POST kept long text");
  EXPECT_EQ(alice.who(b), "alice FORM with role");
}

TEST_P(LoggedIn, SeedRow090_ANodeThatStartsLaterLetsALoginGoOn) {
  defaults.context_xml = kManagerWithNotes;
  Node& a = start_a();
  FormUser alice;
  ASSERT_TRUE(alice.asks_for_more(a));
  Node& b = start_b();
  expect_members(a, b);
  a.kill();
  EXPECT_EQ(alice.answer(b), 303);
  EXPECT_EQ(alice.gets_more(b), "alice POST kept long text");
}

TEST_P(LoggedIn, SeedRow099_WithoutItsNotesALoginIsNotKnownToTheOtherNode) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  FormUser alice;
  ASSERT_TRUE(alice.is_asked(a));
  ASSERT_TRUE(alice.is_known(a, b));
  a.kill();
  // Tomcat 10.1 has no such setting: it always sends them.
  EXPECT_EQ(alice.answer(b), GetParam().a == Kind::kTomcat10 ? 303 : 408);
}

TEST_P(LoggedIn, SeedRow090_ANodeThatStartsLaterKnowsTheUser) {
  Node& a = start_a();
  FormUser alice;
  alice.log_in(a);
  Node& b = start_b();
  expect_members(a, b);
  a.kill();
  EXPECT_EQ(alice.who(b).substr(0, 5), "alice");
}

TEST_P(LoggedIn, SeedRow099_ABasicLoginOutlivesItsNode) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  DemoUser alice;
  ASSERT_TRUE(alice.set(a, "x", "7"));
  const HttpHeaders credentials{{"Authorization", "Basic YWxpY2U6d29uZGVy"}};
  ASSERT_EQ(alice.browser.get(a.http(), "/demo/secure/s?op=info", credentials).status, 200);
  a.kill();
  const auto response = alice.browser.get(b.http(), "/demo/secure/s?op=info");
  EXPECT_EQ(response.status, 200) << "the browser need not send the password again";
  EXPECT_EQ(field(response, "user"), "alice");
  EXPECT_EQ(field(response, "authType"), "BASIC");
  EXPECT_EQ(alice.get(b, "x"), "7");
}

TEST_P(LoggedIn, SeedRow100_AUserWhoMovesStaysLoggedInOnBoth) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  FormUser alice;
  alice.log_in(a);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(alice.who(b), "alice FORM with role") << i;
    EXPECT_EQ(alice.who(a), "alice FORM with role") << i;
  }
}

TEST_P(LoggedIn, SeedRow102_ALogoutOnOneNodeIsOneOnTheOther) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  FormUser alice;
  alice.log_in(a);
  ASSERT_EQ(alice.who(b), "alice FORM with role");
  ASSERT_EQ(alice.browser.get(b.http(), "/form/s?op=logout").status, 200);
  EXPECT_TRUE(alice.is_asked(a));
  EXPECT_TRUE(alice.is_asked(b));
}

}  // namespace serval::test
