// container/connector/listener.h
#pragma once
#include <boost/asio/basic_socket_acceptor.hpp>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "container/base/result.h"
#include "container/base/steady_timer.h"
#include "container/connector/endpoint.h"
#include "container/connector/socket_io.h"

namespace serval::connector {

/// A descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// Listening sockets for one address and port, one per shard: the kernel spreads connections over
/// them. `count` sockets share the port; nobody else can take it, and a port that another process
/// listens on is an error although that process may share too.
///
/// Errors: kIo with address, port and the system's reason; kNotFound for an unknown host name.
Result<std::vector<Descriptor>> bind_sockets(const Http11Options& options, int port,
                                             std::size_t count);
/// The port a socket is bound to.
int bound_port(const Descriptor& socket);

/// Accepts what comes to one of the sockets, until stop(), and gives each connection to the shard
/// that has the fewest: the kernel spreads connections by their addresses, evenly only if there are
/// many. Holds an accepted connection back while there are more than maxConnections.
///
/// Threads: start() and stop() from any; the rest is its coroutine's.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(Endpoint& endpoint, Shard& shard, Descriptor socket);

  void start();
  /// Takes what the system has accepted already, then closes the socket. Done when the future is.
  std::future<void> stop();

 private:
  static Detached run(std::shared_ptr<Listener> self);
  bool pause_after(const boost::system::error_code& error);
  void take_the_rest();

  Endpoint& endpoint_;
  Shard& shard_;  // where it runs
  Acceptor acceptor_;
  SteadyTimer pause_;
  std::chrono::milliseconds pause_time_{0};
  OperationMemory memory_;
  bool stopped_ = false;  // on the loop
};

}  // namespace serval::connector
