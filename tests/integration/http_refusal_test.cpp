// container-behaviour 1.2, row by row, through a raw socket.
#include <mutex>

#include "tests/integration/http_server.h"

namespace serval::test {
namespace {

/// Answers 200 with what it saw; reads the body except at /unread.
void echo(core::Request& request, core::Response& response) {
  std::string body;
  if (request.line.decoded_path != "/unread") {
    char buffer[1000];
    while (const std::size_t size = request.read(buffer)) body.append(buffer, size);
  }
  response.set_content_type("text/plain");
  response.write(std::string(request.method()) + " " + std::string(request.line.decoded_path) +
                 " [" + body + "]");
}

class HttpRefusal : public testing::Test {
 protected:
  /// Status of the answer and whether the server closes. Sends a second request to find out.
  struct Answer {
    int status = 0;
    bool closes = false;
    std::string text;
  };
  Answer ask(std::string_view request) {
    RawClient client(server_.port());
    client.send(request);
    Answer answer;
    answer.text = client.until("\r\n\r\n");
    answer.status = std::stoi(answer.text.substr(9, 3));
    answer.closes = answer.text.find("\r\nConnection: close\r\n") != std::string::npos;
    if (answer.closes) {
      answer.text += client.rest();
    } else {
      client.send("GET /second HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      answer.text += client.rest();
      EXPECT_NE(answer.text.find("GET /second []"), std::string::npos) << answer.text;
    }
    return answer;
  }
  HttpServer server_{[](core::Request& request, core::Response& response) {
    try {
      echo(request, response);
    } catch (const ServletException&) {
      if (!response.is_committed()) response.send_error(500, "thrown");
    }
  }};
};

struct Row {
  const char* name;
  std::string_view request;
  int status;
  bool closes;
  std::string_view part;  // of the answer
};

TEST_F(HttpRefusal, AnswersEveryRowAsTomcat) {
  const Row rows[] = {
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, true, ""},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, true, ""},
      {"blank in Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, true, ""},
      {"_ in Host", "GET / HTTP/1.1\r\nHost: a_b\r\n\r\n", 400, true, ""},
      {"port not a number", "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", 400, true, ""},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 200, false, "GET / []"},
      {"port 99999", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 200, false, "GET / []"},
      {"other host in target", "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", 400, true, ""},
      {"two equal lengths",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400, true,
       ""},
      {"two lengths",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400, true,
       ""},
      {"negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, true,
       ""},
      {"length in letters", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n", 400, true,
       ""},
      {"length and chunked",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n"
       "3\r\nabc\r\n0\r\n\r\n",
       200, true, "POST / [abc]"},
      {"gzip", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501, true, ""},
      {"identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501, true,
       ""},
      {"chunked twice", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
       400, true, ""},
      {"chunked not last", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, x\r\n\r\n",
       400, true, ""},
      {"bad chunk size",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", 400, true,
       ""},
      {"bad chunk size, unread",
       "POST /unread HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", 200,
       false, ""},
      {"chunked on 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
       200, true, "POST / [a]"},
      {"| in target", "GET /a|b HTTP/1.1\r\nHost: a\r\n\r\n", 400, true,
       "Invalid character found in the request target [/a|b]"},
      {"\" in target", "GET /\" HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"< in query", "GET /?a=< HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"^ in target", "GET /^ HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"{ in target", "GET /{ HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"backslash", "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"blank in target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"control in target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"%zz in path", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"%zz in query", "GET /?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n", 200, false, "GET / []"},
      {"%2f", "GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400, true,
       "Invalid URI: [The encoded slash character is not allowed]"},
      {"%5c", "GET /a%5cb HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"%00", "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"above the root", "GET /../../x HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"dots", "GET /d/../x HTTP/1.1\r\nHost: a\r\n\r\n", 200, false, "GET /x []"},
      {"encoded dots", "GET /d/%2e%2e/x HTTP/1.1\r\nHost: a\r\n\r\n", 200, false, "GET /x []"},
      {"dots with parameter", "GET /d/..;p/x HTTP/1.1\r\nHost: a\r\n\r\n", 200, false, "GET /x []"},
      {"two slashes", "GET //x HTTP/1.1\r\nHost: a\r\n\r\n", 200, false, "GET /x []"},
      {"method not a token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"garbage", "\x01\x02\x03\r\n\r\n", 400, true, ""},
      {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 200, false, "get / []"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, true, ""},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, true, ""},
      {"http/1.1", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
      {"empty lines first", "\r\n\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 200, false, "GET / []"},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 200, false, "GET / []"},
      {"blank in header name", "GET / HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n", 400, true,
       "The HTTP header line [A B: c] does not conform to RFC 7230. The request has been "
       "rejected."},
      {"control in header name", "GET / HTTP/1.1\r\nHost: a\r\nA\x01: c\r\n\r\n", 400, true, ""},
      {"control in header value", "GET / HTTP/1.1\r\nHost: a\r\nA: b\x01\r\n\r\n", 400, true, ""},
      {"folded line", "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", 200, false, "GET / []"},
      {"unknown expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417, true, ""},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501, true,
       "HTTP requests using the CONNECT method are not supported"},
      {"GET *", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, true, ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    if (std::string_view(row.name) == "bad chunk size, unread") {
      const std::string text = exchange(server_.port(), row.request);
      EXPECT_EQ(text.substr(0, 13), "HTTP/1.1 200 ");  // answered before the body was looked at
      continue;
    }
    const Answer answer = ask(row.request);
    EXPECT_EQ(answer.status, row.status) << answer.text;
    EXPECT_EQ(answer.closes, row.closes) << answer.text;
    EXPECT_NE(answer.text.find(row.part), std::string::npos) << answer.text;
  }
}

TEST_F(HttpRefusal, SendsHttp09TheBodyOnly) {
  EXPECT_EQ(exchange(server_.port(), "GET /x\r\n"), "GET /x []");
}

TEST_F(HttpRefusal, RefusesATooLargeHead) {
  const std::string fits = "GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(8192 - 32, 'x');
  EXPECT_EQ(ask(fits + "\r\n\r\n").status, 200);
  const Answer over = ask(fits + "x\r\n\r\n");
  EXPECT_EQ(over.status, 400);
  EXPECT_NE(over.text.find("Request header is too large"), std::string::npos);
  EXPECT_EQ(ask("GET /" + std::string(20000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n").status, 400);
}

TEST_F(HttpRefusal, RefusesTooManyHeaders) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 99; ++i) head += "A: b\r\n";
  EXPECT_EQ(ask(head + "\r\n").status, 200);
  const Answer over = ask(head + "A: b\r\n\r\n");
  EXPECT_EQ(over.status, 400);
  EXPECT_NE(
      over.text.find("More than the maximum allowed number of headers, [100], were detected."),
      std::string::npos);
}

TEST_F(HttpRefusal, ReachesAClientThatIsStillSending) {
  RawClient client(server_.port());
  client.send("POST / HTTP/1.1\r\nHost: a b\r\nContent-Length: 200000\r\n\r\n");
  client.send(std::string(200000, 'x'));
  EXPECT_EQ(client.rest().substr(0, 13), "HTTP/1.1 400 ");
}

TEST_F(HttpRefusal, SaysContinueAtOnce) {
  RawClient client(server_.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 \r\n\r\n");
  client.send("abc");
  EXPECT_EQ(client.until("[abc]").substr(0, 13), "HTTP/1.1 200 ");
}

}  // namespace
}  // namespace serval::test
