#include "container/authenticator/form_authenticator.h"

#include <gtest/gtest.h>

#include "container/authenticator/login_notes.h"
#include "tests/support/http_fakes.h"
#include "tests/support/one_user_realm.h"

namespace serval::core {
namespace {

using test::Exchange;
using test::OneUser;
using test::TestApplication;
using test::TestService;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

/// An application with a protected servlet that tells what it got, a login page and an error page.
class FormLogin : public ::testing::Test {
 protected:
  FormLogin() {
    app.servlet("tell", {"/p/*", "/open"}, [](serval::Request& request, serval::Response& out) {
      if (request.parameter("logout")) request.logout();
      std::string body;
      if (request.method() == "PUT") {
        std::array<char, 64> piece{};
        while (const auto n = request.read(piece)) body.append(piece.data(), n);
      }
      out.write(std::string(request.method()) + " " +
                std::string(request.remote_user().value_or("nobody")) + " " +
                std::string(request.auth_type().value_or("-")) +
                " q=" + std::string(request.parameter("q").value_or("")) + body +
                " head=" + std::string(request.header("X-Mine").value_or("")) +
                " since=" + std::string(request.header("If-Modified-Since").value_or("")));
    });
    app.servlet("login", {"/login"}, [](serval::Request& request, serval::Response& out) {
      const Value from = request.attribute("javax.servlet.forward.request_uri");
      out.write("login page by " + std::string(request.method()) + " for " +
                *from.get_if<std::string>());
    });
    app.servlet("error", {"/error"}, [](auto& request, auto& out) {
      out.write("error page by " + std::string(request.method()));
    });
    app.configure = [this](Context& c) {
      SecurityConstraint closed;
      closed.collections.push_back({{"/p/*"}, {}, {}});
      closed.has_auth = true;
      closed.roles = {"a"};
      c.settings.constraints = {closed};
      c.settings.login = {"FORM", "", login_page, error_page};
    };
  }
  void start() {
    auto made = std::make_unique<OneUser>();
    realm = made.get();
    app.context->set_realm(std::move(made));
    app.context->pipeline().add(std::make_unique<FormAuthenticator>(options));
    service.add(app);
    ASSERT_TRUE(service.start());
  }
  /// One request with the cookie that the last answer set.
  std::string send(std::string target, std::string method = "GET", std::string body = {},
                   Exchange::Headers headers = {}, int max_save = 4096) {
    if (!id.empty()) headers.emplace_back("Cookie", "JSESSIONID=" + id);
    Exchange e(std::move(target), std::move(headers), std::move(method));
    e.connector.own.max_save_post_size = max_save;
    if (!body.empty()) e.set_body(std::move(body), kForm);
    service.run(e);
    if (const auto fresh = e.new_session_id(); !fresh.empty()) id = fresh;
    location = e.header("Location");
    error = e.response.error_text();
    cache_control = e.header("Cache-Control");
    return std::to_string(e.response.status()) + " " + e.text();
  }
  std::string answer(std::string password = "secret") {
    return send("/app/p/j_security_check", "POST", "j_username=ann&j_password=" + password);
  }
  SessionPtr session() { return app.context->manager()->find_session(id); }

  TestService service;
  TestApplication app{"app"};
  FormAuthenticator::Options options;
  std::string login_page = "/login", error_page = "/error";
  OneUser* realm = nullptr;
  std::string id, location, error, cache_control;
};

TEST_F(FormLogin, ShowsTheLoginPageThenWhatWasAskedFor) {
  start();
  EXPECT_EQ(send("/app/p/x?q=1"), "200 login page by GET for /app/p/x");
  EXPECT_EQ(cache_control, "private");
  const std::string at_login = id;
  EXPECT_EQ(answer(), "303 ");
  EXPECT_EQ(location, "/app/p/x?q=1");
  EXPECT_NE(id, at_login) << "a new id at login";
  EXPECT_EQ(send(location), "200 GET ann FORM q=1 head= since=");
  EXPECT_EQ(send("/app/p/y"), "200 GET ann FORM q= head= since=");
  EXPECT_EQ(send("/app/open"), "200 GET ann FORM q= head= since=");
  EXPECT_EQ(realm->asked, 1);
}

TEST_F(FormLogin, ShowsTheErrorPageAndTakesASecondAnswer) {
  start();
  send("/app/p/x");
  EXPECT_EQ(answer("wrong"), "200 error page by POST");
  EXPECT_EQ(answer(), "303 ");
  EXPECT_EQ(send(location), "200 GET ann FORM q= head= since=");
}

TEST_F(FormLogin, RestoresMethodHeadersAndBody) {
  start();
  EXPECT_EQ(send("/app/p/x", "POST", "q=posted",
                 {{"X-Mine", "m"}, {"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"}}),
            "200 login page by GET for /app/p/x");
  EXPECT_EQ(answer(), "303 ");
  EXPECT_EQ(send(location), "200 POST ann FORM q=posted head=m since=");
  EXPECT_EQ(send("/app/p/x"), "200 GET ann FORM q= head= since=") << "once only";
}

TEST_F(FormLogin, RestoresABodyOfAnyType) {
  start();
  send("/app/p/x", "PUT", "any bytes");
  answer();
  EXPECT_EQ(send(location), "200 PUT ann FORM q=any bytes head= since=");
}

TEST_F(FormLogin, RefusesABodyThatIsTooLongToKeep) {
  start();
  EXPECT_EQ(send("/app/p/x", "POST", "q=12345678", {}, 9), "403 ");
  EXPECT_EQ(error, "The request body was too large to be cached during the authentication process");
  EXPECT_EQ(send("/app/p/x", "POST", "q=12345678", {}, 10), "200 login page by GET for /app/p/x");
  EXPECT_EQ(send("/app/p/x", "POST", "q=" + std::string(100'000, 'x'), {}, -1).substr(0, 3), "200");
}

TEST_F(FormLogin, KeepsNoBodyIfTold) {
  start();
  send("/app/p/x", "POST", "q=posted", {}, 0);
  answer();
  EXPECT_EQ(send(location), "200 POST ann FORM q= head= since=");
}

TEST_F(FormLogin, OnlyTheClientWithTheNewIdGetsTheKeptRequest) {
  start();
  send("/app/p/x", "POST", "q=posted");
  answer();
  const std::string mine = id;
  session()->set_note(kSessionIdNote, "another");
  EXPECT_EQ(send("/app/p/x"), "200 GET ann FORM q= head= since=");
}

TEST_F(FormLogin, AnAnswerWithoutASessionIsTooLate) {
  start();
  EXPECT_EQ(answer(), "408 ");
  EXPECT_TRUE(error.starts_with("The time allowed for the login process has been exceeded"));
}

TEST_F(FormLogin, AnAnswerWithoutAQuestionIsRefused) {
  options.change_session_id_on_authentication = false;
  start();
  id = app.context->manager()->create_session()->id();
  EXPECT_EQ(answer(), "400 ");
  EXPECT_EQ(error, "Invalid direct reference to form login page");
}

TEST_F(FormLogin, AnAnswerWithAnIdThatTheLoginPageDidNotHaveEndsTheSession) {
  start();
  id = app.context->manager()->create_session()->id();
  EXPECT_EQ(answer(), "408 ");
  EXPECT_FALSE(session());
}

TEST_F(FormLogin, TheLandingPageTakesBothAnswers) {
  options.landing_page = "/p/welcome";
  start();
  EXPECT_EQ(answer(), "302 ");
  EXPECT_EQ(location, "/app/p/welcome;jsessionid=" + id) << "nobody knows yet if it takes cookies";
  EXPECT_EQ(send("/app/p/welcome"), "200 login page by GET for /app/p/welcome");
  session()->set_saved_request(nullptr);
  EXPECT_EQ(answer(), "302 ");
  EXPECT_EQ(location, "/app/p/welcome");
  EXPECT_EQ(send(location), "200 GET ann FORM q= head= since=");
}

TEST_F(FormLogin, ASessionMadeForALoginIsShortUntilItIsDone) {
  start();
  send("/app/p/x");
  EXPECT_EQ(session()->max_inactive_interval(), 120);
  send("/app/p/y");
  EXPECT_EQ(session()->max_inactive_interval(), 120);
  answer();
  send(location);
  EXPECT_EQ(session()->max_inactive_interval(), 1800);
}

TEST_F(FormLogin, TheSessionOfAnApplicationKeepsItsTime) {
  start();
  const auto own = app.context->manager()->create_session();
  own->access();
  own->end_access();
  id = own->id();
  send("/app/p/x");
  EXPECT_EQ(session()->max_inactive_interval(), 1800);
}

TEST_F(FormLogin, WithoutCacheTheRealmIsAskedEveryTime) {
  options.cache = false;
  start();
  send("/app/p/x", "POST", "q=posted");
  answer();
  EXPECT_EQ(send(location), "200 POST ann FORM q=posted head= since=");
  EXPECT_EQ(send("/app/p/y"), "200 GET ann FORM q= head= since=");
  EXPECT_EQ(realm->asked, 3);
  realm->right_password = "new";
  EXPECT_EQ(send("/app/p/y"), "200 login page by GET for /app/p/y");
}

TEST_F(FormLogin, WithoutANewIdTheOldOneIsEnough) {
  options.change_session_id_on_authentication = false;
  start();
  send("/app/p/x");
  const std::string first = id;
  answer();
  EXPECT_EQ(id, first);
  EXPECT_EQ(send(location), "200 GET ann FORM q= head= since=");
}

TEST_F(FormLogin, ReadsTheFormInTheConfiguredEncoding) {
  options.character_encoding = "UTF-8";
  start();
  realm->right_password = "ö";
  send("/app/p/x");
  EXPECT_EQ(answer("%C3%B6"), "303 ");
}

TEST_F(FormLogin, WithoutEncodingTheFormIsLatin1) {
  start();
  realm->right_password = "ö";
  send("/app/p/x");
  EXPECT_EQ(answer("%C3%B6"), "200 error page by POST");
  EXPECT_EQ(answer("%F6"), "303 ");
}

TEST_F(FormLogin, ALogoutAsksAgain) {
  start();
  send("/app/p/x");
  answer();
  send(location);
  EXPECT_EQ(send("/app/p/x?logout=1"), "200 GET nobody - q= head= since=");
  EXPECT_EQ(send("/app/p/x"), "200 login page by GET for /app/p/x");
}

TEST_F(FormLogin, WithoutPagesItSaysSo) {
  login_page = error_page = "";
  start();
  EXPECT_EQ(send("/app/p/x"), "500 ");
  EXPECT_EQ(error, "No login page was defined for FORM authentication in context [/app]");
  EXPECT_EQ(answer("wrong"), "500 ");
  EXPECT_EQ(error, "No error page was defined for FORM authentication in context [/app]");
}

TEST_F(FormLogin, APageThatIsNotThereIs404) {
  login_page = "/nowhere";
  start();
  EXPECT_EQ(send("/app/p/x"), "404 ");
}

TEST_F(FormLogin, HasNoUserWithoutARealm) {
  service.add(app);
  app.context->pipeline().add(std::make_unique<FormAuthenticator>(options));
  ASSERT_TRUE(service.start());
  EXPECT_EQ(send("/app/p/x"), "200 login page by GET for /app/p/x");
  EXPECT_EQ(answer(), "200 error page by POST");
}

}  // namespace
}  // namespace serval::core
