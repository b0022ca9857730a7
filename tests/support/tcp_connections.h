// tests/support/tcp_connections.h
#pragma once
#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace serval::test {

/// A TCP connection of this network, as its system sees it.
struct TcpConnection {
  int local_port = 0, remote_port = 0;
  std::size_t unread = 0;  // bytes that have arrived and wait for the process
};

/// The established connections over IPv4 to a local port: /proc/net/tcp, and tcp6 for those of a
/// socket that takes both (a JVM's).
inline std::vector<TcpConnection> connections_to(int port) {
  std::vector<TcpConnection> found;
  const auto port_of = [](const std::string& address) {
    return std::stoi(address.substr(address.rfind(':') + 1), nullptr, 16);
  };
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(table);
    std::string line;
    std::getline(in, line);  // names of the columns
    while (std::getline(in, line)) {
      std::istringstream columns(line);
      std::string number, local, remote, state, queues;
      columns >> number >> local >> remote >> state >> queues;
      if (state != "01" || port_of(local) != port) continue;
      found.push_back(
          {port, port_of(remote), std::stoul(queues.substr(queues.find(':') + 1), nullptr, 16)});
    }
  }
  return found;
}

/// Bytes that wait for the process behind a port.
inline std::size_t waiting_bytes(int port) {
  std::size_t all = 0;
  for (const TcpConnection& one : connections_to(port)) all += one.unread;
  return all;
}

}  // namespace serval::test
