// What a connection does from request to request.
#include <fstream>
#include <latch>

#include "tests/integration/http_server.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"

namespace serval::test {
namespace {

using namespace std::chrono_literals;
using connector::Http11Options;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kLastGet = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

void hello(core::Request&, core::Response& response) {
  response.set_content_type("text/plain");
  response.write("Hello, World!");
}

std::string read_all(core::Request& request) {
  std::string body;
  char buffer[10000];
  while (const std::size_t size = request.read(buffer)) body.append(buffer, size);
  return body;
}

/// One answer with Content-Length, from head to body.
std::string answer(RawClient& client) {
  std::string text = client.until("\r\n\r\n");
  const auto at = text.find("Content-Length: ");
  if (at != text.npos) text += client.take(std::stoul(text.substr(at + 16)));
  return text;
}

TEST(HttpConnection, AnswersWithTomcatsHead) {
  HttpServer server(hello);
  RawClient client(server.port());
  client.send(kGet);
  const std::string text = answer(client);
  EXPECT_EQ(text.substr(0, text.find("Date: ")),
            "HTTP/1.1 200 \r\nContent-Type: text/plain\r\nContent-Length: 13\r\n");
  EXPECT_TRUE(text.ends_with(" GMT\r\n\r\nHello, World!")) << text;
}

TEST(HttpConnection, ClosesWithTheHundredthAnswer) {
  HttpServer server(hello);
  RawClient client(server.port());
  for (int i = 1; i < 100; ++i) {
    client.send(kGet);
    ASSERT_EQ(answer(client).find("Connection:"), std::string::npos) << i;
  }
  client.send(kGet);
  EXPECT_NE(client.rest().find("Connection: close\r\n"), std::string::npos);
}

TEST(HttpConnection, HasNoKeepAliveWithALimitOfOne) {
  Http11Options options = HttpServer::options();
  options.max_keep_alive_requests = 1;
  HttpServer server(hello, options);
  EXPECT_NE(exchange(server.port(), kGet).find("Connection: close\r\n"), std::string::npos);
}

TEST(HttpConnection, AnswersPipelinedRequestsInOrder) {
  HttpServer server([](core::Request& request, core::Response& response) {
    response.write("<" + std::string(request.line.decoded_path) + read_all(request) + ">");
  });
  std::string all, want;
  for (int i = 0; i < 50; ++i) {
    const std::string path = "/" + std::to_string(i);
    all += "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    all += "POST " + path +
           " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    want += "<" + path + "abc><" + path + "abc>";
  }
  RawClient client(server.port());
  client.send(all);
  std::string got;
  for (int i = 0; i < 100; ++i) got += client.until(">");
  std::string bodies;
  for (std::size_t at = 0; (at = got.find("\r\n\r\n", at)) != got.npos;) {
    at += 4;
    bodies += got.substr(at, got.find('>', at) + 1 - at);
  }
  EXPECT_EQ(bodies, want);
}

TEST(HttpConnection, GivesHeadTheHeadOfGet) {
  HttpServer server([](core::Request& request, core::Response& response) {
    response.write(std::string(request.line.decoded_path == "/big" ? 100000 : 10, 'x'));
  });
  for (const std::string path : {"/", "/big"}) {
    RawClient client(server.port());
    client.send("HEAD " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const std::string text = client.rest();
    EXPECT_NE(text.find(path == "/" ? "Content-Length: 10\r\n" : "Content-Length: 100000\r\n"),
              text.npos);
    EXPECT_EQ(text.substr(text.size() - 4), "\r\n\r\n");
  }
}

TEST(HttpConnection, SendsWhatDoesNotFitTheBufferInChunks) {
  std::string body;
  for (int i = 0; i < 30000; ++i) body += static_cast<char>('a' + i % 26);
  HttpServer server([&](core::Request&, core::Response& response) {
    response.write(std::string_view(body).substr(0, 5000));
    response.write(std::string_view(body).substr(5000));
  });
  RawClient client(server.port());
  client.send(kGet);
  EXPECT_NE(client.until("\r\n\r\n").find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  std::string got;
  for (;;) {
    const std::string size = client.until("\r\n");
    const std::size_t n = std::stoul(size, nullptr, 16);
    got += client.take(n);
    EXPECT_EQ(client.take(2), "\r\n");
    if (n == 0) break;
  }
  EXPECT_EQ(got, body);
  client.send(kLastGet);
  EXPECT_NE(client.rest().find("Transfer-Encoding: chunked"), std::string::npos);

  const std::string old = exchange(server.port(), "GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.find("Transfer-Encoding"), old.npos);
  EXPECT_EQ(old.substr(old.find("\r\n\r\n") + 4), body);
}

TEST(HttpConnection, DropsWhatExceedsTheDeclaredLengthAndClosesWhenItIsNotReached) {
  HttpServer server([](core::Request& request, core::Response& response) {
    response.set_content_length(5);
    response.write(request.line.decoded_path == "/more" ? "1234567" : "123");
  });
  RawClient more(server.port());
  more.send("GET /more HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(answer(more).ends_with("\r\n\r\n12345"));
  RawClient less(server.port());
  less.send("GET /less HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string text = less.rest();
  EXPECT_EQ(text.substr(text.size() - 7), "\r\n\r\n123");
}

TEST(HttpConnection, KeepsAliveForHttp10ClientsThatAsk) {
  HttpServer server(hello);
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_NE(answer(client).find("Connection: keep-alive\r\nKeep-Alive: timeout=60\r\n"),
              std::string::npos);
  }
  EXPECT_NE(exchange(server.port(), "GET / HTTP/1.0\r\n\r\n").find("Connection: close\r\n"),
            std::string::npos);
}

TEST(HttpConnection, SendsFiles) {
  const TempDir folder;
  std::string content;
  for (int i = 0; i < 3000000; ++i) content += static_cast<char>(i * 31 % 251);
  const auto file = folder.path() / "file";
  std::ofstream(file, std::ios::binary) << content;
  HttpServer server([&](core::Request& request, core::Response& response) {
    if (request.line.decoded_path == "/gone") {
      response.send_file(folder.path() / "gone", 0, 10);
    } else {
      response.send_file(file, 10, content.size() - 20);
    }
  });
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send(kGet);
    const std::string text = answer(client);
    EXPECT_EQ(text.substr(text.find("\r\n\r\n") + 4), content.substr(10, content.size() - 20));
  }
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(client.until("\r\n\r\n").find("Content-Length: 2999980\r\n"), std::string::npos);
  client.send("GET /gone HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.rest().substr(0, 13), "HTTP/1.1 500 ");
}

TEST(HttpConnection, DrainsAnUnreadBodyUpToALimit) {
  Http11Options options = HttpServer::options();
  options.max_swallow_size = 100000;
  HttpServer server(hello, options);
  RawClient drained(server.port());
  drained.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n");
  drained.send(std::string(90000, 'x'));
  drained.send(kLastGet);
  const std::string both = drained.rest();
  EXPECT_NE(both.find("HTTP/1.1 200 ", 10), both.npos);

  RawClient chunked(server.port());
  chunked.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  answer(chunked);
  for (int i = 0; i < 4; ++i) chunked.send("100\r\n" + std::string(256, 'x') + "\r\n");
  chunked.send("0\r\n\r\n" + std::string(kLastGet));
  EXPECT_EQ(chunked.rest().substr(0, 13), "HTTP/1.1 200 ");

  RawClient too_much(server.port());
  too_much.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" +
                std::string(kLastGet));
  const std::string one = too_much.rest();
  EXPECT_EQ(one.find("HTTP/1.1 200 ", 10), one.npos);
}

TEST(HttpConnection, WaitsForABodyWithoutHoldingItsShard) {
  Http11Options options = HttpServer::options();
  HttpServer server([](core::Request& request,
                       core::Response& response) { response.write("<" + read_all(request) + ">"); },
                    options);
  std::vector<std::unique_ptr<RawClient>> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(std::make_unique<RawClient>(server.port()));
    waiting.back()->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
  }
  ASSERT_TRUE(eventually([&] { return server.connector().busy_count() == 8; }));
  for (int i = 0; i < 8; ++i) {
    EXPECT_NE(exchange(server.port(), kLastGet).find("<>"), std::string::npos);
  }
  for (auto& client : waiting) {
    client->send("cd");
    EXPECT_NE(client->until(">").find("<abcd>"), std::string::npos);
  }
}

TEST(HttpConnection, WaitsForASlowReaderWithoutHoldingItsShard) {
  const std::string piece(1 << 20, 'x');
  HttpServer server([&](core::Request& request, core::Response& response) {
    if (request.line.decoded_path == "/big") {
      for (int i = 0; i < 16; ++i) response.write(piece);
    } else {
      response.write("small");
    }
  });
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 4; ++i) {
    slow.push_back(std::make_unique<RawClient>(server.port()));
    slow.back()->send("GET /big HTTP/1.0\r\n\r\n");
  }
  ASSERT_TRUE(eventually([&] { return server.connector().busy_count() == 4; }));
  for (int i = 0; i < 8; ++i) {
    EXPECT_NE(exchange(server.port(), kLastGet).find("small"), std::string::npos);
  }
  for (auto& client : slow) EXPECT_GT(client->rest().size(), 16U << 20);
}

TEST(HttpConnection, HoldsTheAnswerUntilItsGatesAreComplete) {
  std::mutex mutex;
  std::vector<std::shared_ptr<Completion>> gates;
  HttpServer server([&](core::Request& request, core::Response& response) {
    if (request.line.decoded_path == "/now") return response.write("now");
    for (int i = 0; i < 2; ++i) {
      const std::lock_guard lock(mutex);
      gates.push_back(std::make_shared<Completion>());
      response.add_gate(gates.back());
    }
    response.write("gated");
    if (request.line.decoded_path == "/flush") response.flush();
  });
  for (const std::string path : {"/", "/flush"}) {
    SCOPED_TRACE(path);
    RawClient client(server.port());
    client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    ASSERT_TRUE(eventually([&] {
      const std::lock_guard lock(mutex);
      return gates.size() == 2;
    }));
    // A flushed answer waits in its request, the others need no thread.
    const std::size_t busy = path == "/flush" ? 1 : 0;
    EXPECT_TRUE(eventually([&] { return server.connector().busy_count() == busy; }));
    EXPECT_TRUE(client.hears_nothing());
    EXPECT_NE(exchange(server.port(), "GET /now HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                  .find("now"),
              std::string::npos);
    gates[0]->complete();
    EXPECT_TRUE(client.hears_nothing());
    gates[1]->complete();
    EXPECT_NE(client.rest().find("gated"), std::string::npos);
    gates.clear();
  }
}

TEST(HttpConnection, SaysContinueWhenTheBodyIsReadIfTold) {
  Http11Options options = HttpServer::options();
  options.continue_on_read = true;
  HttpServer server(
      [](core::Request& request, core::Response& response) {
        response.write(request.line.decoded_path == "/read" ? read_all(request) : "unread");
      },
      options);
  RawClient reads(server.port());
  reads.send("POST /read HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(reads.until("\r\n\r\n"), "HTTP/1.1 100 \r\n\r\n");
  reads.send("abc");
  EXPECT_NE(reads.until("abc").find("HTTP/1.1 200 "), std::string::npos);
  const std::string unread =
      exchange(server.port(),
               "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(unread.find("HTTP/1.1 100 "), unread.npos);
  EXPECT_NE(unread.find("Connection: close\r\n"), unread.npos);
}

TEST(HttpConnection, TurnsATooLargeResponseHeaderIntoAnError) {
  const LogCapture log;
  HttpServer server([](core::Request&, core::Response& response) {
    response.set_header("X-Large", std::string(9000, 'x'));
    response.write("body");
  });
  const std::string text = exchange(server.port(), kGet);
  EXPECT_EQ(text.substr(0, 13), "HTTP/1.1 500 ");
  EXPECT_EQ(text.find("xxx"), text.npos);
  EXPECT_TRUE(log.contains("maxHttpResponseHeaderSize [8192]"));
}

TEST(HttpConnection, ClosesWithoutAnAnswerWhenTheClientIsSilent) {
  Http11Options options = HttpServer::options();
  options.connection_timeout = 150ms;
  options.keep_alive_timeout = 50ms;
  HttpServer server(hello, options);
  EXPECT_EQ(exchange(server.port(), ""), "");
  EXPECT_EQ(exchange(server.port(), "GET / HTTP/1.1\r\nHo"), "");
  EXPECT_EQ(exchange(server.port(), kGet).substr(0, 13), "HTTP/1.1 200 ");
}

TEST(HttpConnection, Answers408WhenTheBodyDoesNotCome) {
  Http11Options options = HttpServer::options();
  options.connection_timeout = 50ms;
  HttpServer server(
      [](core::Request& request, core::Response& response) {
        try {
          read_all(request);
        } catch (const ServletException&) {
          response.send_error(500, {});
        }
      },
      options);
  const std::string text =
      exchange(server.port(), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(text.substr(0, 13), "HTTP/1.1 408 ");
}

TEST(HttpConnection, KnowsBothEnds) {
  HttpServer server([](core::Request& request, core::Response& response) {
    response.write(std::string(request.remote_addr()) + " " + std::string(request.local_addr()) +
                   " " + std::to_string(request.local_port()) + " " +
                   (request.remote_port() > 0 ? "+" : "0"));
  });
  const std::string text = exchange(server.port(), kLastGet);
  EXPECT_NE(text.find("127.0.0.1 127.0.0.1 " + std::to_string(server.port()) + " +"), text.npos);
}

}  // namespace
}  // namespace serval::test
