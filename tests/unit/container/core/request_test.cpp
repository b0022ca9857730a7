#include "container/core/request.h"

#include <gtest/gtest.h>

#include "container/servlet/serval/error.h"
#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"

namespace serval::core {
namespace {

using test::Exchange;

std::string shown(std::span<const Cookie> cookies) {
  std::string text;
  for (const auto& cookie : cookies) text += "[" + cookie.name + "=" + cookie.value + "]";
  return text;
}
std::string parameters(Request& request) {
  std::string text;
  for (const auto name : request.parameter_names()) {
    for (const auto value : request.parameter_values(name)) {
      text.append("[").append(name).append("=").append(value).append("]");
    }
  }
  return text;
}
std::string failure(const Request& request) {
  const Value reason = request.attribute("org.apache.catalina.parameter_parse_failed_reason");
  const Value failed = request.attribute("org.apache.catalina.parameter_parse_failed");
  EXPECT_EQ(reason.is_null(), failed.is_null());
  return reason.is_null() ? "" : *reason.get_if<std::string>();
}

TEST(Request, FindsHeadersInAnyCase) {
  Exchange e("/", {{"Accept", "a"}, {"X-Many", "1"}, {"accept", "b"}});
  EXPECT_EQ(e.request.header("ACCEPT"), "a");
  EXPECT_EQ(e.request.headers("accept").size(), 2U);
  EXPECT_EQ(e.request.header_names().size(), 2U);
  EXPECT_EQ(e.request.header("Missing"), std::nullopt);
}

TEST(Request, ReadsCookiesByRfc6265) {
  const struct {
    std::string header, want;
  } kCases[] = {
      {"a=1", "[a=1]"},
      {"a=1; b=2;c=3", "[a=1][b=2][c=3]"},
      {"a=\"quoted\"", "[a=quoted]"},
      {"a=", "[a=]"},
      {"a", "[a=]"},
      {"a=b=c", "[a=b=c]"},
      {"bad name=1; good=2", "[good=2]"},
      {"a=b c; good=2", "[good=2]"},
      {"a=\"half; good=2", "[good=2]"},
      {"=1; good=2", "[good=2]"},
      {";; ;a=1;", "[a=1]"},
      {"a=\xC3\xA9", "[a=\xC3\xA9]"},
      {"$Version=1; a=1", "[$Version=1][a=1]"},
  };
  const test::LogCapture log;
  for (const auto& c : kCases) {
    Exchange e("/", {{"Cookie", c.header}});
    EXPECT_EQ(shown(e.request.cookies()), c.want) << c.header;
  }
}

TEST(Request, JoinsTheCookiesOfSeveralHeaders) {
  Exchange e("/", {{"Cookie", "a=1"}, {"cookie", "b=2"}});
  EXPECT_EQ(shown(e.request.cookies()), "[a=1][b=2]");
}

TEST(Request, ReadsParametersOfTheQuery) {
  const struct {
    std::string query, want, failure;
  } kCases[] = {
      {"a=1&b=2&a=3", "[a=1][a=3][b=2]", ""},
      {"a", "[a=]", ""},
      {"a=&&b=1&", "[a=][b=1]", ""},
      {"a=x+y%20z", "[a=x y z]", ""},
      {"%61=1", "[a=1]", ""},
      {"a=%C3%A9", "[a=\xC3\xA9]", ""},
      {"a=%E9", "[a=\xEF\xBF\xBD]", ""},
      {"a=%zz&b=1", "[b=1]", "URL_DECODING"},
      {"a=%4", "", "URL_DECODING"},
      {"=1&b=2", "[b=2]", "NO_NAME"},
      {"a=1=2", "[a=1=2]", ""},
  };
  for (const auto& c : kCases) {
    Exchange e("/?" + c.query);
    EXPECT_EQ(parameters(e.request), c.want) << c.query;
    EXPECT_EQ(failure(e.request), c.failure) << c.query;
  }
}

TEST(Request, PutsTheQueryInFrontOfTheForm) {
  Exchange e("/?a=1", {}, "POST");
  e.set_body("a=2&b=3");
  EXPECT_EQ(parameters(e.request), "[a=1][a=2][b=3]");
}

TEST(Request, ReadsFormsInLatin1UnlessTheySayOtherwise) {
  Exchange latin("/", {}, "POST");
  latin.set_body("a=%E9");
  EXPECT_EQ(parameters(latin.request), "[a=\xC3\xA9]");
  Exchange utf8("/", {}, "POST");
  utf8.set_body("a=%C3%A9", "application/x-www-form-urlencoded; charset=\"UTF-8\"");
  EXPECT_EQ(parameters(utf8.request), "[a=\xC3\xA9]");
}

TEST(Request, LeavesBodiesAloneThatAreNoForms) {
  Exchange put("/", {}, "PUT");
  put.set_body("a=1");
  EXPECT_EQ(parameters(put.request), "");
  Exchange json("/", {}, "POST");
  json.set_body("a=1", "application/json");
  EXPECT_EQ(parameters(json.request), "");
  Exchange read("/", {}, "POST");
  read.set_body("a=1");
  std::array<char, 1> one;
  EXPECT_EQ(read.request.read(one), 1U);
  EXPECT_EQ(parameters(read.request), "");
}

TEST(Request, DropsWhatIsAboveTheLimitsAndGoesOn) {
  Exchange many("/?a=1&b=2&c=3");
  many.connector.own.max_parameter_count = 2;
  EXPECT_EQ(parameters(many.request), "[a=1][b=2]");
  EXPECT_EQ(failure(many.request), "TOO_MANY_PARAMETERS");
  for (const bool chunked : {false, true}) {
    Exchange big("/?q=1", {}, "POST");
    big.connector.own.max_post_size = 4;
    big.set_body("a=12345");
    if (chunked) big.request.line.content_length = -1;
    EXPECT_EQ(parameters(big.request), "[q=1]");
    EXPECT_EQ(failure(big.request), "POST_TOO_LARGE");
  }
}

TEST(Request, SaysWhyAFormIsMissing) {
  Exchange gone("/", {}, "POST");
  gone.set_body("a=1");
  gone.body->fails = true;
  EXPECT_EQ(parameters(gone.request), "");
  EXPECT_EQ(failure(gone.request), "CLIENT_DISCONNECT");
  Exchange half("/", {}, "POST");
  half.set_body("a=1");
  half.request.line.content_length = 10;
  EXPECT_EQ(parameters(half.request), "");
  EXPECT_EQ(failure(half.request), "REQUEST_BODY_INCOMPLETE");
}

TEST(Request, ThrowsWhenTheClientIsGone) {
  Exchange e("/", {}, "POST");
  e.set_body("x");
  e.body->fails = true;
  std::array<char, 8> into;
  EXPECT_THROW(e.request.read(into), ServletException);
}

TEST(Request, KeepsAttributesAndForgetsThemWithItself) {
  Exchange e("/");
  e.request.set_attribute("a", "1");
  e.request.set_attribute("a", "2");
  EXPECT_EQ(*e.request.attribute("a").get_if<std::string>(), "2");
  e.request.set_attribute("a", Value());
  EXPECT_TRUE(e.request.attribute("a").is_null());
  e.request.set_attribute("b", "1");
  e.request.recycle();
  EXPECT_TRUE(e.request.attribute("b").is_null());
  EXPECT_EQ(e.request.remote_addr(), "127.0.0.1");
}

TEST(Request, TakesNameAndPortOfTheProxy) {
  Exchange e("/");
  EXPECT_EQ(e.request.server_port(), 8080);
  e.connector.own.proxy_name = "www.example.org";
  e.connector.own.proxy_port = 443;
  e.connector.own.scheme = "https";
  EXPECT_EQ(e.request.server_name(), "www.example.org");
  EXPECT_EQ(e.request.server_port(), 443);
  EXPECT_EQ(e.request.scheme(), "https");
}

TEST(Request, KnowsTheUsersRoles) {
  Exchange e("/");
  EXPECT_FALSE(e.request.is_user_in_role("**"));
  e.request.principal = std::make_shared<Principal>(Principal{"ann", "", {"admin", "user"}});
  EXPECT_EQ(e.request.remote_user(), "ann");
  EXPECT_TRUE(e.request.is_user_in_role("admin"));
  EXPECT_TRUE(e.request.is_user_in_role("**"));
  EXPECT_FALSE(e.request.is_user_in_role("*"));
  EXPECT_FALSE(e.request.is_user_in_role("other"));
}

}  // namespace
}  // namespace serval::core
