// tests/support/multicast.h
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace serval::test {

/// A member of a multicast group on the loopback interface: hears what nodes say, and may say
/// something.
///
/// Errors: std::runtime_error when the group cannot be joined.
class MulticastSocket {
 public:
  MulticastSocket(const std::string& group, int port);
  ~MulticastSocket();
  MulticastSocket(const MulticastSocket&) = delete;
  MulticastSocket& operator=(const MulticastSocket&) = delete;

  /// The next datagram, or nothing after `limit`.
  std::optional<std::string> receive(std::chrono::milliseconds limit);
  void send(std::string_view datagram);

 private:
  int socket_ = -1;
  std::string group_;
  int port_;
};

}  // namespace serval::test
