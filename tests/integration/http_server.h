// tests/integration/http_server.h
#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "container/base/executor.h"
#include "container/connector/http11_connector.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "gtest/gtest.h"
#include "tests/support/eventually.h"

namespace serval::test {

/// A connector on a free port of 127.0.0.1 whose requests go to one function.
class HttpServer {
 public:
  using Service = std::function<void(core::Request&, core::Response&)>;

  static connector::Http11Options options() {
    connector::Http11Options options;
    options.address = "127.0.0.1";
    options.port = 0;
    return options;
  }

  explicit HttpServer(Service service, connector::Http11Options given = options())
      : adapter_(std::move(service)), connector_(std::move(given)) {
    connector_.set_adapter(adapter_);
    const auto started = connector_.start();
    if (!started) throw std::runtime_error(started.error().message);
  }
  connector::Http11Connector& connector() { return connector_; }
  int port() const { return connector_.local_port(); }

 private:
  /// What the container does with a refused request: its text is the page.
  struct Adapter final : core::Adapter {
    explicit Adapter(Service s) : run(std::move(s)) {}
    void service(core::Request& request, core::Response& response) override {
      if (!response.is_error()) return run(request, response);
      const std::string page(response.error_text());
      response.resume_for_error_page();
      response.write(page);
    }
    const Service run;
  };
  Adapter adapter_;
  connector::Http11Connector connector_;
};

/// A client that sees every byte.
class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error("connect failed");
    }
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t size = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (size <= 0) return;  // what the server has done shows in what it sent
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }

  /// Reads until the server closes. Fails the test if it does not.
  std::string rest() {
    while (receive()) {
    }
    EXPECT_TRUE(at_end_) << "the server did not close; got: " << got_;
    return std::exchange(got_, {});
  }
  /// Reads until `mark` was seen; what follows it stays for the next call.
  std::string until(std::string_view mark) {
    std::size_t at;
    while ((at = got_.find(mark)) == got_.npos) {
      if (!receive()) {
        ADD_FAILURE() << "'" << mark << "' did not come; got: " << got_;
        return std::exchange(got_, {});
      }
    }
    std::string text = got_.substr(0, at + mark.size());
    got_.erase(0, text.size());
    return text;
  }
  std::string take(std::size_t size) {
    while (got_.size() < size && receive()) {
    }
    std::string text = got_.substr(0, size);
    got_.erase(0, text.size());
    return text;
  }
  /// True if the server neither sends nor closes for a moment.
  bool hears_nothing(std::chrono::milliseconds moment = std::chrono::milliseconds(50)) {
    pollfd entry{socket_, POLLIN, 0};
    return got_.empty() && ::poll(&entry, 1, static_cast<int>(moment.count())) == 0;
  }
  int descriptor() const { return socket_; }

 private:
  bool receive() {
    pollfd entry{socket_, POLLIN, 0};
    const auto patience = std::chrono::milliseconds(kPatience);
    if (::poll(&entry, 1, static_cast<int>(patience.count())) <= 0) return false;
    char buffer[65536];
    const ssize_t size = ::recv(socket_, buffer, sizeof(buffer), 0);
    at_end_ = size <= 0;
    if (size > 0) got_.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  }
  const int socket_;
  bool at_end_ = false;
  std::string got_;
};

/// Sends `request`, returns all that comes until the server closes.
inline std::string exchange(int port, std::string_view request) {
  RawClient client(port);
  client.send(request);
  return client.rest();
}

}  // namespace serval::test
