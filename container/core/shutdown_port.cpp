#include "container/core/shutdown_port.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "container/base/log.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.core.StandardServer"};
constexpr std::size_t kMostText = 1024;
constexpr std::chrono::seconds kPatience{10};

Error system_error(std::string_view what) {
  return {Errc::kIo, fmt::format("{}: {}", what, std::strerror(errno))};
}

/// Waits for input. 1: `fd` is ready, 0: time is over, -1: `stop_event` is ready.
int wait_readable(int fd, int stop_event, int timeout_ms) {
  std::array fds{pollfd{fd, POLLIN, 0}, pollfd{stop_event, POLLIN, 0}};
  for (;;) {
    const int n = ::poll(fds.data(), fds.size(), timeout_ms);
    if (n < 0 && errno == EINTR) continue;
    if (fds[1].revents != 0) return -1;
    return n > 0 && fds[0].revents != 0 ? 1 : 0;
  }
}

/// What the client says: up to the first control character, the limit, the end or the time-out.
std::string read_command(int fd, int stop_event) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string command;
  while (command.size() < kMostText) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || wait_readable(fd, stop_event, static_cast<int>(left.count())) != 1) {
      break;
    }
    std::array<char, 128> piece;
    const ssize_t n = ::read(fd, piece.data(), std::min(piece.size(), kMostText - command.size()));
    if (n <= 0) break;
    const char* const begin = piece.data();
    const char* const end = begin + n;
    const char* const stop =
        std::find_if(begin, end, [](char c) { return (c >= 0 && c < 32) || c == 127; });
    command.append(begin, stop);
    if (stop != end) break;
  }
  return command;
}

}  // namespace

std::string shutdown_host(const std::string& address) {
  return address == "localhost" ? "127.0.0.1" : address;
}

ShutdownPort::~ShutdownPort() {
  if (listener_ >= 0) ::close(listener_);
}

Result<> ShutdownPort::open(const std::string& address, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(shutdown_host(address).c_str(), std::to_string(port).c_str(),
                                      &hints, &found)) {
    return Error{Errc::kInvalidArgument, fmt::format("{}: {}", address, ::gai_strerror(error))};
  }
  // IPv4 first: clients of "localhost" try it before anything else.
  const addrinfo* chosen = found;
  for (const addrinfo* a = found; a; a = a->ai_next) {
    if (a->ai_family == AF_INET) {
      chosen = a;
      break;
    }
  }
  listener_ = ::socket(chosen->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  const bool done =
      listener_ >= 0 && ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
      ::bind(listener_, chosen->ai_addr, chosen->ai_addrlen) == 0 && ::listen(listener_, 1) == 0;
  Result<> result;
  if (!done) result = system_error("bind");
  ::freeaddrinfo(found);
  return result;
}

int ShutdownPort::local_port() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXSERV> port{};
  if (::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, nullptr, 0, port.data(),
                    port.size(), NI_NUMERICSERV) != 0) {
    return 0;
  }
  return std::stoi(port.data());
}

bool ShutdownPort::wait_for(std::string_view command, int stop_event) {
  for (;;) {
    if (wait_readable(listener_, stop_event, -1) < 0) return false;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) {
      if (errno == EINTR || errno == ECONNABORTED || errno == EAGAIN) continue;
      kLog.error("StandardServer.accept: {}", std::strerror(errno));
      return wait_readable(stop_event, stop_event, -1) > 0;
    }
    const std::string text = read_command(client, stop_event);
    ::close(client);
    if (text == command) {
      kLog.info(
          "A valid shutdown command was received via the shutdown port. Stopping the Server "
          "instance.");
      return true;
    }
    kLog.warn("Invalid shutdown command [{}] received", text);
  }
}

}  // namespace serval::core
