#include "tests/support/multicast.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace serval::test {

namespace {

sockaddr_in address_of(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

}  // namespace

MulticastSocket::MulticastSocket(const std::string& group, int port)
    : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), group_(group), port_(port) {
  const int on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in here = address_of(group, port);
  ip_mreq join{here.sin_addr, {htonl(INADDR_LOOPBACK)}};
  const in_addr loopback{htonl(INADDR_LOOPBACK)};
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
      ::setsockopt(socket_, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join) != 0 ||
      ::setsockopt(socket_, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback) != 0) {
    ::close(socket_);
    throw std::runtime_error("cannot join multicast group " + group);
  }
}

MulticastSocket::~MulticastSocket() { ::close(socket_); }

std::optional<std::string> MulticastSocket::receive(std::chrono::milliseconds limit) {
  pollfd wait{socket_, POLLIN, 0};
  if (::poll(&wait, 1, static_cast<int>(limit.count())) <= 0) return std::nullopt;
  std::array<char, 65536> buffer;
  const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (size < 0) return std::nullopt;
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

void MulticastSocket::send(std::string_view datagram) {
  const sockaddr_in group = address_of(group_, port_);
  ::sendto(socket_, datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&group),
           sizeof group);
}

}  // namespace serval::test
