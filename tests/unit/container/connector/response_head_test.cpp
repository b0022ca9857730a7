#include "container/connector/response_head.h"

#include <regex>

#include "gtest/gtest.h"

namespace serval::connector {
namespace {

using Version = RequestFacts::Version;

/// The head of an answer; its date is replaced by DATE.
std::string head(const core::Response& response, RequestFacts facts = {},
                 std::optional<std::uint64_t> whole = 13, bool keep_alive = true,
                 const Http11Options& options = {}) {
  const ResponsePlan plan = plan_response(response, facts, whole, keep_alive);
  std::string text;
  append_response_head(response, plan, facts, options, text);
  return std::regex_replace(text, std::regex("Date: [^\r]*GMT"), "Date: DATE");
}

TEST(ResponseHead, HasTomcatsOrder) {
  core::Response response;
  response.set_content_type("text/plain");
  response.set_header("Content-Language", "de");
  response.set_header("X-One", "1");
  Cookie cookie;
  cookie.name = "a";
  cookie.value = "b";
  response.add_cookie(cookie);
  response.add_header("X-Two", "2");
  EXPECT_EQ(head(response),
            "HTTP/1.1 200 \r\nX-One: 1\r\nX-Two: 2\r\nSet-Cookie: a=b\r\n"
            "Content-Type: text/plain\r\nContent-Language: de\r\nContent-Length: 13\r\n"
            "Date: DATE\r\n\r\n");
}

TEST(ResponseHead, SaysHowTheConnectionGoesOn) {
  const core::Response response;
  const std::string start = "HTTP/1.1 200 \r\nContent-Length: 13\r\nDate: DATE\r\n";
  EXPECT_EQ(head(response, {}, 13, false), start + "Connection: close\r\n\r\n");
  EXPECT_EQ(head(response, {.asks_keep_alive = true}),
            start + "Keep-Alive: timeout=60\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(head(response, {.version = Version::k10, .asks_keep_alive = true}),
            start + "Connection: keep-alive\r\nKeep-Alive: timeout=60\r\n\r\n");
  Http11Options plain;
  plain.use_keep_alive_response_header = false;
  EXPECT_EQ(head(response, {.asks_keep_alive = true}, 13, true, plain), start + "\r\n");
  core::Response closing;
  closing.set_header("Connection", "close");
  EXPECT_EQ(head(closing),
            "HTTP/1.1 200 \r\nConnection: close\r\nContent-Length: 13\r\nDate: "
            "DATE\r\n\r\n");
  for (const int status : {400, 408, 411, 413, 414, 500, 501, 503}) {
    core::Response error;
    error.set_status(status);
    EXPECT_FALSE(plan_response(error, {}, 0, true).keep_alive) << status;
  }
}

TEST(ResponseHead, FramesTheBodyByWhatIsKnown) {
  using Body = ResponsePlan::Body;
  core::Response response;
  EXPECT_EQ(plan_response(response, {}, 5, true).body, Body::kLength);
  EXPECT_EQ(plan_response(response, {}, std::nullopt, true).body, Body::kChunked);
  const auto old = plan_response(response, {.version = Version::k10}, std::nullopt, true);
  EXPECT_EQ(old.body, Body::kUntilClose);
  EXPECT_FALSE(old.keep_alive);
  response.set_content_length(7);
  EXPECT_EQ(plan_response(response, {}, std::nullopt, true).length, 7U);
  core::Response closing;
  closing.set_header("Connection", "close");
  EXPECT_EQ(plan_response(closing, {}, std::nullopt, true).body, Body::kUntilClose);
}

TEST(ResponseHead, LeavesTheBodyOutWhereThereIsNone) {
  for (const int status : {204, 304}) {
    core::Response response;
    response.set_status(status);
    response.set_content_type("text/plain");
    const std::string text = head(response, {}, 0);
    EXPECT_EQ(text.find("Content-Length"), text.npos);
    EXPECT_EQ(text.find("Transfer-Encoding"), text.npos);
    EXPECT_EQ(text.find("Content-Type") != text.npos, status == 204);
    EXPECT_FALSE(plan_response(response, {}, 0, true).send_body);
  }
  core::Response reset;
  reset.set_status(205);
  EXPECT_EQ(head(reset, {}, 0), "HTTP/1.1 205 \r\nContent-Length: 0\r\nDate: DATE\r\n\r\n");
  core::Response asked_by_head;
  asked_by_head.head_only = true;
  const auto plan = plan_response(asked_by_head, {}, 42, true);
  EXPECT_FALSE(plan.send_body);
  EXPECT_EQ(plan.length, 42U);
}

TEST(ResponseHead, LetsNoHeaderBeSmuggledIn) {
  core::Response response;
  response.set_header("X-A", "b\r\nX-Evil: 1");
  response.set_header("X-C\n", "d");
  const std::string text = head(response);
  EXPECT_NE(text.find("X-A: b  X-Evil: 1\r\n"), text.npos);
  EXPECT_NE(text.find("X-C : d\r\n"), text.npos);
}

TEST(ResponseHead, SendsServerAsConfigured) {
  core::Response response;
  response.set_header("Server", "app");
  EXPECT_NE(head(response).find("Server: app\r\n"), std::string::npos);
  Http11Options own;
  own.server = "mine";
  const std::string text = head(response, {}, 0, true, own);
  EXPECT_EQ(text.find("Server: app"), text.npos);
  EXPECT_NE(text.find("Server: mine\r\n"), text.npos);
  Http11Options none;
  none.server_remove_app_provided_values = true;
  EXPECT_EQ(head(response, {}, 0, true, none).find("Server"), std::string::npos);
}

TEST(ResponseHead, KeepsTheApplicationsDate) {
  core::Response response;
  response.set_header("Date", "then");
  const std::string text = head(response);
  EXPECT_NE(text.find("Date: then\r\n"), text.npos);
  EXPECT_EQ(text.find("DATE"), text.npos);
}

}  // namespace
}  // namespace serval::connector
