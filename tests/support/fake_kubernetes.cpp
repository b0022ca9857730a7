#include "tests/support/fake_kubernetes.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <thread>

#include "tests/support/free_port.h"
#include "tests/support/process.h"

namespace serval::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

void openssl(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"openssl"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const CommandResult result = run_command(command);
  EXPECT_EQ(result.status, 0) << result.output;
}

}  // namespace

Certificates::Certificates() {
  make_authority("ca");
  make_authority("stranger");
}

void Certificates::make_authority(const std::string& name) {
  openssl({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=" + name,
           "-keyout", key(name), "-out", certificate(name)});
}

void Certificates::sign(const std::string& name, const std::string& host) {
  openssl({"req",
           "-x509",
           "-newkey",
           "rsa:2048",
           "-nodes",
           "-days",
           "3650",
           "-subj",
           "/CN=" + name,
           "-addext",
           "subjectAltName=" + host,
           "-addext",
           "basicConstraints=critical,CA:FALSE",
           "-CA",
           authority(),
           "-CAkey",
           key("ca"),
           "-keyout",
           key(name),
           "-out",
           certificate(name)});
}

/// Listens and answers until it is destroyed.
class FakeKubernetes::Server {
 public:
  Server(FakeKubernetes& owner, int port)
      : owner_(owner),
        acceptor_(context_,
                  {asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)}) {
    // A peer that is started while this listens must not keep the port open.
    ::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);
    if (owner.options_.tls) {
      tls_.use_certificate_chain_file(owner.options_.certificate);
      tls_.use_private_key_file(owner.options_.key, asio::ssl::context::pem);
    }
    if (!owner.options_.client_authority.empty()) {
      tls_.load_verify_file(owner.options_.client_authority);
      tls_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Server() {
    context_.stop();
    thread_.join();
  }

 private:
  asio::awaitable<void> accept() {
    for (;;) {
      auto [ec, socket] = co_await acceptor_.async_accept(kAwait);
      if (ec) co_return;
      asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
    }
  }
  asio::awaitable<void> serve(asio::ip::tcp::socket socket) {
    if (!owner_.options_.tls) {
      beast::tcp_stream stream(std::move(socket));
      co_await answer(stream);
      co_return;
    }
    beast::ssl_stream<beast::tcp_stream> stream(std::move(socket), tls_);
    auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::server, kAwait);
    if (refused) co_return;
    co_await answer(stream);
    co_await stream.async_shutdown(kAwait);
  }
  template <class Stream>
  asio::awaitable<void> answer(Stream& stream) {
    beast::flat_buffer buffer;
    http::request<http::empty_body> request;
    auto [ec, size] = co_await http::async_read(stream, buffer, request, kAwait);
    if (ec) co_return;
    asio::steady_timer pause(context_);
    while (owner_.hanging_) {
      pause.expires_after(std::chrono::milliseconds(10));
      co_await pause.async_wait(kAwait);
    }
    const Answer what = owner_.answer_to(std::string(request.target()),
                                         std::string(request[http::field::authorization]));
    http::response<http::string_body> response(static_cast<http::status>(what.status), 11);
    response.set(http::field::content_type, "application/json");
    response.body() = what.body;
    response.prepare_payload();
    co_await http::async_write(stream, response, kAwait);
  }

  FakeKubernetes& owner_;
  asio::io_context context_{1};
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

FakeKubernetes::FakeKubernetes(const Options& options) : options_(options), port_(free_tcp_port()) {
  set_pods({});
  up();
}
FakeKubernetes::~FakeKubernetes() = default;

void FakeKubernetes::up() { server_ = std::make_unique<Server>(*this, port_); }
void FakeKubernetes::down() { server_.reset(); }

std::map<std::string, std::string> FakeKubernetes::environment() const {
  return {{"KUBERNETES_SERVICE_HOST", "127.0.0.1"},
          {"KUBERNETES_SERVICE_PORT", std::to_string(port_)},
          {"KUBERNETES_NAMESPACE", "shop"}};
}

void FakeKubernetes::set_pods(const std::vector<Pod>& pods) {
  std::string items;
  for (const Pod& pod : pods) {
    items += (items.empty() ? "" : ",") + std::string(R"({"metadata":{"name":"pod-)") + pod.uid +
             R"(","uid":")" + pod.uid + R"(","creationTimestamp":")" + pod.created +
             R"("},"status":{"phase":")" + pod.phase + R"(","podIP":")" + pod.ip + R"("}})";
  }
  set_answer(R"({"kind":"PodList","apiVersion":"v1","items":[)" + items + "]}");
}

void FakeKubernetes::set_answer(std::string body, int status) {
  const std::lock_guard lock(mutex_);
  answer_ = {status, std::move(body)};
}

void FakeKubernetes::set_token(std::string token) {
  const std::lock_guard lock(mutex_);
  token_ = std::move(token);
}

std::string FakeKubernetes::last_target() const {
  const std::lock_guard lock(mutex_);
  return target_;
}

FakeKubernetes::Answer FakeKubernetes::answer_to(const std::string& target,
                                                 const std::string& authorization) {
  const std::lock_guard lock(mutex_);
  target_ = target;
  ++requests_;
  if (token_.empty() || authorization == "Bearer " + token_) return answer_;
  ++refused_;
  return {401, R"({"kind":"Status","message":"Unauthorized"})"};
}

}  // namespace serval::test
