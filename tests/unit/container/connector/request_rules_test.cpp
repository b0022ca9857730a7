#include "container/connector/request_rules.h"

#include <gtest/gtest.h>

#include "container/connector/host_header.h"

namespace serval::connector {
namespace {

/// A request through the parser and the rules.
struct Examined {
  explicit Examined(std::string_view bytes, const RequestRules& rules = {}) : text(bytes) {
    EXPECT_EQ(parser.parse(text.data(), text.data() + text.size()),
              RequestHeadParser::Outcome::kDone)
        << parser.refusal().message;
    refusal = examine_request(parser.head(), rules, scratch, line, facts);
  }
  int status() const { return refusal ? refusal->status : 200; }

  std::string text, scratch;
  HeadRules head_rules;
  RequestHeadParser parser{head_rules};
  core::RequestLine line;
  RequestFacts facts;
  std::optional<Refusal> refusal;
};

std::string get(std::string_view target, std::string_view fields = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

TEST(RequestRules, GiveEachRefusedRequestItsStatus) {
  struct Case {
    std::string_view text;
    int status;
  };
  const Case cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400},                        // no Host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},  // two
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a_b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 200},
      {"GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 200},
      {"GET / HTTP/1.0\r\n\r\n", 200},
      {"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", 400},
      {"GET http://a/ HTTP/1.1\r\nHost: A\r\n\r\n", 200},
      {"GET httpx://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n", 200},
      {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501},
      {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
       "chunked\r\n\r\n",
       400},
      {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n", 200},
      {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 400},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n", 200},
      {"GET / HTTP/1.0\r\nHost: a\r\nExpect: x\r\n\r\n", 200},
      {"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 200},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /?%zz HTTP/1.1\r\nHost: a\r\n\r\n", 200},
      {"GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /a%5cb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /../../x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(Examined(c.text).status(), c.status);
  }
}

TEST(RequestRules, SplitTheTarget) {
  Examined origin(get("/a/../b;jsessionid=S1?q=1?2"));
  EXPECT_EQ(origin.line.uri, "/a/../b;jsessionid=S1");
  EXPECT_EQ(origin.line.query, "q=1?2");
  EXPECT_EQ(origin.line.decoded_path, "/b");
  EXPECT_EQ(origin.line.session_id_in_path, "S1");
  EXPECT_EQ(origin.line.server_name, "h");
  EXPECT_EQ(origin.line.server_port, 80);

  Examined absolute("GET http://user@example.com:81/x?y HTTP/1.1\r\nHost: example.com:81\r\n\r\n");
  EXPECT_EQ(absolute.status(), 200);
  EXPECT_EQ(absolute.line.uri, "/x");
  EXPECT_EQ(absolute.line.query, "y");
  EXPECT_EQ(absolute.line.server_name, "example.com");
  EXPECT_EQ(absolute.line.server_port, 81);

  Examined bare("GET http://example.com HTTP/1.0\r\n\r\n");
  EXPECT_EQ(bare.line.uri, "/");
  EXPECT_EQ(bare.line.decoded_path, "/");
  EXPECT_EQ(bare.line.server_name, "example.com");
  EXPECT_EQ(Examined(get("/")).line.query, std::nullopt);
}

TEST(RequestRules, AllowAnotherHostIfTold) {
  Examined mismatch("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n",
                    {.allow_host_header_mismatch = true});
  EXPECT_EQ(mismatch.status(), 200);
  EXPECT_EQ(mismatch.line.server_name, "a");
}

TEST(RequestRules, DecideAboutKeepAlive) {
  struct Case {
    std::string_view text;
    bool keep_alive, asks;
  };
  const Case cases[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true, false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false, false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Keep-Alive\r\n\r\n", true, true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n", false, true},
      {"GET / HTTP/1.0\r\n\r\n", false, false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, true},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n", false,
       true},
      {"GET /\r\n", false, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const Examined examined(c.text);
    EXPECT_EQ(examined.facts.keep_alive, c.keep_alive);
    EXPECT_EQ(examined.facts.asks_keep_alive, c.asks);
  }
}

TEST(RequestRules, LetChunkedWinAndCloseAfterwards) {
  const Examined both(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(both.status(), 200);
  EXPECT_TRUE(both.line.chunked);
  EXPECT_EQ(both.line.content_length, -1);
  EXPECT_FALSE(both.facts.keep_alive);
  for (const auto& field : const_cast<Examined&>(both).parser.head().fields) {
    EXPECT_NE(field.name, "Content-Length");
  }
}

TEST(HostHeader, IsANameOrAnAddressWithAPort) {
  struct Case {
    std::string_view text, host;
    int port;
  };
  const Case good[] = {
      {"localhost", "localhost", -1},  {"a.b-c.example:8080", "a.b-c.example", 8080},
      {"127.0.0.1:1", "127.0.0.1", 1}, {"example.", "example.", -1},
      {"[::1]", "[::1]", -1},          {"[2001:db8::1]:443", "[2001:db8::1]", 443},
      {"999.1.1.1", "999.1.1.1", -1},  {"a:", "a", -1},
      {"a:99999", "a", 99999},         {"1a", "1a", -1},
  };
  for (const Case& c : good) {
    SCOPED_TRACE(c.text);
    const auto parsed = parse_host(c.text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->host, c.host);
    EXPECT_EQ(parsed->port, c.port);
  }
  for (const std::string_view bad :
       {"", "a b", "a_b", "-a", "a-", "a..b", ".a", "a-.b", "a:b", "a:1:2", "[::1", "[::g]",
        "[::1]x", "a/b", "a@b", "\xc3\xa4"}) {
    EXPECT_FALSE(parse_host(bad)) << bad;
  }
}

}  // namespace
}  // namespace serval::connector
