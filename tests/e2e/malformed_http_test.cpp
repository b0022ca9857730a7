// What the connector refuses, and how (container-behaviour 1.2 of the specification).
#include "tests/support/cluster_test.h"

namespace serval::test {

namespace {

struct Case {
  const char* name;
  std::string bytes;
  int status;          // 0: no answer at all
  bool closes = true;  // the server closes the connection
};

std::string head(const std::string& line, const std::string& headers = "Host: localhost\r\n") {
  return line + "\r\n" + headers + "\r\n";
}
std::string get(const std::string& target) { return head("GET " + target + " HTTP/1.1"); }
std::string with(const std::string& headers) { return head("GET / HTTP/1.1", headers); }

std::string many(const std::string& line, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += line;
  return all;
}

int status_of(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}

}  // namespace

class MalformedHttp : public ClusterTest {};

TEST_F(MalformedHttp, IsRefusedAsTomcatDoes) {
  defaults.cluster_xml = " ";
  Node& node = start();
  const std::string host = "Host: localhost\r\n";
  const Case cases[] = {
      {"no host", with("X: 1\r\n"), 400},
      {"two hosts", with(host + host), 400},
      {"host with a blank", with("Host: a b\r\n"), 400},
      {"host with a bad port", with("Host: localhost:8x\r\n"), 400},
      {"another host in the target", get("http://other/"), 400},
      {"two equal lengths", with(host + "Content-Length: 0\r\nContent-Length: 0\r\n"), 400},
      {"negative length", with(host + "Content-Length: -1\r\n"), 400},
      {"length that is no number", with(host + "Content-Length: ten\r\n"), 400},
      {"unknown transfer encoding", with(host + "Transfer-Encoding: gzip\r\n"), 501},
      {"identity", with(host + "Transfer-Encoding: identity\r\n"), 501},
      {"chunked twice", with(host + "Transfer-Encoding: chunked, chunked\r\n"), 400},
      {"bad characters in the target", get("/a|b"), 400},
      {"braces", get("/{a}"), 400},
      {"quote in the query", get("/?a=\"b\""), 400},
      {"bad escape in the path", get("/%zz"), 400},
      {"encoded slash", get("/a%2fb"), 400},
      {"encoded backslash", get("/a%5cb"), 400},
      {"encoded zero", get("/a%00b"), 400},
      {"climbing out", get("/../../etc/passwd"), 400},
      {"climbing out, encoded", get("/%2e%2e/%2e%2e/etc/passwd"), 400},
      {"method that is no token", head("G@T / HTTP/1.1"), 400},
      {"no request line", "garbage\r\n\r\n", 400},
      {"a later version", head("GET / HTTP/2.0"), 505},
      {"version in lower case", head("GET / http/1.1"), 400},
      {"control character in a header",
       with(host + "X: a\x01"
                   "b\r\n"),
       400},
      {"blank in a header name", with(host + "X Y: 1\r\n"), 400},
      {"a very long header", with(host + "X: " + std::string(9000, 'x') + "\r\n"), 400},
      {"too many headers", with(host + many("X: 1\r\n", 101)), 400},
      {"expectation", with(host + "Expect: something\r\n"), 417},
      {"connect", head("CONNECT localhost:80 HTTP/1.1"), 501},
      {"star for get", head("GET * HTTP/1.1"), 400},
      {"lower case method", head("get / HTTP/1.1"), 501},
      {"trace", head("TRACE / HTTP/1.1"), 405, false},
      {"unknown method", head("FROB / HTTP/1.1"), 501},
      {"put on a file", head("PUT /index.html HTTP/1.1", host + "Content-Length: 0\r\n"), 405,
       false},
      {"empty host", with("Host:\r\n"), 200, false},
      {"bad escape in the query", get("/?a=%zz"), 200, false},
      {"dots that stay inside", get("/demo/../"), 200, false},
      {"empty lines first", "\r\n\r\n" + get("/"), 200, false},
      {"bare line feeds", "GET / HTTP/1.1\nHost: localhost\n\n", 200, false},
      {"folded header", with(host + "X: 1\r\n  2\r\n"), 200, false},
  };
  const std::size_t files = node.open_files();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    // A request behind it shows whether the connection lives on.
    const std::string next =
        "GET /demo/index.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const std::string answer =
        exchange(node.http(), c.closes ? c.bytes : c.bytes + next, std::chrono::seconds(5));
    EXPECT_EQ(status_of(answer), c.status) << answer.substr(0, 300);
    if (c.closes) {
      EXPECT_EQ(answer.find("HTTP/1.1 ", 1), std::string::npos) << answer;
    } else {
      EXPECT_NE(answer.find("HTTP/1.1 200 ", 1), std::string::npos) << answer;
    }
  }
  EXPECT_TRUE(eventually([&] { return node.open_files() <= files; })) << node.open_files();
  EXPECT_EQ(HttpClient(node.http()).get("/").status, 200);
}

TEST_F(MalformedHttp, ClientsThatGoAwayLeaveNothing) {
  defaults.cluster_xml = " ";
  Node& node = start();
  const std::size_t files = node.open_files();
  for (int i = 0; i < 50; ++i) {
    exchange(node.http(), "GET /demo/s?op=set&k=x&v=1&t=big HTTP/1.1\r\nHo",
             std::chrono::milliseconds(1));
    exchange(node.http(), "POST /demo/s HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc",
             std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(eventually([&] { return node.open_files() <= files; })) << node.open_files();
  EXPECT_EQ(HttpClient(node.http()).get("/").status, 200);
}

/// Tomcat's habit for forms: the parameters are missing, the request still runs.
TEST_F(MalformedHttp, AFormThatCannotBeReadHasNoParameters) {
  defaults.cluster_xml = " ";
  Node& node = start();
  const std::string answer = exchange(node.http(),
                                      head("POST /demo/s?op=info HTTP/1.1",
                                           "Host: localhost\r\nTransfer-Encoding: chunked\r\n"
                                           "Content-Type: application/x-www-form-urlencoded\r\n") +
                                          "zz\r\nop=inv\r\n0\r\n\r\n",
                                      std::chrono::seconds(5));
  EXPECT_EQ(status_of(answer), 200) << answer;
  EXPECT_NE(answer.find("\"attributes\":{}"), answer.npos) << answer;
}

}  // namespace serval::test
