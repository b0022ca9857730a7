// The floor of the channel bench: what it costs to copy the bytes of a message from one process to
// another through a socket, and 21 bytes back where the options ask for an ACK. No framing, no
// allocation, blocking calls. usage: channel_copy PORT GROUP_PORT OTHER_PORT...
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/bench/channel_node.h"

namespace {

using serval::bench::kWindow;
using serval::bench::Run;
constexpr std::size_t kAck = 21, kBuffer = 65536;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_in address_of(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void write_all(int fd, const void* data, std::size_t size) {
  const auto* at = static_cast<const char*>(data);
  for (std::size_t done = 0; done < size;) {
    const ssize_t written = ::send(fd, at + done, size - done, MSG_NOSIGNAL);
    if (written <= 0) fail("send");
    done += static_cast<std::size_t>(written);
  }
}

void read_all(int fd, void* data, std::size_t size) {
  if (::recv(fd, data, size, MSG_WAITALL) != static_cast<ssize_t>(size)) fail("recv");
}

/// What a sender says first on a connection.
struct Hello {
  std::uint64_t size = 0;
  bool acks = false;
};

/// Takes the messages of one connection until it ends.
void receive(int fd, std::atomic<std::uint64_t>& received) {
  Hello hello;
  read_all(fd, &hello, sizeof hello);
  std::vector<char> buffer(std::max<std::size_t>(hello.size, kBuffer)), acks;
  for (std::size_t held = 0;;) {
    // A large message ends where the buffer ends; of small ones as many as there are.
    const std::size_t space = hello.size >= kBuffer ? hello.size - held : kBuffer - held;
    const ssize_t size = ::recv(fd, buffer.data() + held, space, 0);
    if (size <= 0) return;
    held += static_cast<std::size_t>(size);
    const std::size_t messages = held / hello.size;
    held %= hello.size;
    received += messages;
    acks.resize(messages * kAck);
    if (hello.acks && messages > 0) write_all(fd, acks.data(), acks.size());
  }
}

int listen_on(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = address_of(port);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
  if (::listen(fd, 16) != 0) fail("listen");
  return fd;
}

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = address_of(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect");
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

std::uint64_t send(const Run& run, const std::vector<int>& ports) {
  const Hello hello{run.size, (run.options & 2) != 0};
  std::vector<int> sockets;
  for (std::size_t i = 0; i < run.receivers; ++i) {
    sockets.push_back(connect_to(ports[i]));
    write_all(sockets.back(), &hello, sizeof hello);
  }
  const std::vector<char> content(run.size, 'x');
  std::array<char, kAck> ack{};
  std::uint64_t count = 0, acknowledged = 0;
  const auto take_ack = [&] {
    for (const int fd : sockets) read_all(fd, ack.data(), ack.size());
    ++acknowledged;
  };
  for (const auto end = run.end(); std::chrono::steady_clock::now() < end;) {
    if (hello.acks && count - acknowledged == kWindow) take_ack();
    for (const int fd : sockets) write_all(fd, content.data(), content.size());
    ++count;
  }
  while (hello.acks && acknowledged < count) take_ack();
  for (const int fd : sockets) ::close(fd);
  return count;
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<int> ports;
  for (int i = 3; i < count; ++i) ports.push_back(std::atoi(arguments[i]));
  std::atomic<std::uint64_t> received{0};
  const int listener = listen_on(std::atoi(arguments[1]));
  std::thread([&received, listener] {
    for (;;) {
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) fail("accept");
      receive(fd, received);
      ::close(fd);
    }
  }).detach();
  serval::bench::serve([&](const Run& run) { return send(run, ports); }, received,
                       [&] { return ports.size(); });
  ::_exit(0);
}
