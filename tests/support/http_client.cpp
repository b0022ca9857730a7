#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace serval::test {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool readable(int socket, std::chrono::milliseconds limit) {
  pollfd wait{socket, POLLIN, 0};
  return ::poll(&wait, 1, static_cast<int>(limit.count())) > 0;
}

bool covers(std::string_view cookie_path, std::string_view path) {
  return path.starts_with(cookie_path) &&
         (cookie_path.ends_with('/') || path.size() == cookie_path.size() ||
          path[cookie_path.size()] == '/');
}

}  // namespace

std::optional<std::string> HttpResponse::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& h) { return same_name(h.first, name); });
  return found == headers.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> HttpResponse::all_headers(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) values.push_back(value);
  }
  return values;
}

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
  }
  ::close(fd);
  return -1;
}

bool is_open(int port) {
  const int fd = connect_to(port);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

std::string exchange(int port, std::string_view bytes, std::chrono::milliseconds limit,
                     bool half_close) {
  const int fd = connect_to(port);
  if (fd < 0) throw std::runtime_error("nobody listens on port " + std::to_string(port));
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;  // refused already; the answer is what counts
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  if (half_close) ::shutdown(fd, SHUT_WR);
  std::string answer;
  for (char chunk[16384];;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !readable(fd, left)) break;
    const ssize_t size = ::recv(fd, chunk, sizeof chunk, 0);
    if (size <= 0) break;
    answer.append(chunk, static_cast<std::size_t>(size));
  }
  ::close(fd);
  return answer;
}

void HttpClient::open() {
  close();
  socket_ = connect_to(port_);
  if (socket_ < 0) throw std::runtime_error("nobody listens on port " + std::to_string(port_));
}

void HttpClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  buffer_.clear();
}

void HttpClient::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("connection lost while sending");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool HttpClient::fill() {
  if (!readable(socket_, timeout_)) {
    throw std::runtime_error("no answer from port " + std::to_string(port_) + " in " +
                             std::to_string(timeout_.count()) + " ms");
  }
  char chunk[65536];
  const ssize_t size = ::recv(socket_, chunk, sizeof chunk, 0);
  if (size <= 0) return false;
  buffer_.append(chunk, static_cast<std::size_t>(size));
  return true;
}

std::string HttpClient::take(std::size_t size) {
  while (buffer_.size() < size) {
    if (!fill()) throw std::runtime_error("the answer ended early");
  }
  std::string taken = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return taken;
}

std::string HttpClient::take_line() {
  std::size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!fill()) throw std::runtime_error("the answer ended early");
  }
  std::string line = take(end);
  take(2);
  return line;
}

HttpResponse HttpClient::read_response(bool with_body) {
  HttpResponse response;
  do {
    response.headers.clear();
    const std::string status = take_line();
    if (!status.starts_with("HTTP/1.1 ")) throw std::runtime_error("no HTTP answer: " + status);
    response.status = std::stoi(status.substr(9));
    for (std::string line; !(line = take_line()).empty();) {
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) throw std::runtime_error("no header line: " + line);
      const std::size_t value = line.find_first_not_of(' ', colon + 1);
      response.headers.emplace_back(line.substr(0, colon),
                                    value == std::string::npos ? "" : line.substr(value));
    }
  } while (response.status == 100);

  const auto length = response.header("Content-Length");
  const bool chunked = response.header("Transfer-Encoding") == "chunked";
  const bool bodyless = !with_body || response.status == 204 || response.status == 304;
  if (bodyless) {
    // nothing follows
  } else if (chunked) {
    for (std::size_t size; (size = std::stoul(take_line(), nullptr, 16)) != 0; take(2)) {
      response.body += take(size);
    }
    while (!take_line().empty()) continue;
  } else if (length) {
    response.body = take(std::stoul(*length));
  } else {
    while (fill()) continue;
    response.body = std::exchange(buffer_, {});
  }
  if (response.header("Connection") == "close" || (!bodyless && !chunked && !length)) close();
  return response;
}

HttpResponse HttpClient::request(std::string_view method, std::string_view path,
                                 const HttpHeaders& headers, std::string_view body) {
  std::string text = std::string(method) + " " + std::string(path) +
                     " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n" + std::string(body);

  // A kept connection may have been closed meanwhile: then nothing comes back, and a new one is
  // tried.
  const bool fresh = socket_ < 0;
  if (!fresh && readable(socket_, std::chrono::milliseconds(0))) close();
  if (socket_ < 0) open();
  try {
    send_all(text);
    return read_response(method != "HEAD");
  } catch (const std::runtime_error&) {
    const bool nothing_came = buffer_.empty();
    close();
    if (fresh || !nothing_came || method == "POST") throw;
    open();
    send_all(text);
    return read_response(method != "HEAD");
  }
}

HttpResponse Browser::request(std::string_view method, int port, const std::string& path,
                              HttpHeaders headers, std::string_view body) {
  auto& connection = connections_[port];
  if (!connection) connection = std::make_unique<HttpClient>(port);
  const std::string_view plain = std::string_view(path).substr(0, path.find_first_of("?;"));
  std::string cookies;
  for (const auto& [key, value] : jar_) {
    if (covers(key.first, plain))
      cookies += (cookies.empty() ? "" : "; ") + key.second + "=" + value;
  }
  if (!cookies.empty()) headers.emplace_back("Cookie", cookies);
  HttpResponse response = connection->request(method, path, headers, body);
  keep_cookies(response);
  return response;
}

void Browser::keep_cookies(const HttpResponse& response) {
  for (const std::string& line : response.all_headers("Set-Cookie")) {
    const std::size_t equals = line.find('='), end = std::min(line.find(';'), line.size());
    std::string path = "/";
    if (const std::size_t at = line.find("; Path="); at != std::string::npos) {
      path = line.substr(at + 7, line.find(';', at + 7) - at - 7);
    }
    const std::pair key(path, line.substr(0, equals));
    if (line.find("; Max-Age=0") != std::string::npos) {
      jar_.erase(key);
    } else {
      jar_[key] = line.substr(equals + 1, end - equals - 1);
    }
  }
}

std::string Browser::cookie(std::string_view name, std::string_view path) const {
  for (const auto& [key, value] : jar_) {
    if (key.second == name && covers(key.first, path)) return value;
  }
  return "";
}

}  // namespace serval::test
