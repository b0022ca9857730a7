#include "container/connector/socket_io.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

namespace serval::connector {
namespace {

std::ptrdiff_t classify(ssize_t result) {
  if (result >= 0) return result;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? kNotNow : kConnectionBroken;
}

void advance(std::span<iovec>& parts, std::size_t size) {
  while (!parts.empty() && size >= parts.front().iov_len) {
    size -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (parts.empty()) return;
  parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + size;
  parts.front().iov_len -= size;
}

}  // namespace

std::ptrdiff_t read_now(int socket, std::span<char> into) {
  return classify(::recv(socket, into.data(), into.size(), MSG_DONTWAIT));
}

std::ptrdiff_t write_now(int socket, std::span<iovec>& parts, bool more_follows) {
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0);
  std::ptrdiff_t size = 0;
  if (parts.size() == 1) {
    size = classify(::send(socket, parts[0].iov_base, parts[0].iov_len, flags));
  } else {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    size = classify(::sendmsg(socket, &message, flags));
  }
  if (size > 0) advance(parts, static_cast<std::size_t>(size));
  return size;
}

bool wait_ready(int socket, Readiness readiness, std::chrono::milliseconds limit) {
  pollfd entry{socket, static_cast<short>(readiness == Readiness::kReadable ? POLLIN : POLLOUT), 0};
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    int wait = -1;
    if (limit.count() > 0) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      if (left.count() < 0) return false;
      wait = static_cast<int>(left.count());
    }
    const int ready = ::poll(&entry, 1, wait);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return true;  // the next read or write says what is wrong
  }
}

}  // namespace serval::connector
