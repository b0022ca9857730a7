#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "container/core/shutdown_port.h"
#include "container/startup/catalina.h"

namespace serval::core {
namespace {

/// Connects to the first address of the host that answers, or -1.
int connect_to(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(shutdown_host(host).c_str(), fmt::to_string(port).c_str(), &hints, &found) !=
      0) {
    return -1;
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, ::freeaddrinfo);
  for (const addrinfo* one = found; one; one = one->ai_next) {
    const int fd = ::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
    if (fd < 0) continue;
    if (::connect(fd, one->ai_addr, one->ai_addrlen) == 0) return fd;
    ::close(fd);
  }
  return -1;
}

}  // namespace

Result<> send_shutdown(const Server::Options& options) {
  if (options.port <= 0)
    return Error{Errc::kIo,
                 "No shutdown port configured. Shut down server through OS signal. Server not shut "
                 "down."};
  const int port = options.port + options.port_offset;
  const int fd = connect_to(options.address, port);
  const Error unreachable{
      Errc::kIo,
      fmt::format("Could not contact [{}:{}] (base port [{}] and offset [{}]). Tomcat may "
                  "not be running.",
                  options.address, port, options.port, options.port_offset)};
  if (fd < 0) return unreachable;
  const ssize_t n = ::send(fd, options.shutdown.data(), options.shutdown.size(), MSG_NOSIGNAL);
  ::close(fd);
  if (n != static_cast<ssize_t>(options.shutdown.size())) return unreachable;
  return {};
}

}  // namespace serval::core
