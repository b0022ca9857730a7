// Binding, limits, pausing and stopping of a connector.
#include <algorithm>
#include <atomic>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/integration/http_server.h"
#include "tests/support/log_capture.h"

namespace serval::test {
namespace {

using namespace std::chrono_literals;
using connector::Http11Connector;
using connector::Http11Options;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kLastGet = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

void hello(core::Request&, core::Response& response) { response.write("Hello, World!"); }

TEST(HttpConnector, LogsItsStatesByTomcatsName) {
  const LogCapture log;
  std::string name;
  {
    HttpServer server(hello);
    name = server.connector().name();
    EXPECT_EQ(name.find("http-nio-127.0.0.1-auto-"), 0U);
    EXPECT_TRUE(name.ends_with("-" + std::to_string(server.port())));
    server.connector().stop();
    server.connector().destroy();
  }
  EXPECT_TRUE(log.contains(
      "org.apache.coyote.AbstractProtocol: Initializing ProtocolHandler [\"http-nio-"));
  for (const std::string state : {"Starting", "Pausing", "Stopping"}) {
    EXPECT_TRUE(log.contains(state + " ProtocolHandler [\"" + name + "\"]")) << state;
  }
  EXPECT_TRUE(log.contains("Destroying ProtocolHandler [\"http-nio-"));
}

TEST(HttpConnector, IsNamedAfterAddressAndPortWithOffset) {
  Http11Options options;
  options.port = 8080;
  EXPECT_EQ(Http11Connector(options).name(), "http-nio-8080");
  options.address = "127.0.0.1";
  Http11Connector connector(options);
  connector.set_port_offset(2);
  EXPECT_EQ(connector.name(), "http-nio-127.0.0.1-8082");
  EXPECT_EQ(connector.settings().redirect_port, 445) << "the redirect goes to this server's port";
}

TEST(HttpConnector, FailsAloneWhenThePortIsInUse) {
  HttpServer first(hello);
  Http11Options options = HttpServer::options();
  options.port = first.port();
  Http11Connector second(options);
  const auto initialised = second.init();
  ASSERT_FALSE(initialised);
  EXPECT_EQ(initialised.error().message,
            "Protocol handler initialization failed: [127.0.0.1:" + std::to_string(first.port()) +
                "]: Address already in use");
  EXPECT_EQ(second.state(), State::kFailed);
  EXPECT_NE(exchange(first.port(), kLastGet).find("Hello"), std::string::npos);
}

TEST(HttpConnector, SaysWhichHostNameItDoesNotKnow) {
  Http11Options options = HttpServer::options();
  options.address = "host.invalid";
  Http11Connector connector(options);
  const auto initialised = connector.init();
  ASSERT_FALSE(initialised);
  EXPECT_NE(initialised.error().message.find("host.invalid"), std::string::npos);
}

TEST(HttpConnector, ServesOnEveryInterfaceWithoutAnAddress) {
  Http11Options options;
  options.port = 0;
  HttpServer server([](core::Request& request,
                       core::Response& response) { response.write(request.remote_addr()); },
                    options);
  EXPECT_NE(exchange(server.port(), kLastGet).find("\r\n\r\n127.0.0.1"), std::string::npos);
}

TEST(HttpConnector, CanBeStartedAgain) {
  Http11Options options = HttpServer::options();
  HttpServer server(hello, options);
  server.connector().stop();
  ASSERT_TRUE(server.connector().start());
  EXPECT_NE(exchange(server.port(), kLastGet).find("Hello"), std::string::npos);
}

TEST(HttpConnector, ServesNoMoreThanMaxConnectionsAtATime) {
  Http11Options options = HttpServer::options();
  options.max_connections = 2;
  HttpServer server(hello, options);
  auto first = std::make_unique<RawClient>(server.port());
  RawClient second(server.port());
  for (RawClient* client : {first.get(), &second}) {
    client->send(kGet);
    EXPECT_NE(client->until("World!").find("Hello"), std::string::npos);
  }
  RawClient third(server.port());
  third.send(kGet);
  EXPECT_TRUE(third.hears_nothing());
  first.reset();
  EXPECT_NE(third.until("World!").find("Hello"), std::string::npos);
}

/// The kernel alone does so with 128 connections on two shards in one of fourteen runs.
TEST(HttpConnector, SpreadsConnectionsEvenlyOverItsShards) {
  std::mutex mutex;
  std::map<const void*, int> shards;
  HttpServer server([&](core::Request&, core::Response& response) {
    const void* const here = Executor::current();  // null if this thread was taken for stuck
    if (here) {
      const std::lock_guard lock(mutex);
      ++shards[here];
    }
    response.write(here ? "known" : "again");
  });
  const int count = 64 * static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < count; ++i) {
    RawClient& client = *clients.emplace_back(std::make_unique<RawClient>(server.port()));
    do {
      client.send(kGet);
      client.until("\r\n\r\n");
    } while (client.take(5) == "again");
  }
  for (const auto& [shard, connections] : shards) EXPECT_EQ(connections, 64);
}

TEST(HttpConnector, RunsNoMoreThanMaxThreadsAtATime) {
  std::latch released(1);
  std::atomic<int> running{0}, most{0};
  Http11Options options = HttpServer::options();
  options.max_threads = 3;
  HttpServer server(
      [&](core::Request&, core::Response& response) {
        most = std::max(most.load(), ++running);
        {
          const BlockingScope blocking;
          released.wait();
        }
        --running;
        response.write("done");
      },
      options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->send(kLastGet);
  }
  ASSERT_TRUE(eventually([&] { return running == 3; }));
  EXPECT_TRUE(clients.back()->hears_nothing());
  EXPECT_EQ(server.connector().thread_count(), 3U);
  released.count_down();
  for (auto& client : clients) EXPECT_NE(client->rest().find("done"), std::string::npos);
  EXPECT_LE(most, 3);
}

TEST(HttpConnector, FinishesRunningRequestsWhenItStops) {
  std::latch inside(1), released(1);
  HttpServer server([&](core::Request& request, core::Response& response) {
    if (request.line.decoded_path == "/slow") {
      const BlockingScope blocking;
      inside.count_down();
      released.wait();
    }
    response.write("finished");
  });
  RawClient idle(server.port());
  idle.send(kGet);
  idle.until("finished");
  RawClient slow(server.port());
  slow.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  inside.wait();
  std::thread stopping([&] { server.connector().stop(); });
  EXPECT_EQ(idle.rest(), "");  // closed at once
  EXPECT_THROW(
      while (true) {
        RawClient late(server.port());  // refused as soon as the listeners are closed
      },
      std::runtime_error);
  released.count_down();
  const std::string text = slow.rest();
  EXPECT_NE(text.find("finished"), text.npos);
  EXPECT_NE(text.find("Connection: close\r\n"), text.npos);
  stopping.join();
}

TEST(HttpConnector, BreaksOffWhatDoesNotFinish) {
  const LogCapture log;
  Http11Options options = HttpServer::options();
  options.executor_termination_timeout = 50ms;
  std::latch inside(2);
  HttpServer server(
      [&](core::Request& request, core::Response& response) {
        inside.count_down();
        if (request.line.decoded_path == "/gate") {
          response.add_gate(std::make_shared<Completion>());  // nobody completes it
          return;
        }
        char byte[1];
        try {
          request.read(byte);  // which never comes
        } catch (const ServletException&) {
          response.send_error(500, {});
        }
      },
      options);
  RawClient gated(server.port()), reading(server.port());
  gated.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
  reading.send("POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n");
  inside.wait();
  server.connector().stop();
  EXPECT_EQ(gated.rest(), "");
  reading.rest();
  EXPECT_TRUE(log.contains("are broken off"));
}

TEST(HttpConnector, StopsUnderLoad) {
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> served{0};
    HttpServer server([&](core::Request&, core::Response& response) {
      if (++served % 7 == 0) {
        const BlockingScope blocking;
        std::this_thread::yield();
      }
      response.write("x");
    });
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&, port = server.port()] {
        while (!stop) {
          try {
            RawClient client(port);
            for (int n = 0; n < 20; ++n) client.send(kGet);
            client.end_sending();
            client.rest();
          } catch (const std::runtime_error&) {
            return;  // not listening any more
          }
        }
      });
    }
    ASSERT_TRUE(eventually([&] { return served > 500; }));
    server.connector().stop();
    stop = true;
    for (auto& client : clients) client.join();
  }
}

}  // namespace
}  // namespace serval::test
