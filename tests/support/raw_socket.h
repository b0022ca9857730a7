// tests/support/raw_socket.h
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace serval::test {

inline sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

/// A plain TCP connection: what a stranger, or a peer of another make, does to a node.
class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {}
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() { close(); }

  static RawSocket connected(int port) {
    RawSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in to = loopback(port);
    if (::connect(socket.fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      throw std::runtime_error("cannot connect");
    }
    return socket;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void write(std::span<const std::uint8_t> bytes) const {
    while (!bytes.empty()) {
      const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      bytes = bytes.subspan(static_cast<std::size_t>(size));
    }
  }
  /// Reads until there are `size` bytes, the other side closes, or the limit comes.
  std::vector<std::uint8_t> read(std::size_t size,
                                 std::chrono::milliseconds limit = std::chrono::seconds(10)) const {
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < size && readable(limit)) {
      std::uint8_t buffer[4096];
      const ssize_t got =
          ::recv(fd_, buffer, std::min(sizeof buffer, size - bytes.size()), MSG_DONTWAIT);
      if (got <= 0) break;
      bytes.insert(bytes.end(), buffer, buffer + got);
    }
    return bytes;
  }
  bool readable(std::chrono::milliseconds limit) const {
    pollfd wait{fd_, POLLIN, 0};
    return ::poll(&wait, 1, static_cast<int>(limit.count())) > 0;
  }
  /// True if the other side closes the connection within the limit.
  bool is_closed(std::chrono::milliseconds limit = std::chrono::seconds(10)) const {
    char byte = 0;
    return readable(limit) && ::recv(fd_, &byte, 1, MSG_DONTWAIT | MSG_PEEK) <= 0;
  }

 private:
  int fd_;
};

/// A listening socket of 127.0.0.1.
class RawListener {
 public:
  RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_, any, size) != 0 || ::listen(fd_, 64) != 0 ||
        ::getsockname(fd_, any, &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
  }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  ~RawListener() { close(); }

  int port() const { return port_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  std::optional<RawSocket> accept(
      std::chrono::milliseconds limit = std::chrono::seconds(10)) const {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(limit.count())) <= 0) return std::nullopt;
    return RawSocket(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  }

 private:
  int fd_;
  int port_ = 0;
};

/// A UDP socket of 127.0.0.1.
class RawDatagrams {
 public:
  RawDatagrams() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_, any, size) != 0 || ::getsockname(fd_, any, &size) != 0) {
      throw std::runtime_error("no UDP socket");
    }
    port_ = ntohs(address.sin_port);
  }
  RawDatagrams(const RawDatagrams&) = delete;
  RawDatagrams& operator=(const RawDatagrams&) = delete;
  ~RawDatagrams() { ::close(fd_); }

  int port() const { return port_; }
  bool send(int port, std::span<const std::uint8_t> datagram) const {
    return send(loopback(port), datagram);
  }
  bool send(const sockaddr_in& to, std::span<const std::uint8_t> datagram) const {
    return ::sendto(fd_, datagram.data(), datagram.size(), 0,
                    reinterpret_cast<const sockaddr*>(&to), sizeof to) >= 0;
  }
  struct Datagram {
    std::vector<std::uint8_t> bytes;
    sockaddr_in from{};
  };
  std::optional<Datagram> receive(
      std::chrono::milliseconds limit = std::chrono::seconds(10)) const {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(limit.count())) <= 0) return std::nullopt;
    Datagram datagram;
    datagram.bytes.resize(65536);
    socklen_t size = sizeof datagram.from;
    const ssize_t got = ::recvfrom(fd_, datagram.bytes.data(), datagram.bytes.size(), 0,
                                   reinterpret_cast<sockaddr*>(&datagram.from), &size);
    if (got < 0) return std::nullopt;
    datagram.bytes.resize(static_cast<std::size_t>(got));
    return datagram;
  }

 private:
  int fd_;
  int port_ = 0;
};

}  // namespace serval::test
