// The floor of the benchmarks: what a request costs when nothing is done for it. One bare epoll
// loop per thread, edge for edge one read and one write, a fixed answer, no parsing.
//
// usage: floor [port [threads]]   port 0 picks a free one; prints "floor PORT"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

namespace {

// As many bytes as a server that means it would send.
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 \r\nContent-Type: text/plain\r\nContent-Length: 13\r\n"
    "Date: Sat, 21 Nov 2026 03:00:00 GMT\r\n\r\nHello, World!";

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int listen_on(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) fail("bind");
  if (::listen(fd, 1024) != 0) fail("listen");
  return fd;
}

int port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
  return ntohs(address.sin_port);
}

void accept_all(int loop, int listener) {
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    epoll_event event{EPOLLIN | EPOLLET, {.fd = fd}};
    ::epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
  }
}

void answer(int fd) {
  std::array<char, 8192> buffer;
  const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (n > 0) {
    if (::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) > 0) return;
  } else if (n < 0 && errno == EAGAIN) {
    return;
  }
  ::close(fd);
}

void run(int listener) {
  const int loop = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{EPOLLIN, {.fd = listener}};
  ::epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event);
  std::array<epoll_event, 128> events;
  for (;;) {
    const int count = ::epoll_wait(loop, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener) {
        accept_all(loop, listener);
      } else {
        answer(fd);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  int port = argc > 1 ? std::atoi(argv[1]) : 0;
  const unsigned count = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2]))
                                  : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) {
    const int listener = listen_on(port);
    port = port_of(listener);
    threads.emplace_back([listener] { run(listener); });
  }
  std::printf("floor %d\n", port);
  std::fflush(stdout);
  for (auto& thread : threads) thread.join();
}
