#pragma once
#include <string>

namespace serval::tribes {

/// What Tomcat's receiver and sender set on their TCP sockets. Defaults differ, so the owners write
/// them.
///
/// Units: buffers in bytes, linger in seconds. A value <= 0 of a buffer leaves the system's.
struct SocketOptions {
  int rx_buf_size = 0;
  int tx_buf_size = 0;
  bool tcp_no_delay = true;
  bool so_keep_alive = false;
  bool oob_inline = true;
  bool so_reuse_address = true;
  bool so_linger_on = false;
  int so_linger_time = 3;
  int so_traffic_class = 0x1C;
};

/// Sets the options on a socket. What the system refuses is left as it is: no setting here is worth
/// a connection.
void apply_socket_options(int fd, const SocketOptions& options);

}  // namespace serval::tribes
