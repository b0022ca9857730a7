#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <thread>

#include "cluster/ha/backend/heartbeat_sender.h"
#include "container/base/ascii.h"
#include "container/base/attribute.h"
#include "container/base/log.h"

namespace serval::ha {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
template <class T>
using Task = asio::awaitable<T>;

const Log kLog("org.apache.catalina.ha.backend.HeartbeatListener");
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kPatience = std::chrono::seconds(5);
constexpr std::uint64_t kMaxAnswer = 1U << 20;

/// The connection to one proxy.
class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(asio::io_context& context, Proxy proxy, std::optional<std::string> host)
      : stream_(context), proxy_(std::move(proxy)), host_(std::move(host)) {}

  void send(const std::string& request) {
    if (busy_) return kLog.debug("[{}] has not answered yet, left out", place());
    busy_ = true;
    asio::co_spawn(stream_.get_executor(), deliver(shared_from_this(), request),
                   [](const std::exception_ptr& bug) {
                     if (bug) std::rethrow_exception(bug);
                   });
  }

 private:
  enum class Outcome { kDone, kConnectionWasOver };

  static Task<void> deliver(std::shared_ptr<Link> self, std::string request) {
    Outcome outcome = Outcome::kConnectionWasOver;
    if (self->stream_.socket().is_open()) outcome = co_await self->exchange(request, true);
    // A kept connection may have ended since: that is no failure.
    if (outcome == Outcome::kConnectionWasOver) {
      const bool connected = co_await self->connect();
      if (connected) co_await self->exchange(request, false);
    }
    self->busy_ = false;
  }

  Task<bool> connect() {
    close();
    tcp::resolver resolver(stream_.get_executor());
    const std::string port = std::to_string(proxy_.port);
    auto [failed, addresses] = co_await resolver.async_resolve(proxy_.host, port, kAwait);
    error_code last = failed;
    for (const auto& address : addresses) {
      last = bind_to_host(address.endpoint().protocol());
      if (last) break;
      stream_.expires_after(kPatience);
      auto [refused] = co_await stream_.async_connect(address.endpoint(), kAwait);
      last = refused;
      if (!last) co_return true;
      close();
    }
    kLog.error("Unable to connect to proxy [{}]: {}", place(), last.message());
    close();
    co_return false;
  }

  error_code bind_to_host(const tcp& protocol) {
    error_code failed;
    if (!host_) return failed;
    const auto from = asio::ip::make_address(*host_, failed);
    if (!failed) stream_.socket().open(protocol, failed);
    if (!failed) stream_.socket().set_option(tcp::socket::reuse_address(true), failed);
    if (!failed) stream_.socket().bind({from, 0}, failed);
    return failed;
  }

  /// `kept`: the connection is an older one, whose end is not reported.
  Task<Outcome> exchange(const std::string& request, bool kept) {
    stream_.expires_after(kPatience);
    if (auto [failed, size] = co_await asio::async_write(stream_, asio::buffer(request), kAwait);
        failed) {
      co_return over("Unable to send collected load information to proxy", failed, kept);
    }
    beast::flat_buffer buffer;
    http::response_parser<http::empty_body> answer;
    answer.skip(true);
    if (auto [failed, size] = co_await http::async_read_header(stream_, buffer, answer, kAwait);
        failed) {
      co_return over("Unable to read response from proxy", failed, kept);
    }
    if (answer.get().result_int() != 200) {
      kLog.error("Response error with code [{}] of proxy [{}]", answer.get().result_int(), place());
      close();
      co_return Outcome::kDone;
    }
    const std::uint64_t length = answer.content_length().value_or(0);
    const std::uint64_t rest = length - std::min<std::uint64_t>(length, buffer.size());
    if (answer.chunked() || !answer.keep_alive() || rest > kMaxAnswer) {
      close();
      co_return Outcome::kDone;
    }
    std::string content(rest, '\0');
    if (auto [failed, size] = co_await asio::async_read(stream_, asio::buffer(content), kAwait);
        failed) {
      co_return over("Error reading response content of proxy", failed, false);
    }
    co_return Outcome::kDone;
  }

  Outcome over(std::string_view what, const error_code& why, bool kept) {
    close();
    if (kept && why != beast::error::timeout) return Outcome::kConnectionWasOver;
    kLog.error("{} [{}]: {}", what, place(), why.message());
    return Outcome::kDone;
  }
  void close() {
    error_code already_closed;
    stream_.socket().close(already_closed);
  }
  std::string place() const { return fmt::format("{}:{}", proxy_.host, proxy_.port); }

  beast::tcp_stream stream_;
  const Proxy proxy_;
  const std::optional<std::string> host_;
  bool busy_ = false;
};

class ProxySender final : public HeartbeatSender {
 public:
  ProxySender(std::vector<Proxy> proxies, std::string url, const std::optional<std::string>& host)
      : url_(std::move(url)) {
    for (auto& proxy : proxies) {
      links_.push_back(std::make_shared<Link>(context_, std::move(proxy), host));
    }
    thread_ = std::thread([this] {
      set_thread_name("heartbeat");
      context_.run();
    });
  }
  ~ProxySender() override {
    context_.stop();
    thread_.join();
  }

  void send(const std::string& text) override {
    asio::post(context_, [this, request = fmt::format("POST {} HTTP/1.0\r\n"
                                                      "Content-Length: {}\r\n"
                                                      "User-Agent: HeartbeatListener/1.0\r\n"
                                                      "Connection: Keep-Alive\r\n"
                                                      "\r\n{}\r\n",
                                                      url_, text.size(), text)] {
      for (const auto& link : links_) link->send(request);
    });
  }

 private:
  const std::string url_;
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::vector<std::shared_ptr<Link>> links_;  // of thread_
  std::thread thread_;
};

}  // namespace

Result<std::vector<Proxy>> parse_proxy_list(std::string_view text) {
  std::vector<Proxy> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    item = trim(item);
    const std::size_t colon = item.find(':');
    Proxy proxy;
    if (colon == 0 || colon == item.npos || !parse_into(item.substr(colon + 1), proxy.port)) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("Invalid proxy list: [{}] is not host:port", item)};
    }
    proxy.host = item.substr(0, colon);
    all.push_back(std::move(proxy));
  }
  return all;
}

std::unique_ptr<HeartbeatSender> make_proxy_sender(std::vector<Proxy> proxies, std::string url,
                                                   std::optional<std::string> host) {
  return std::make_unique<ProxySender>(std::move(proxies), std::move(url), host);
}

}  // namespace serval::ha
