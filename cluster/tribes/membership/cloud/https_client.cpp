#include "cluster/tribes/membership/cloud/https_client.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <exception>
#include <optional>

namespace serval::tribes {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
template <class T>
using Task = asio::awaitable<T>;

constexpr std::uint64_t kMaxBody = 64U << 20;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

std::string place_of(const HttpsRequest& request) {
  const bool v6 = request.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", request.host, v6 ? "]" : "", request.port);
}

Error failed(const HttpsRequest& request, const char* step, const error_code& ec) {
  const bool late = ec == beast::error::timeout;
  return Error{late ? Errc::kTimeout : Errc::kIo,
               fmt::format("[{}]: {}: {}", place_of(request), step,
                           late ? std::string("no answer in time") : ec.message())};
}

Error unusable(const char* what, const std::string& file, const error_code& ec) {
  return Error{Errc::kInvalidArgument,
               fmt::format("{} [{}] cannot be used: {}", what, file, ec.message())};
}

Result<> load_files(asio::ssl::context& context, const HttpsRequest& request) {
  error_code ec;
  context.load_verify_file(request.ca_file, ec);
  if (ec) return unusable("CA cert file", request.ca_file, ec);
  if (request.certificate_file.empty()) return {};
  context.use_certificate_chain_file(request.certificate_file, ec);
  if (ec) return unusable("Client certificate", request.certificate_file, ec);
  context.set_password_callback([&](std::size_t, auto) { return request.key_password; }, ec);
  context.use_private_key_file(request.key_file, asio::ssl::context::pem, ec);
  if (ec) return unusable("Client certificate key", request.key_file, ec);
  return {};
}

/// The handshake fails unless the certificate is for this host.
void expect_host(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(ssl);
  error_code no_address;
  asio::ip::make_address(host, no_address);
  if (no_address) {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str());
  }
}

Error refused_handshake(const HttpsRequest& request, SSL* ssl, const error_code& ec) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict == X509_V_OK) return failed(request, "TLS handshake", ec);
  return Error{Errc::kIo, fmt::format("[{}]: the server's certificate is refused: {} (CA cert file "
                                      "[{}])",
                                      place_of(request), X509_verify_cert_error_string(verdict),
                                      request.ca_file)};
}

void set_limit(beast::tcp_stream& stream, std::chrono::milliseconds limit) {
  limit.count() > 0 ? stream.expires_after(limit) : stream.expires_never();
}

Task<Result<>> connect(beast::tcp_stream& stream, const HttpsRequest& request) {
  asio::ip::tcp::resolver resolver(stream.get_executor());
  auto [unknown, addresses] = co_await resolver.async_resolve(request.host, request.port, kAwait);
  if (unknown) co_return failed(request, "name look-up", unknown);
  set_limit(stream, request.connect_timeout);
  auto [ec, endpoint] = co_await stream.async_connect(addresses, kAwait);
  if (ec) co_return failed(request, "connect", ec);
  co_return Result<>();
}

template <class Stream>
Task<Result<HttpsAnswer>> exchange(Stream& stream, const HttpsRequest& request) {
  http::request<http::empty_body> message(http::verb::get, request.target, 11);
  message.set(http::field::host, place_of(request));
  message.set(http::field::accept, "application/json");
  message.set(http::field::connection, "close");
  if (!request.bearer.empty()) {
    message.set(http::field::authorization, "Bearer " + request.bearer);
  }
  beast::tcp_stream& lowest = beast::get_lowest_layer(stream);
  set_limit(lowest, request.read_timeout);
  if (auto [ec, size] = co_await http::async_write(stream, message, kAwait); ec) {
    co_return failed(request, "request", ec);
  }
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxBody);
  while (!parser.is_done()) {
    set_limit(lowest, request.read_timeout);
    auto [ec, size] = co_await http::async_read_some(stream, buffer, parser, kAwait);
    if (ec) co_return failed(request, "answer", ec);
  }
  co_return HttpsAnswer{static_cast<int>(parser.get().result_int()),
                        std::move(parser.get().body())};
}

Task<Result<HttpsAnswer>> get_in_clear(asio::io_context& context, const HttpsRequest& request) {
  beast::tcp_stream stream(context);
  if (auto done = co_await connect(stream, request); !done) co_return std::move(done).error();
  co_return co_await exchange(stream, request);
}

Task<Result<HttpsAnswer>> get_by_tls(asio::io_context& context, const HttpsRequest& request) {
  asio::ssl::context tls(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  if (auto loaded = load_files(tls, request); !loaded) co_return std::move(loaded).error();
  TlsStream stream(context, tls);
  stream.set_verify_mode(asio::ssl::verify_peer);
  expect_host(stream.native_handle(), request.host);
  auto& lowest = beast::get_lowest_layer(stream);
  if (auto done = co_await connect(lowest, request); !done) co_return std::move(done).error();
  set_limit(lowest, request.read_timeout);
  auto [ec] = co_await stream.async_handshake(asio::ssl::stream_base::client, kAwait);
  if (ec) co_return refused_handshake(request, stream.native_handle(), ec);
  co_return co_await exchange(stream, request);
}

}  // namespace

Result<HttpsAnswer> https_get(const HttpsRequest& request) {
  asio::io_context context(1);
  std::optional<Result<HttpsAnswer>> answer;
  auto task = request.tls ? get_by_tls(context, request) : get_in_clear(context, request);
  asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, Result<HttpsAnswer> got) {
    if (thrown) std::rethrow_exception(thrown);
    answer.emplace(std::move(got));
  });
  context.run();
  return *std::move(answer);
}

}  // namespace serval::tribes
