#pragma once
#include <array>
#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "cluster/tribes/transport/receiver_connection.h"
#include "container/base/steady_timer.h"

namespace serval::tribes {

/// The UDP port of a receiver: a datagram holds whole frames, and their ACKs go back to where it
/// came from, one datagram each.
///
/// Messages are handed on in the order in which they arrive; while a handler blocks, later ones
/// overtake it.
///
/// Errors: what is no frame is dropped and counted, and the first, second, fourth … such datagram
/// is told (Tomcat closes its UDP port then).
/// Threads: open, start and stop by the owner; handlers run on the given shard.
/// Source: Tomcat org.apache.catalina.tribes.transport.nio.NioReceiver; tribes-wire 7.
class UdpReceiver final : public std::enable_shared_from_this<UdpReceiver> {
 public:
  struct Options {
    int port = 0;                          // first one to try
    int tries = 1;                         // that one and those after it
    int rx_buf_size = 0, tx_buf_size = 0;  // bytes
    int traffic_class = 0x1C;
  };
  UdpReceiver(boost::asio::io_context& shard, std::shared_ptr<ReceiverConnection::Shared> shared);

  /// Binds the first free port. Unlike Tomcat's this socket does not set SO_REUSEADDR: with it
  /// Linux would give two nodes the same port, and one of them nothing to receive. Errors: kIo
  /// naming the address and the ports that were tried.
  Result<> open(const boost::asio::ip::address& address, const Options& options);
  void start() { receive(); }
  void stop();
  /// Requires: open.
  int port() const { return port_; }

 private:
  using Udp = boost::asio::ip::udp;
  using Socket = boost::asio::basic_datagram_socket<Udp, boost::asio::io_context::executor_type>;

  Result<bool> try_port(const Udp::endpoint& endpoint, const Options& options);
  void receive();
  void receive_later(const std::string& why);
  void on_datagram(std::size_t size);
  void hand_on(ChannelMessage message, const Udp::endpoint& from);
  void send_ack(Ack ack, const Udp::endpoint& to);
  void note_dropped(std::size_t size, const std::string& why);

  const std::shared_ptr<ReceiverConnection::Shared> shared_;
  int port_ = -1;

  std::mutex mutex_;
  Socket socket_;      // calls are guarded by mutex_: a handler that blocked may end late
  SteadyTimer pause_;  // guarded by mutex_
  bool stopped_ = false;

  // Owned by the reader, up to its next receive().
  Udp::endpoint from_;
  MemberCache members_;
  std::uint64_t dropped_ = 0;
  std::array<std::uint8_t, 65536> buffer_{};
};

}  // namespace serval::tribes
