#pragma once
#include <string>

namespace serval::tribes {

/// What Tomcat's receiver and sender set on their TCP sockets. Defaults differ, so the owners write
/// them.
///
/// Units: buffers in bytes; a value <= 0 leaves the system's. SO_LINGER is not among them: it would
/// let close() block a shard for as long as a dead host does not answer.
struct SocketOptions {
  int rx_buf_size = 0;
  int tx_buf_size = 0;
  bool tcp_no_delay = true;
  bool so_keep_alive = false;
  bool oob_inline = true;
  bool so_reuse_address = true;
  int so_traffic_class = 0x1C;
};

/// The same for a UDP socket.
struct UdpOptions {
  int rx_buf_size = 0;
  int tx_buf_size = 0;
  int so_traffic_class = 0x1C;
};

/// Sets the options on a socket. What the system refuses is left as it is: no setting here is worth
/// a connection.
void apply_socket_options(int fd, const SocketOptions& options);
void apply_udp_options(int fd, const UdpOptions& options);

}  // namespace serval::tribes
