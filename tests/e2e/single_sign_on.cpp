// Single sign-on on two nodes, for any pair of servers. The number is the row of the feature table.
#include "tests/e2e/single_sign_on.h"

#include <fstream>

namespace serval::test {

INSTANTIATE_TEST_SUITE_P(, SsoPair, ::testing::ValuesIn(few_pairs()), pair_name);

namespace {

HttpHeaders credentials(const std::string& password) {
  if (password.empty()) return {};
  // alice:wonder
  return {
      {"Authorization", password == "wonder" ? "Basic YWxpY2U6d29uZGVy" : "Basic YWxpY2U6eA=="}};
}

}  // namespace

int LoginUser::status(const Node& node, const std::string& app, const std::string& password) {
  last = browser.get(node.http(), "/" + app + "/secure/s?op=info", credentials(password));
  return last.status;
}

std::string LoginUser::name(const Node& node, const std::string& app) {
  last = browser.get(node.http(), "/" + app + "/s?op=who");
  return field(last, "user");
}

void LoginUser::log_out(const Node& node, const std::string& app) {
  last = browser.get(node.http(), "/" + app + "/s?op=logout");
  EXPECT_EQ(last.status, 200) << last.body;
  EXPECT_EQ(field(last, "user"), "null");
}

bool LoginUser::eventually_has(const Node& node, const std::string& app, int expected) {
  return eventually([&] {
    Browser copy;
    copy.set_cookie("JSESSIONIDSSO", "/", sso());
    copy.set_cookie("JSESSIONID", "/" + app, browser.cookie("JSESSIONID", "/" + app));
    return copy.get(node.http(), "/" + app + "/secure/s?op=info").status == expected;
  });
}

std::string sso_valve(const std::string& attributes) {
  return R"(<Valve className="org.apache.catalina.ha.authenticator.ClusterSingleSignOn" )" +
         attributes + "/>";
}

void use_sso(NodeOptions& options, Kind kind, const std::string& valve) {
  options.in_host = true;
  options.cluster_valves = valve;
  options.applications = {{"a", demo_war(kind)}, {"b", demo_war(kind)}};
}

Node& SsoPair::start_node(Kind kind, const std::string& attributes) {
  return start(kind, [&](NodeOptions& o) { use_sso(o, kind, sso_valve(attributes)); });
}

TEST_P(SsoPair, SeedRow126_ALoginToOneApplicationCountsForTheOther) {
  Node& a = start_a();
  LoginUser alice;
  EXPECT_EQ(alice.status(a, "b"), 401);
  EXPECT_EQ(alice.status(a, "a", "wonder"), 200);
  EXPECT_EQ(alice.sso().size(), 32u);
  EXPECT_EQ(alice.status(a, "b"), 200);
  EXPECT_EQ(field(alice.last, "user"), "alice");
  EXPECT_EQ(field(alice.last, "authType"), "BASIC");
  EXPECT_EQ(alice.name(a, "b"), "alice");
}

TEST_P(SsoPair, SeedRow127_ALoginOnOneNodeCountsOnTheOtherAndOutlivesItsNode) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  LoginUser alice;
  ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
  EXPECT_EQ(alice.status(b, "b"), 200) << "at once: the answer waited for the other node";
  EXPECT_EQ(field(alice.last, "user"), "alice");
  LoginUser only_cookie;
  only_cookie.browser.set_cookie("JSESSIONIDSSO", "/", alice.sso());
  EXPECT_EQ(only_cookie.status(b, "a"), 200);
  a.kill();
  EXPECT_EQ(alice.status(b, "a"), 200);
  EXPECT_EQ(alice.status(b, "b"), 200);
  LoginUser later;
  later.browser.set_cookie("JSESSIONIDSSO", "/", alice.sso());
  EXPECT_EQ(later.status(b, "b"), 200);
}

TEST_P(SsoPair, SeedRow127_ANodeThatStartsLaterKnowsTheLogin) {
  Node& a = start_a();
  LoginUser alice;
  ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
  Node& b = start_b();
  expect_members(a, b);
  EXPECT_EQ(alice.status(b, "b"), 200) << b.log_tail();
}

TEST_P(SsoPair, SeedRow130_TheCookieHasTheConfiguredDomain) {
  Node& a = start_node(GetParam().a, R"(cookieDomain="example.org")");
  LoginUser alice;
  ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
  bool seen = false;
  for (const auto& cookie : alice.last.all_headers("Set-Cookie")) {
    if (!cookie.starts_with("JSESSIONIDSSO=")) continue;
    seen = true;
    EXPECT_EQ(cookie.substr(cookie.find(';')), "; Domain=example.org; Path=/; HttpOnly");
  }
  EXPECT_TRUE(seen);
}

TEST_P(SsoPair, SeedRow132_WithReauthenticationAChangedPasswordIsRefused) {
  for (const bool again : {true, false}) {
    SCOPED_TRACE(again);
    Node& b = start_node(GetParam().b, again ? R"(requireReauthentication="true")" : "");
    LoginUser alice;
    ASSERT_EQ(alice.status(b, "a", "wonder"), 200);
    EXPECT_EQ(alice.status(b, "b"), 200);
    std::ofstream(b.base() / "conf/tomcat-users.xml")
        << R"(<tomcat-users><user username="alice" password="new" roles="user"/></tomcat-users>)";
    ASSERT_TRUE(eventually([&] { return LoginUser().status(b, "a", "wonder") == 401; }))
        << "the users are read again in the background";
    EXPECT_EQ(alice.status(b, "b"), again ? 401 : 200);
    b.stop();
  }
}

TEST_P(SsoPair, SeedRow136_ALogoutEndsTheSessionsOfAllApplicationsOnAllNodes) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  for (const bool logout_on_a : {true, false}) {
    SCOPED_TRACE(logout_on_a);
    LoginUser alice;
    ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
    ASSERT_EQ(alice.status(b, "b"), 200);
    ASSERT_EQ(alice.name(a, "b"), "alice");
    alice.log_out(logout_on_a ? a : b, "a");
    for (const Node* node : {&a, &b}) {
      SCOPED_TRACE(node->options().name);
      EXPECT_TRUE(alice.eventually_has(*node, "a", 401));
      EXPECT_TRUE(alice.eventually_has(*node, "b", 401));
      LoginUser only_cookie;
      only_cookie.browser.set_cookie("JSESSIONIDSSO", "/", alice.sso());
      EXPECT_EQ(only_cookie.status(*node, "b"), 401);
    }
  }
}

TEST_P(SsoPair, SeedRow136_AnInvalidatedSessionEndsTheOthersAfterAFailoverToo) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  LoginUser alice;
  ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
  ASSERT_EQ(alice.status(a, "b"), 200);
  a.kill();
  ASSERT_EQ(alice.browser.get(b.http(), "/a/s?op=inv").status, 200);
  EXPECT_TRUE(alice.eventually_has(b, "b", 401));
}

TEST_P(SsoPair, SeedRow136_ATimeOutEndsOneSessionOnly) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  LoginUser alice;
  ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
  ASSERT_EQ(alice.status(a, "b"), 200);
  ASSERT_EQ(alice.browser.get(a.http(), "/a/s?op=maxi&v=1").status, 200);
  const std::string id = alice.browser.cookie("JSESSIONID", "/a");
  // To ask for it keeps it alive, so it is asked for once, when it must be over.
  const auto asked = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually(
      [&] { return std::chrono::steady_clock::now() - asked > std::chrono::milliseconds(1500); }));
  const HttpResponse gone = alice.browser.get(a.http(), "/a/s?op=info&create=0");
  EXPECT_EQ(field(gone, "session"), "null");
  for (const Node* node : {&a, &b}) {
    EXPECT_EQ(alice.status(*node, "b"), 200) << node->options().name;
    EXPECT_EQ(alice.status(*node, "a"), 200) << "the login is there still";
  }
}

}  // namespace serval::test
