// tests/support/http_client.h
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace serval::test {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;

  /// First header of the name (any letter case), or nothing.
  std::optional<std::string> header(std::string_view name) const;
  std::vector<std::string> all_headers(std::string_view name) const;
};

/// A connection to 127.0.0.1:port that is kept open between requests, and opened again when the
/// server has closed it.
///
/// Errors: std::runtime_error when there is no connection or no whole answer in time.
class HttpClient {
 public:
  explicit HttpClient(int port, std::chrono::milliseconds timeout = std::chrono::seconds(30))
      : port_(port), timeout_(timeout) {}
  ~HttpClient() { close(); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpResponse get(std::string_view path, const HttpHeaders& headers = {}) {
    return request("GET", path, headers);
  }
  HttpResponse request(std::string_view method, std::string_view path,
                       const HttpHeaders& headers = {}, std::string_view body = {});
  void close();

 private:
  void open();
  void send_all(std::string_view bytes);
  bool fill();
  HttpResponse read_response(bool with_body);
  std::string take(std::size_t size);
  std::string take_line();
  const int port_;
  const std::chrono::milliseconds timeout_;
  int socket_ = -1;
  std::string buffer_;
};

/// A client with cookies, as curl with a jar: they belong to 127.0.0.1, whatever the port.
class Browser {
 public:
  HttpResponse get(int port, const std::string& path, HttpHeaders headers = {}) {
    return request("GET", port, path, std::move(headers));
  }
  HttpResponse request(std::string_view method, int port, const std::string& path,
                       HttpHeaders headers = {}, std::string_view body = {});
  /// Value of a cookie for this path, or "".
  std::string cookie(std::string_view name, std::string_view path) const;
  void set_cookie(const std::string& name, const std::string& path, const std::string& value) {
    jar_[{path, name}] = value;
  }
  void clear() { jar_.clear(); }

 private:
  void keep_cookies(const HttpResponse& response);
  std::map<std::pair<std::string, std::string>, std::string> jar_;  // path, name -> value
  std::map<int, std::unique_ptr<HttpClient>> connections_;
};

/// Sends bytes on a new connection and returns what comes back until the server closes or `limit`
/// is over. Half-closes after sending if asked to.
std::string exchange(int port, std::string_view bytes, std::chrono::milliseconds limit,
                     bool half_close = false);
/// True if somebody accepts connections there.
bool is_open(int port);
/// A socket connected to 127.0.0.1:port, or -1.
int connect_to(int port);

}  // namespace serval::test
