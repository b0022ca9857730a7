#include "tests/support/fast_client.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "container/base/ascii.h"
#include "tests/support/raw_socket.h"

namespace serval::test {
namespace {
constexpr std::string_view kSessionCookie = "JSESSIONID=";
}  // namespace

const char* name_of(Fate fate) {
  switch (fate) {
    case Fate::kAnswered:
      return "answered";
    case Fate::kRefused:
      return "refused";
    case Fate::kUnanswered:
      return "unanswered";
    case Fate::kBroken:
      return "broken";
    case Fate::kSilent:
      return "silent";
  }
  return "?";
}

void FastClient::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  buffer_.clear();
}

bool FastClient::open() {
  if (socket_ >= 0) return true;
  if (target_.inside) {
    target_.inside([this] { connect(); });
  } else {
    connect();
  }
  return socket_ >= 0;
}

void FastClient::connect() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(target_.port);
  const timeval limit{patience_.count() / 1000, patience_.count() % 1000 * 1000};
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // of connect(), too
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

Reply FastClient::get(std::string_view path, std::string_view session, std::string_view headers) {
  end_ = std::chrono::steady_clock::now() + patience_;
  timed_out_ = false;
  if (!open()) return {};
  std::string request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!session.empty()) request.append("Cookie: JSESSIONID=").append(session).append("\r\n");
  request.append(headers).append("\r\n");
  Reply reply;
  reply.fate = Fate::kUnanswered;
  if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(request.size())) {
    reply = read();
  }
  if (reply.fate != Fate::kAnswered || reply.last) close();
  return reply;
}

bool FastClient::fill() {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
  pollfd fd{socket_, POLLIN, 0};
  timed_out_ = left.count() <= 0 || ::poll(&fd, 1, static_cast<int>(left.count())) == 0;
  if (timed_out_) return false;
  char bytes[4096];
  const ssize_t size = ::recv(socket_, bytes, sizeof bytes, 0);
  if (size > 0) buffer_.append(bytes, static_cast<std::size_t>(size));
  return size > 0;
}

bool FastClient::read_line(std::string& line) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!fill()) return false;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

bool FastClient::take(std::size_t size, std::string& into) {
  while (buffer_.size() < size) {
    if (!fill()) return false;
  }
  into.append(buffer_, 0, size);
  buffer_.erase(0, size);
  return true;
}

bool FastClient::read_chunks(std::string& into) {
  for (std::string line; read_line(line);) {
    std::size_t size = 0;
    std::from_chars(line.data(), line.data() + line.size(), size, 16);
    if (!take(size, into) || !read_line(line)) return false;
    if (size == 0) return true;
  }
  return false;
}

Reply FastClient::read() {
  Reply reply;
  const auto failed = [&](Fate otherwise) {
    reply.fate = timed_out_ ? Fate::kSilent : otherwise;
    return reply;
  };
  std::string line;
  if (!read_line(line)) return failed(buffer_.empty() ? Fate::kUnanswered : Fate::kBroken);
  if (line.size() > 12) std::from_chars(line.data() + 9, line.data() + 12, reply.status);
  std::size_t length = 0;
  bool chunked = false;
  for (;;) {
    if (!read_line(line)) return failed(Fate::kBroken);
    if (line.empty()) break;
    const std::size_t colon = std::min(line.find(':'), line.size() - 1);
    const std::string_view name(line.data(), colon);
    const std::string_view value = trim(std::string_view(line).substr(colon + 1));
    if (same_ignoring_case(name, "Content-Length")) {
      std::from_chars(value.data(), value.data() + value.size(), length);
    } else if (same_ignoring_case(name, "Transfer-Encoding")) {
      chunked = same_ignoring_case(value, "chunked");
    } else if (same_ignoring_case(name, "Connection")) {
      reply.last = same_ignoring_case(value, "close");
    } else if (same_ignoring_case(name, "Set-Cookie") && value.starts_with(kSessionCookie)) {
      reply.session = value.substr(kSessionCookie.size(), value.find(';') - kSessionCookie.size());
    }
  }
  const bool whole = chunked ? read_chunks(reply.body) : take(length, reply.body);
  if (!whole) return failed(Fate::kBroken);
  reply.fate = Fate::kAnswered;
  return reply;
}

}  // namespace serval::test
