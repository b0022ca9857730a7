#include "cluster/tribes/membership/multicast_socket.h"

#include <fmt/format.h>

#include <boost/asio/ip/multicast.hpp>
#include <cerrno>
#include <system_error>

#include "container/base/log.h"

namespace serval::tribes {
namespace {

namespace asio = boost::asio;
namespace multicast = asio::ip::multicast;
using asio::ip::udp;
using boost::system::error_code;

const Log kLog{"org.apache.catalina.tribes.membership.McastServiceImpl"};

/// Index of the interface that owns an IPv6 address, by its scope; 0 = the system's choice.
unsigned interface_of(const asio::ip::address& address) {
  return address.is_v6() ? static_cast<unsigned>(address.to_v6().scope_id()) : 0;
}

}  // namespace

Result<> MulticastSocket::open(const Options& options) {
  const std::lock_guard lock(mutex_);
  auto done = set_up(options);
  if (!done) {
    error_code ignored;
    socket_.close(ignored);
    return Error{done.error().code,
                 fmt::format("Membership: multicast group [{}:{}]{}: {}", options.group,
                             options.port, options.bind.empty() ? "" : " on [" + options.bind + "]",
                             done.error().message)};
  }
  return done;
}

Result<> MulticastSocket::set_up(const Options& options) {
  error_code ec;
  const auto failed = [&](const char* what, Errc code = Errc::kIo) {
    return Error{code, fmt::format("{}: {}", what, ec.message())};
  };
  const auto group = asio::ip::make_address(options.group, ec);
  if (ec || !group.is_multicast()) return Error{Errc::kIo, "not a multicast address"};
  if (options.port < 1 || options.port > 65535) return Error{Errc::kIo, "not a port"};
  group_ = {group, static_cast<std::uint16_t>(options.port)};
  asio::ip::address interface = group.is_v4() ? asio::ip::address(asio::ip::address_v4())
                                              : asio::ip::address(asio::ip::address_v6());
  if (!options.bind.empty()) {
    interface = asio::ip::make_address(options.bind, ec);
    if (ec) return failed("attribute bind is not an address");
    if (interface.is_v4() != group.is_v4()) {
      return Error{Errc::kIo, "address and bind are of different families"};
    }
  }
  socket_.open(group_.protocol(), ec);
  if (ec) return failed("cannot open a socket");
  socket_.set_option(udp::socket::reuse_address(true), ec);
  if (ec) return failed("cannot share the port");
  bind(options, ec);
  if (ec) return failed("cannot bind");
  if (!options.bind.empty()) send_through(interface, ec);
  if (ec) return failed("cannot send through this interface");
  socket_.set_option(multicast::enable_loopback(options.loopback), ec);
  if (ec) return failed("cannot set localLoopbackDisabled");
  if (options.ttl >= 0) {
    kLog.info("Setting cluster mcast TTL to [{}]", options.ttl);
    socket_.set_option(multicast::hops(options.ttl), ec);
    if (ec) return failed("cannot set ttl");
  }
  if (group.is_v4()) {
    socket_.set_option(multicast::join_group(group.to_v4(), interface.to_v4()), ec);
  } else {
    socket_.set_option(multicast::join_group(group.to_v6(), interface_of(interface)), ec);
  }
  if (ec == boost::system::errc::no_such_device || ec == asio::error::network_unreachable) {
    return failed("cannot join, no interface or route for multicast", Errc::kNotFound);
  }
  if (ec) return failed("cannot join");
  return {};
}

/// With `bind` the socket hears the group only, where the system can do that.
void MulticastSocket::bind(const Options& options, error_code& ec) {
  if (!options.bind.empty()) {
    kLog.info("Attempting to bind the multicast socket to [/{}:{}]", options.group, options.port);
    socket_.bind(group_, ec);
    if (!ec) return;
    kLog.info("Binding to multicast address, failed. Binding to port only.");
  }
  socket_.bind({group_.protocol(), group_.port()}, ec);
}

void MulticastSocket::send_through(const asio::ip::address& interface, error_code& ec) {
  kLog.info("Setting multihome multicast interface to:[/{}]", interface.to_string());
  if (interface.is_v4()) {
    socket_.set_option(multicast::outbound_interface(interface.to_v4()), ec);
  } else {
    socket_.set_option(multicast::outbound_interface(interface_of(interface)), ec);
  }
}

void MulticastSocket::close() {
  const std::lock_guard lock(mutex_);
  error_code ignored;  // it is closed either way
  socket_.close(ignored);
}

Result<> MulticastSocket::send(std::span<const std::uint8_t> datagram) {
  const std::lock_guard lock(mutex_);
  if (!socket_.is_open()) return Error{Errc::kBadState, "the multicast socket is closed"};
  // Past Asio: the context's thread uses the socket object at the same time.
  const auto sent = ::sendto(socket_.native_handle(), datagram.data(), datagram.size(),
                             MSG_NOSIGNAL, group_.data(), static_cast<socklen_t>(group_.size()));
  if (sent < 0) return Error{Errc::kIo, std::generic_category().message(errno)};
  return {};
}

}  // namespace serval::tribes
