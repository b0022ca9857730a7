#include "container/authenticator/single_sign_on.h"

#include <gtest/gtest.h>

#include "container/authenticator/authenticator.h"
#include "container/servlet/serval/error.h"
#include "tests/support/http_fakes.h"
#include "tests/support/one_user_realm.h"

namespace serval::core {
namespace {

using test::Exchange;
using test::OneUser;
using test::TestApplication;
using test::TestService;

const std::string kAnn = "Basic YW5uOnNlY3JldA==";

/// The applications /one and /two ask with BASIC, /none with nothing; all under one single sign-on.
class SingleSignOnTest : public ::testing::Test {
 protected:
  SingleSignOnTest() {
    for (auto* app : {&one, &two, &none}) {
      app->servlet("who", {"/*"}, [](serval::Request& request, serval::Response& out) {
        const auto op = request.parameter("op").value_or("");
        if (op == "logout") request.logout();
        if (op == "invalidate") request.session()->invalidate();
        if (op == "login") request.login("ann", "secret");
        out.write(std::string(request.remote_user().value_or("nobody")) + " " +
                  std::string(request.auth_type().value_or("-")));
      });
      app->configure = [](Context& c) {
        SecurityConstraint closed;
        closed.collections.push_back({{"/p/*"}, {}, {}});
        closed.has_auth = true;
        closed.roles = {"a"};
        c.settings.constraints = {closed};
      };
    }
  }
  void start() {
    auto made = std::make_unique<OneUser>();
    realm = made.get();
    service.host->set_realm(std::move(made));
    service.host->pipeline().add(std::make_unique<SingleSignOnValve>(options));
    for (auto* app : {&one, &two})
      app->context->pipeline().add(
          std::make_unique<BasicAuthenticator>(BasicAuthenticator::Options{}));
    none.context->pipeline().add(
        std::make_unique<NonLoginAuthenticator>(NonLoginAuthenticator::Options{}));
    for (auto* app : {&one, &two, &none}) service.add(*app);
    ASSERT_TRUE(service.start());
  }
  /// One request of a browser that keeps cookies.
  std::string get(const std::string& target, const std::string& authorization = {}) {
    const std::string app = target.substr(0, target.find('/', 1));
    std::string cookies;
    if (!sso.empty()) cookies = "JSESSIONIDSSO=" + sso;
    if (!sessions[app].empty()) {
      if (!cookies.empty()) cookies += "; ";
      cookies += "JSESSIONID=" + sessions[app];
    }
    Exchange::Headers headers;
    if (!cookies.empty()) headers.emplace_back("Cookie", cookies);
    if (!authorization.empty()) headers.emplace_back("Authorization", authorization);
    Exchange e(target, headers);
    e.request.secure = secure;
    service.run(e);
    if (const auto id = e.new_session_id(); !id.empty()) sessions[app] = id;
    set_cookie.clear();
    for (const auto& cookie : e.response.set_cookies()) {
      if (!cookie.starts_with("JSESSIONIDSSO=")) continue;
      set_cookie = cookie;
      sso = e.new_session_id("JSESSIONIDSSO");
    }
    return std::to_string(e.response.status()) + " " + e.text();
  }
  SessionPtr session(TestApplication& app) {
    return app.context->manager()->find_session(sessions[std::string(app.context->context_path())]);
  }

  TestService service;
  TestApplication one{"one"}, two{"two"}, none{"none"};
  SingleSignOn::Options options;
  OneUser* realm = nullptr;
  std::string sso, set_cookie;
  std::map<std::string, std::string> sessions;
  bool secure = false;
};

TEST_F(SingleSignOnTest, ALoginCountsForAllApplications) {
  start();
  EXPECT_EQ(get("/one/p/x", kAnn), "200 ann BASIC");
  EXPECT_EQ(set_cookie, "JSESSIONIDSSO=" + sso + "; Path=/; HttpOnly");
  EXPECT_EQ(sso.size(), 32u);
  EXPECT_EQ(get("/two/p/x"), "200 ann BASIC");
  EXPECT_EQ(set_cookie, "");
  EXPECT_EQ(get("/none/p/x"), "200 ann BASIC");
  EXPECT_EQ(get("/none/open"), "200 ann BASIC");
  EXPECT_EQ(realm->asked, 1);
  EXPECT_TRUE(session(one) && session(two) && session(none)) << "each has a session that ends it";
}

TEST_F(SingleSignOnTest, TheCookieIsAsConfigured) {
  options.cookie_domain = "example.org";
  secure = true;
  one.context->options.use_http_only = false;
  start();
  get("/one/p/x", kAnn);
  EXPECT_EQ(set_cookie, "JSESSIONIDSSO=" + sso + "; Domain=example.org; Path=/; Secure");
}

TEST_F(SingleSignOnTest, ACookieOfNobodyIsTakenBack) {
  start();
  sso = "0123";
  EXPECT_EQ(get("/two/p/x"), "401 ");
  EXPECT_EQ(set_cookie,
            "JSESSIONIDSSO=REMOVE; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:10 GMT; Path=/; "
            "HttpOnly");
}

TEST_F(SingleSignOnTest, ALogoutEndsTheSessionsOfAllApplications) {
  for (const std::string op : {"logout", "invalidate"}) {
    SCOPED_TRACE(op);
    if (!realm) start();
    sso.clear();
    sessions.clear();
    get("/one/p/x", kAnn);
    get("/two/p/x");
    get("/one/p/x?op=" + op);
    EXPECT_FALSE(session(one));
    EXPECT_FALSE(session(two));
    EXPECT_EQ(get("/two/p/x"), "401 ");
  }
}

TEST_F(SingleSignOnTest, ATimeOutEndsOneSessionOnly) {
  start();
  get("/one/p/x", kAnn);
  get("/two/p/x");
  const auto now = session(one)->manager().clock().wall_ms();
  session(one)->set_times(now - 2'000'000, now - 2'000'000, now - 2'000'000);
  EXPECT_FALSE(session(one)->is_valid());
  EXPECT_TRUE(session(two));
  EXPECT_EQ(get("/one/p/x"), "200 ann BASIC") << "the login is there still";
}

TEST_F(SingleSignOnTest, TheLoginEndsWithItsLastSession) {
  start();
  get("/one/p/x", kAnn);
  const auto now = session(one)->manager().clock().wall_ms();
  session(one)->set_times(now - 2'000'000, now - 2'000'000, now - 2'000'000);
  EXPECT_FALSE(session(one)->is_valid());
  EXPECT_EQ(get("/two/p/x"), "401 ");
}

TEST_F(SingleSignOnTest, AnApplicationThatStopsLeavesTheOthersLoggedIn) {
  start();
  get("/one/p/x", kAnn);
  get("/two/p/x");
  one.context->stop();
  EXPECT_EQ(get("/two/p/x"), "200 ann BASIC");
  sessions.clear();
  EXPECT_EQ(get("/none/p/x"), "200 ann BASIC");
}

TEST_F(SingleSignOnTest, ASessionWithANewIdStillBelongsToIt) {
  start();
  get("/one/p/x", kAnn);
  get("/two/p/x");
  const auto moved = session(two);
  two.context->manager()->change_session_id(moved);
  get("/one/p/x?op=logout");
  EXPECT_FALSE(moved->is_valid());
}

TEST_F(SingleSignOnTest, AsksTheRealmEveryTimeIfTold) {
  options.require_reauthentication = true;
  start();
  EXPECT_EQ(get("/one/p/x", kAnn), "200 ann BASIC");
  EXPECT_EQ(get("/two/p/x"), "200 ann BASIC");
  EXPECT_EQ(get("/two/p/x"), "200 ann BASIC");
  EXPECT_EQ(realm->asked, 3);
  EXPECT_EQ(get("/none/p/x"), "200 ann BASIC") << "who asks nobody can check all the same";
  sessions.erase("/none");
  realm->right_password = "new";
  EXPECT_EQ(get("/two/p/x"), "401 ");
  EXPECT_EQ(get("/none/p/x"), "403 ");
  EXPECT_EQ(get("/one/p/x"), "401 ") << "it had no session when the user logged in";
}

TEST_F(SingleSignOnTest, ALoginOfTheApplicationItselfCounts) {
  start();
  EXPECT_EQ(get("/none/open?op=login"), "200 ann NONE");
  EXPECT_EQ(get("/two/p/x"), "200 ann NONE");
}

TEST_F(SingleSignOnTest, BetterCredentialsTakeThePlaceOfThoseThatCannotBeUsedAgain) {
  options.require_reauthentication = true;
  start();
  EXPECT_EQ(get("/none/open?op=login"), "200 ann NONE");
  EXPECT_EQ(get("/two/p/x"), "401 ");
  EXPECT_EQ(get("/two/p/x", kAnn), "200 ann BASIC");
  EXPECT_EQ(get("/one/p/x"), "200 ann BASIC");
}

TEST_F(SingleSignOnTest, WithoutTheValveEachApplicationAsks) {
  service.host->set_realm(std::make_unique<OneUser>());
  for (auto* app : {&one, &two}) {
    app->context->pipeline().add(
        std::make_unique<BasicAuthenticator>(BasicAuthenticator::Options{}));
    service.add(*app);
  }
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get("/one/p/x", kAnn), "200 ann BASIC");
  EXPECT_EQ(set_cookie, "");
  EXPECT_EQ(get("/two/p/x"), "401 ");
}

}  // namespace
}  // namespace serval::core
