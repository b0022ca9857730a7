#include "cluster/tribes/transport/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace serval::tribes {
namespace {

template <class Value>
void set(int fd, int level, int name, const Value& value) {
  // Best effort, see the header.
  static_cast<void>(::setsockopt(fd, level, name, &value, sizeof(value)));
}

}  // namespace

void apply_socket_options(int fd, const SocketOptions& options) {
  apply_udp_options(fd, {options.rx_buf_size, options.tx_buf_size, options.so_traffic_class});
  set(fd, IPPROTO_TCP, TCP_NODELAY, int{options.tcp_no_delay});
  set(fd, SOL_SOCKET, SO_KEEPALIVE, int{options.so_keep_alive});
  set(fd, SOL_SOCKET, SO_OOBINLINE, int{options.oob_inline});
  set(fd, SOL_SOCKET, SO_REUSEADDR, int{options.so_reuse_address});
}

void apply_udp_options(int fd, const UdpOptions& options) {
  if (options.rx_buf_size > 0) set(fd, SOL_SOCKET, SO_RCVBUF, options.rx_buf_size);
  if (options.tx_buf_size > 0) set(fd, SOL_SOCKET, SO_SNDBUF, options.tx_buf_size);
  if (options.so_traffic_class >= 0) set(fd, IPPROTO_IP, IP_TOS, options.so_traffic_class);
}

}  // namespace serval::tribes
