#include "container/core/response.h"

#include <gtest/gtest.h>

#include "container/servlet/serval/error.h"
#include "tests/support/http_fakes.h"

namespace serval::core {
namespace {

using test::Exchange;

std::string headers(const Response& response) {
  std::string text;
  for (const auto& [name, value] : response.header_list()) text += "[" + name + ": " + value + "]";
  return text;
}

Cookie cookie(std::string name, std::string value) {
  Cookie made;
  made.name = std::move(name);
  made.value = std::move(value);
  return made;
}

TEST(Response, KeepsTheBodyUntilItsBufferIsFull) {
  Exchange e("/");
  e.response.write(std::string(Response::kBufferSize, 'a'));
  EXPECT_FALSE(e.response.is_committed());
  e.response.write("b");
  EXPECT_TRUE(e.response.is_committed());
  EXPECT_EQ(e.sink.written.size(), Response::kBufferSize);
  EXPECT_EQ(e.response.buffer(), "b");
  e.response.write(std::string(20000, 'c'));
  EXPECT_EQ(e.response.body_bytes(), Response::kBufferSize + 20001);
  EXPECT_EQ(e.text().size(), Response::kBufferSize + 20001);
}

TEST(Response, CommitsWhenItIsFlushed) {
  Exchange e("/");
  e.response.flush();
  EXPECT_TRUE(e.response.is_committed());
  EXPECT_GT(e.response.commit_ns(), 0);
  e.response.flush();
  EXPECT_EQ(e.sink.pieces, 1) << "nothing new to send";
}

TEST(Response, IgnoresStatusAndHeadersOnceCommitted) {
  Exchange e("/");
  e.response.flush();
  e.response.set_status(404);
  e.response.set_header("A", "1");
  e.response.add_header("A", "1");
  e.response.set_content_type("text/html");
  e.response.add_cookie(cookie("a", "1"));
  EXPECT_EQ(e.response.status(), 200);
  EXPECT_EQ(headers(e.response), "");
  EXPECT_EQ(e.response.content_type_text(), "");
  EXPECT_TRUE(e.response.set_cookies().empty());
  EXPECT_THROW(e.response.send_error(500, {}), IllegalStateException);
  EXPECT_THROW(e.response.send_redirect("/x"), IllegalStateException);
  EXPECT_THROW(e.response.reset(), IllegalStateException);
}

TEST(Response, DropsTheBodyOfAnError) {
  Exchange e("/");
  e.response.set_content_length(100);
  e.response.write("half a page");
  e.response.send_error(404, "nothing here");
  e.response.write("more");
  EXPECT_EQ(e.text(), "");
  EXPECT_EQ(e.response.body_bytes(), 0U);
  EXPECT_EQ(e.response.declared_length(), std::nullopt);
  EXPECT_TRUE(e.response.needs_error_report());
  EXPECT_EQ(e.response.error_text(), "nothing here");
}

TEST(Response, RedirectsWithTheLocationAsItIs) {
  Exchange e("/");
  e.response.write("x");
  e.response.send_redirect("/d/?a=1");
  EXPECT_EQ(e.response.status(), 302);
  EXPECT_EQ(headers(e.response), "[Location: /d/?a=1]");
  EXPECT_EQ(e.text(), "");
}

TEST(Response, ReplacesAndAddsHeaders) {
  Exchange e("/");
  e.response.add_header("A", "1");
  e.response.add_header("B", "1");
  e.response.add_header("a", "2");
  EXPECT_EQ(headers(e.response), "[A: 1][B: 1][a: 2]");
  e.response.set_header("a", "3");
  EXPECT_EQ(headers(e.response), "[A: 3][B: 1]");
  e.response.set_header("C", "1");
  EXPECT_EQ(headers(e.response), "[A: 3][B: 1][C: 1]");
  EXPECT_TRUE(e.response.contains_header("c"));
  EXPECT_FALSE(e.response.contains_header("D"));
  e.response.reset();
  EXPECT_EQ(headers(e.response), "");
}

TEST(Response, KeepsTypeAndLengthApartFromTheHeaders) {
  Exchange e("/");
  e.response.set_header("content-type", "text/html; charset=utf-8");
  e.response.set_header("Content-Length", "7");
  EXPECT_EQ(headers(e.response), "");
  EXPECT_EQ(e.response.content_type_text(), "text/html;charset=utf-8");
  e.response.set_content_type("multipart/byteranges; boundary=B");
  EXPECT_EQ(e.response.content_type_text(), "multipart/byteranges; boundary=B") << "as Tomcat";
  EXPECT_EQ(e.response.declared_length(), 7);
  EXPECT_TRUE(e.response.contains_header("Content-Type"));
  e.response.set_header("Content-Length", "none");
  EXPECT_EQ(e.response.declared_length(), 7);
}

TEST(Response, SendsNoMoreThanTheDeclaredLength) {
  Exchange e("/");
  e.response.set_content_length(3);
  e.response.write("ab");
  e.response.write("cd");
  EXPECT_EQ(e.text(), "abc");
}

TEST(Response, SendsAFileAsTheWholeBody) {
  Exchange e("/");
  e.response.send_file("/etc/hostname", 2, 5);
  ASSERT_TRUE(e.response.file());
  EXPECT_EQ(e.response.declared_length(), 5);
  EXPECT_EQ(e.response.body_bytes(), 5U);
  e.response.write("ignored");
  EXPECT_EQ(e.text(), "");
  Exchange late("/");
  late.response.write("x");
  EXPECT_THROW(late.response.send_file("/etc/hostname", 0, 1), IllegalStateException);
}

TEST(Response, TellsTheWriterOnceThatTheClientIsGone) {
  Exchange e("/");
  e.sink.gone = true;
  EXPECT_THROW(e.response.flush(), ServletException);
  EXPECT_NO_THROW(e.response.write("x"));
  EXPECT_TRUE(e.response.is_client_gone());
}

TEST(Response, IsLikeNewAfterRecycling) {
  Exchange e("/");
  e.response.add_header("A", "1");
  e.response.set_content_type("text/plain");
  e.response.add_cookie(cookie("a", "1"));
  e.response.send_error(500, "x");
  e.response.close_connection = true;
  e.response.recycle();
  EXPECT_EQ(e.response.status(), 200);
  EXPECT_EQ(headers(e.response), "");
  EXPECT_TRUE(e.response.set_cookies().empty());
  EXPECT_FALSE(e.response.is_error());
  EXPECT_FALSE(e.response.is_finished());
  EXPECT_FALSE(e.response.close_connection);
}

TEST(Cookie, IsWrittenInTomcatsOrder) {
  Cookie made = cookie("n", "v");
  EXPECT_EQ(format_cookie(made), "n=v");
  made.max_age = 0;
  made.domain = "example.org";
  made.path = "/p";
  made.secure = made.http_only = true;
  made.same_site = "Strict";
  EXPECT_EQ(format_cookie(made),
            "n=v; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:10 GMT; Domain=example.org; Path=/p; "
            "Secure; HttpOnly; SameSite=Strict");
  made.max_age = -1;
  EXPECT_EQ(format_cookie(made).find("Max-Age"), std::string::npos);
}

TEST(Cookie, HasAttributesOfAnyName) {
  Cookie made = cookie("n", "v");
  made.partitioned = true;
  made.attributes = {{"Flag", ""}, {"Priority", "High"}};
  EXPECT_EQ(format_cookie(made), "n=v; Partitioned; Flag=; Priority=High");
  made.attributes = {{"a b", "c"}};
  EXPECT_THROW(format_cookie(made), IllegalArgumentException);
  made.attributes = {{"a", "b; c"}};
  EXPECT_THROW(format_cookie(made), IllegalArgumentException);
}

TEST(Cookie, IsRefusedWithCharactersThatWouldEndIt) {
  EXPECT_THROW(format_cookie(cookie("a b", "1")), IllegalArgumentException);
  EXPECT_THROW(format_cookie(cookie("", "1")), IllegalArgumentException);
  EXPECT_THROW(format_cookie(cookie("a", "1;2")), IllegalArgumentException);
  EXPECT_THROW(format_cookie(cookie("a", "1\r\nX: y")), IllegalArgumentException);
  Cookie bad_path = cookie("a", "1");
  bad_path.path = "/;Domain=evil";
  EXPECT_THROW(format_cookie(bad_path), IllegalArgumentException);
  EXPECT_EQ(format_cookie(cookie("a", "\"x\"")), "a=\"x\"");
}

TEST(Response, ReplacesTheSessionCookieOfTheSamePath) {
  Exchange e("/");
  Cookie id = cookie("JSESSIONID", "1");
  id.path = "/app";
  e.response.set_session_cookie(id);
  e.response.add_cookie(cookie("other", "1"));
  id.value = "2";
  e.response.set_session_cookie(id);
  EXPECT_EQ(e.response.set_cookies(),
            (std::vector<std::string>{"other=1", "JSESSIONID=2; Path=/app"}));
}

}  // namespace
}  // namespace serval::core
