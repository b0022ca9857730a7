#include <gtest/gtest.h>

#include "container/servlet/serval/error.h"
#include "tests/support/http_fakes.h"

namespace serval::core {
namespace {

using test::Exchange;
using test::TestApplication;
using test::TestService;

/// One application under /app whose servlet runs what the test gives it.
class SessionTracking : public ::testing::Test {
 protected:
  explicit SessionTracking(std::string route = "node01") : service(std::move(route)) {
    app.servlet("s", {"/*"}, [this](auto& request, auto& response) { run(request, response); });
    service.add(app);
  }
  void start() { ASSERT_TRUE(service.start()); }
  /// Makes a session and returns its id.
  std::string new_session() {
    run = [](auto& request, auto&) { request.session(); };
    Exchange e("/app/s");
    service.run(e);
    return e.new_session_id();
  }

  TestService service;
  TestApplication app{"app"};
  test::FunctionServlet::Function run = [](auto&, auto&) {};
};

TEST_F(SessionTracking, SetsTheCookieWhenTheSessionIsMade) {
  start();
  run = [](auto& request, auto&) {
    EXPECT_EQ(request.session(false), nullptr);
    EXPECT_TRUE(request.session()->is_new());
    EXPECT_EQ(request.session(), request.session(false));
  };
  Exchange e("/app/s");
  service.run(e);
  const std::string id = e.new_session_id();
  EXPECT_TRUE(id.ends_with(".node01")) << id;
  EXPECT_EQ(e.response.set_cookies(),
            (std::vector<std::string>{"JSESSIONID=" + id + "; Path=/app; HttpOnly"}));
}

TEST_F(SessionTracking, KnowsTheClientByItsCookieAndSetsNoNewOne) {
  start();
  const std::string id = new_session();
  run = [&](auto& request, auto&) {
    EXPECT_EQ(request.requested_session_id(), id);
    EXPECT_TRUE(request.is_requested_session_id_valid());
    EXPECT_TRUE(request.is_requested_session_id_from_cookie());
    EXPECT_FALSE(request.session()->is_new());
  };
  Exchange e("/app/s", {{"Cookie", "x=1; JSESSIONID=" + id}});
  service.run(e);
  EXPECT_TRUE(e.response.set_cookies().empty());
}

TEST_F(SessionTracking, GivesANewIdToAClientWithAnUnknownOne) {
  start();
  run = [](auto& request, auto&) {
    EXPECT_FALSE(request.is_requested_session_id_valid());
    EXPECT_EQ(request.session(false), nullptr);
    request.session();
  };
  Exchange e("/app/s", {{"Cookie", "JSESSIONID=made-up"}});
  service.run(e);
  EXPECT_NE(e.new_session_id(), "made-up");
  EXPECT_FALSE(e.new_session_id().empty());
}

TEST_F(SessionTracking, PrefersTheFirstValidCookieToThePath) {
  start();
  const std::string id = new_session(), other = new_session();
  const struct {
    std::string path_id, cookies, want;
    bool from_url;
  } kCases[] = {
      {id, "", id, true},
      {"", "JSESSIONID=" + id, id, false},
      {"made-up", "JSESSIONID=" + id, id, false},
      {id, "JSESSIONID=made-up", "made-up", false},
      {"", "JSESSIONID=made-up; JSESSIONID=" + id, id, false},
      {"", "JSESSIONID=" + id + "; JSESSIONID=" + other, id, false},
      {"", "JSESSIONID=made-up; JSESSIONID=as-well", "as-well", false},
  };
  for (const auto& c : kCases) {
    run = [&](auto& request, auto&) {
      EXPECT_EQ(request.requested_session_id(), c.want) << c.cookies;
      EXPECT_EQ(request.is_requested_session_id_from_url(), c.from_url);
      EXPECT_EQ(request.is_requested_session_id_from_cookie(), !c.from_url);
    };
    Exchange e("/app/s" + (c.path_id.empty() ? "" : ";jsessionid=" + c.path_id),
               {{"Cookie", c.cookies}});
    service.run(e);
  }
}

TEST_F(SessionTracking, FollowsTheCookieSettingsOfTheContext) {
  app.configure = [](Context& c) {
    c.settings.cookie.name = "ignored";
    c.settings.cookie.max_age = 60;
    c.settings.cookie.secure = true;
    c.options.session_cookie_name = "MYID";
    c.options.session_cookie_path = "/elsewhere";
    c.options.session_cookie_domain = "example.org";
    c.options.use_http_only = false;
    c.options.same_site_cookies = "Lax";
  };
  start();
  run = [](auto& request, auto&) { request.session(); };
  Exchange e("/app/s");
  service.run(e);
  ASSERT_EQ(e.response.set_cookies().size(), 1U);
  const std::string& cookie = e.response.set_cookies().front();
  EXPECT_TRUE(cookie.starts_with("MYID=")) << cookie;
  EXPECT_NE(cookie.find("; Max-Age=60; Expires="), std::string::npos) << cookie;
  EXPECT_TRUE(cookie.ends_with("; Domain=example.org; Path=/elsewhere; Secure; SameSite=Lax"))
      << cookie;
  run = [](auto& request, auto&) { EXPECT_FALSE(request.session()->is_new()); };
  Exchange by_url("/app/s;MYID=" + e.new_session_id("MYID"));
  service.run(by_url);
}

TEST_F(SessionTracking, AddsTheSlashToTheCookiePathWhenAskedTo) {
  app.context->options.session_cookie_path_uses_trailing_slash = true;
  start();
  EXPECT_EQ(app.context->session_cookie().path, "/app/");
}

TEST_F(SessionTracking, MarksTheCookieSecureOnSecureRequests) {
  start();
  run = [](auto& request, auto&) { request.session(); };
  Exchange e("/app/s");
  e.request.secure = true;
  service.run(e);
  EXPECT_TRUE(e.response.set_cookies().front().ends_with("; Path=/app; Secure; HttpOnly"));
}

TEST_F(SessionTracking, RefusesANewSessionOnceTheAnswerIsOnItsWay) {
  start();
  run = [](auto& request, auto& response) {
    response.flush();
    EXPECT_THROW(request.session(), IllegalStateException);
  };
  Exchange e("/app/s");
  service.run(e);
}

TEST_F(SessionTracking, ChangesTheIdInSessionRequestAndCookie) {
  start();
  const std::string old_id = new_session();
  std::string id;
  run = [&](auto& request, auto&) {
    id = request.change_session_id();
    EXPECT_EQ(request.session()->id(), id);
    EXPECT_EQ(request.requested_session_id(), id);
  };
  Exchange e("/app/s", {{"Cookie", "JSESSIONID=" + old_id}});
  service.run(e);
  EXPECT_NE(id, old_id);
  EXPECT_EQ(e.new_session_id(), id);
  run = [&](auto& request, auto&) {
    EXPECT_THROW(request.change_session_id(), IllegalStateException);
  };
  Exchange without("/app/s", {{"Cookie", "JSESSIONID=" + old_id}});
  service.run(without);
}

TEST_F(SessionTracking, StartsAnewAfterInvalidation) {
  start();
  const std::string id = new_session();
  run = [&](auto& request, auto&) {
    request.session()->invalidate();
    EXPECT_EQ(request.session(false), nullptr);
    EXPECT_NE(request.session()->id(), id);
  };
  Exchange e("/app/s", {{"Cookie", "JSESSIONID=" + id}});
  service.run(e);
  EXPECT_NE(e.new_session_id(), id);
}

TEST_F(SessionTracking, EndsTheAccessWithTheRequest) {
  start();
  const std::string id = new_session();
  const auto session = app.context->manager()->find_session(id);
  EXPECT_FALSE(session->is_new());
  run = [&](auto& request, auto&) {
    request.session();
    EXPECT_EQ(session->idle_ms(session->this_accessed_time() + 1000), 0);
  };
  Exchange e("/app/s", {{"Cookie", "JSESSIONID=" + id}});
  service.run(e);
  EXPECT_EQ(session->idle_ms(session->this_accessed_time() + 1000), 1000);
}

TEST_F(SessionTracking, EncodesUrlsOnlyWithoutACookie) {
  start();
  const std::string id = new_session();
  const std::string tail = ";jsessionid=" + id;
  const struct {
    std::string url, want;
  } kCases[] = {
      {"/app/s?x=1#f", "/app/s" + tail + "?x=1#f"},
      {"/app", "/app" + tail},
      {"s", "s" + tail},
      {"s#f", "s" + tail + "#f"},
      {"http://localhost:8080/app/s?x=1", "http://localhost:8080/app/s" + tail + "?x=1"},
      {"http://localhost:8081/app/s", "http://localhost:8081/app/s"},
      {"https://localhost:8080/app/s", "https://localhost:8080/app/s"},
      {"http://other/app/s", "http://other/app/s"},
      {"//localhost:8080/app/s", "//localhost:8080/app/s"},
      {"/other/s", "/other/s"},
      {"/application", "/application"},
      {"#f", "#f"},
      {"?x=1", "?x=1"},
      {"", ""},
      {"/app/s" + tail, "/app/s" + tail},
  };
  for (const auto& c : kCases) {
    run = [&](auto&, auto& response) { EXPECT_EQ(response.encode_url(c.url), c.want); };
    Exchange by_url("/app/s;jsessionid=" + id);
    service.run(by_url);
    run = [&](auto&, auto& response) { EXPECT_EQ(response.encode_url(c.url), c.url); };
    Exchange by_cookie("/app/s", {{"Cookie", "JSESSIONID=" + id}});
    service.run(by_cookie);
    Exchange without("/app/s");
    service.run(without);
  }
}

TEST_F(SessionTracking, UsesUrlsAloneWhenCookiesAreOff) {
  app.context->options.cookies = false;
  start();
  std::string url;
  run = [&](auto& request, auto& response) {
    request.session();
    url = response.encode_url("/app/s");
  };
  Exchange e("/app/s", {{"Cookie", "JSESSIONID=ignored"}});
  service.run(e);
  EXPECT_TRUE(e.response.set_cookies().empty());
  EXPECT_TRUE(url.starts_with("/app/s;jsessionid=")) << url;
}

TEST(SessionSharing, TakesAClientsIdThatAnotherApplicationOfTheHostKnows) {
  TestService service;
  TestApplication one("one"), two("two");
  for (auto* const a : {&one, &two}) {
    a->context->options.session_cookie_path = "/";
    a->servlet("s", {"/*"}, [](auto& request, auto&) { request.session(); });
    service.add(*a);
  }
  ASSERT_TRUE(service.start());
  Exchange first("/one/s");
  service.run(first);
  const std::string id = first.new_session_id();
  Exchange second("/two/s", {{"Cookie", "JSESSIONID=" + id}});
  service.run(second);
  EXPECT_EQ(second.new_session_id(), id);
  Exchange made_up("/two/s", {{"Cookie", "JSESSIONID=made-up"}});
  service.run(made_up);
  EXPECT_NE(made_up.new_session_id(), "made-up");
}

}  // namespace
}  // namespace serval::core
