#include "container/core/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "container/core/shutdown_port.h"
#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"

namespace serval::core {
namespace {

/// Sends a text to a port of 127.0.0.1 and waits until the other side closes.
void send_text(int port, std::string_view text) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  ::shutdown(fd, SHUT_WR);
  char rest = 0;
  while (::read(fd, &rest, 1) > 0) {
  }
  ::close(fd);
}

TEST(ShutdownPort, WaitsForExactlyItsCommand) {
  const test::LogCapture log;
  ShutdownPort port;
  ASSERT_TRUE(port.open("localhost", 0));
  const int event = ::eventfd(0, EFD_CLOEXEC);
  bool stopped = false;
  std::thread waiting([&] { stopped = port.wait_for("SHUTDOWN", event); });
  for (const auto* const wrong : {"shutdown", "SHUTDOWN2", "", "SHUTDOW\nN"}) {
    send_text(port.local_port(), wrong);
  }
  send_text(port.local_port(), std::string(5000, 'x'));
  send_text(port.local_port(), "SHUTDOWN\r\nmore");
  waiting.join();
  ::close(event);
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(
      log.contains("org.apache.catalina.core.StandardServer: Invalid shutdown command "
                   "[shutdown] received"));
  EXPECT_TRUE(log.contains("[SHUTDOWN2]"));
  EXPECT_TRUE(log.contains("[" + std::string(1024, 'x') + "]")) << "no more than 1024 are read";
  EXPECT_TRUE(
      log.contains("A valid shutdown command was received via the shutdown port. Stopping "
                   "the Server instance."));
}

TEST(ShutdownPort, LetsGoWhenTheEventComes) {
  ShutdownPort port;
  ASSERT_TRUE(port.open("127.0.0.1", 0));
  const int event = ::eventfd(1, EFD_CLOEXEC);
  EXPECT_FALSE(port.wait_for("SHUTDOWN", event));
  ::close(event);
}

TEST(ShutdownPort, SaysWhyItCannotOpen) {
  ShutdownPort taken, port;
  ASSERT_TRUE(taken.open("127.0.0.1", 0));
  const auto done = port.open("127.0.0.1", taken.local_port());
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("Address already in use"), std::string::npos);
}

Server::Options no_port() {
  Server::Options options;
  options.port = -1;
  return options;
}

TEST(Server, WaitsForAStopWithoutAPort) {
  Server server(no_port(), "/nowhere", "/nowhere");
  std::thread waiting([&] { server.await(); });
  server.request_stop();
  waiting.join();
}

TEST(Server, ReturnsAtOnceWhenItsPortIsTaken) {
  const test::LogCapture log;
  ShutdownPort taken;
  ASSERT_TRUE(taken.open("127.0.0.1", 0));
  Server::Options options;
  options.address = "127.0.0.1";
  options.port = taken.local_port() - 1;
  options.port_offset = 1;
  Server server(options, "/nowhere", "/nowhere");
  server.await();
  EXPECT_TRUE(log.contains("Failed to create server shutdown socket on address [127.0.0.1]"));
}

TEST(Server, TicksInTheBackgroundUntilItStops) {
  struct TickingValve final : Valve {
    void invoke(Request& request, Response& response, Next next) override {
      next(request, response);
    }
    void background_process() override {
      {
        const std::lock_guard lock(mutex);
        ++ticks;
      }
      ticked.notify_all();
    }
    std::string_view name() const override { return "TickingValve"; }
    std::mutex mutex;
    std::condition_variable ticked;
    int ticks = 0;
  };
  Server server(no_port(), "/nowhere", "/nowhere");
  Engine::Options options;
  options.name = "Catalina";
  options.default_host = "localhost";
  options.background_processor_delay = 1;
  auto engine = std::make_shared<Engine>(options);
  auto& valve =
      static_cast<TickingValve&>(engine->pipeline().add(std::make_unique<TickingValve>()));
  auto service = std::make_unique<Service>("Catalina");
  service->set_engine(engine);
  server.add_service(std::move(service));
  ASSERT_TRUE(server.start());
  {
    std::unique_lock lock(valve.mutex);
    EXPECT_TRUE(
        valve.ticked.wait_for(lock, std::chrono::seconds(30), [&] { return valve.ticks > 0; }));
  }
  server.stop();
  EXPECT_EQ(server.state(), State::kStopped);
  EXPECT_EQ(engine->state(), State::kStopped);
}

}  // namespace
}  // namespace serval::core
