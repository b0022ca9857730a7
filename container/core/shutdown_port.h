// container/core/shutdown_port.h
#pragma once
#include <string>
#include <string_view>

#include "container/base/result.h"

namespace serval::core {

/// The host to look up for an address of the shutdown port: "localhost" is 127.0.0.1, on a machine
/// without /etc/hosts too. Source: RFC 6761 6.3.
std::string shutdown_host(const std::string& address);

/// The port on which the server waits for its shutdown command; one client at a time.
///
/// Errors: open() says why the port cannot be had.
/// Threads: one. Blocks.
/// Source: Tomcat StandardServer.await (container-behaviour 10).
class ShutdownPort {
 public:
  ShutdownPort() = default;
  ~ShutdownPort();
  ShutdownPort(const ShutdownPort&) = delete;
  ShutdownPort& operator=(const ShutdownPort&) = delete;

  Result<> open(const std::string& address, int port);
  /// The bound port.
  int local_port() const;
  /// True when a client sent exactly `command`; false when `stop_event` became readable.
  bool wait_for(std::string_view command, int stop_event);

 private:
  int listener_ = -1;
};

}  // namespace serval::core
