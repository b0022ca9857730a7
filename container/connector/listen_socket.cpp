#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "container/connector/listener.h"

namespace serval::connector {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  void set_port(int port) {
    // Both families keep the port in the same place.
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(static_cast<std::uint16_t>(port));
  }
};

/// Nothing given: all interfaces, of both families where the system has IPv6.
Result<Address> resolve(const std::string& name, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(name.empty() ? nullptr : name.c_str(), "0", &hints, &found);
  if (failed != 0) {
    return Error{Errc::kNotFound, fmt::format("[{}]: {}", name, ::gai_strerror(failed))};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  return address;
}

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof(value));
}

/// Accepted sockets inherit these.
void set_options(int fd, const Http11Options& options) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, options.tcp_no_delay ? 1 : 0);
  if (options.tcp_keep_alive) set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  if (options.receive_buffer > 0) set_option(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  if (options.send_buffer > 0) set_option(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
  if (options.linger_seconds >= 0) {
    const linger value{1, options.linger_seconds};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof(value));
  }
}

Error failure(const Http11Options& options, int port) {
  return {Errc::kIo, fmt::format("[{}:{}]: {}", options.address.empty() ? "*" : options.address,
                                 port, std::strerror(errno))};
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int bound_port(const Descriptor& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

Result<std::vector<Descriptor>> bind_sockets(const Http11Options& options, int port,
                                             std::size_t count) {
  auto address = resolve(options.address, options.address.empty() ? AF_INET6 : AF_INET);
  if (!address) address = resolve(options.address, AF_UNSPEC);
  if (!address) return address.error();
  std::vector<Descriptor> sockets;
  while (sockets.size() < count) {
    Descriptor socket(::socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0 && errno == EAFNOSUPPORT && options.address.empty() &&
        address->family() == AF_INET6) {
      address = resolve({}, AF_INET);
      if (!address) return address.error();
      continue;
    }
    if (socket.get() < 0) return failure(options, port);
    set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (address->family() == AF_INET6) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    set_options(socket.get(), options);
    // The first one binds alone, so that a port in use is found; only then it lets the others in.
    const bool first = sockets.empty();
    if (!first) set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    address->set_port(port);
    if (::bind(socket.get(), address->get(), address->size) != 0) return failure(options, port);
    if (first && count > 1) set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (first) port = bound_port(socket);
    if (::listen(socket.get(), options.accept_count) != 0) return failure(options, port);
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

}  // namespace serval::connector
