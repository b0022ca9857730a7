#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <mutex>
#include <span>
#include <string>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// A UDP socket that belongs to a multicast group.
///
/// Errors: kIo naming group, port and interface; kNotFound the same when the system has no
/// interface or route for multicast, which may change.
///
/// Threads: send() from any; the rest on the thread of the context.
class MulticastSocket {
 public:
  using Socket = boost::asio::basic_datagram_socket<boost::asio::ip::udp,
                                                    boost::asio::io_context::executor_type>;
  struct Options {
    std::string group, bind;
    int port = 0;
    int ttl = -1;
    bool loopback = true;
  };
  explicit MulticastSocket(boost::asio::io_context& context) : socket_(context) {}

  Result<> open(const Options& options);
  void close();
  Result<> send(std::span<const std::uint8_t> datagram);
  Socket& socket() { return socket_; }
  bool is_open() const { return socket_.is_open(); }

 private:
  Result<> set_up(const Options& options);
  void bind(const Options& options, boost::system::error_code& ec);
  void send_through(const boost::asio::ip::address& interface, boost::system::error_code& ec);

  std::mutex mutex_;  // sending against opening and closing
  Socket socket_;
  boost::asio::ip::udp::endpoint group_;
};

}  // namespace serval::tribes
