#include "cluster/tribes/transport/udp_receiver.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <bit>
#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <system_error>

#include "cluster/tribes/transport/socket_options.h"
#include "container/base/executor.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

namespace asio = boost::asio;
const Log kLog{"org.apache.catalina.tribes.transport.nio.NioReceiver"};
const Log kBaseLog{"org.apache.catalina.tribes.transport.ReceiverBase"};
constexpr std::chrono::milliseconds kErrorPause{100};

std::string text_of(const asio::ip::udp::endpoint& endpoint) {
  return fmt::format("/{}:{}", endpoint.address().to_string(), endpoint.port());
}

}  // namespace

UdpReceiver::UdpReceiver(asio::io_context& shard,
                         std::shared_ptr<ReceiverConnection::Shared> shared)
    : shared_(std::move(shared)), socket_(shard), pause_(shard) {}

/// False: the port is taken, another one may be free.
Result<bool> UdpReceiver::try_port(const Udp::endpoint& endpoint, const Options& options) {
  boost::system::error_code ec;
  socket_.open(endpoint.protocol(), ec);
  if (!ec) {
    apply_udp_options(socket_.native_handle(),
                      {options.rx_buf_size, options.tx_buf_size, options.traffic_class});
    socket_.bind(endpoint, ec);
  }
  if (!ec) return true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (ec == asio::error::address_in_use) return false;
  return Error{Errc::kIo, fmt::format("Receiver cannot open UDP port [{}]: {}", text_of(endpoint),
                                      ec.message())};
}

Result<> UdpReceiver::open(const asio::ip::address& address, const Options& options) {
  for (int port = options.port; port < options.port + options.tries && port <= 65535; ++port) {
    const auto done = try_port({address, static_cast<std::uint16_t>(port)}, options);
    if (!done) return done.error();
    if (!*done) continue;
    port_ = port;
    kBaseLog.info("UDP Server Socket bound to:[{}]", text_of(socket_.local_endpoint()));
    return {};
  }
  return Error{Errc::kIo,
               fmt::format("Receiver: no free UDP port in {}:{}-{} (attributes udpPort, autoBind)",
                           address.to_string(), options.port, options.port + options.tries - 1)};
}

void UdpReceiver::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  boost::system::error_code ignored;  // it is closed either way
  socket_.close(ignored);
  pause_.cancel();
}

void UdpReceiver::receive() {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  socket_.async_receive_from(
      asio::buffer(buffer_), from_,
      [self = shared_from_this()](boost::system::error_code ec, std::size_t size) {
        if (ec == asio::error::operation_aborted) return;
        if (ec) return self->receive_later(ec.message());
        self->on_datagram(size);
      });
}

void UdpReceiver::receive_later(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  kLog.warn("Unable to receive from UDP port [{}]: {}", port_, why);
  pause_.expires_after(kErrorPause);
  pause_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (!cancelled) self->receive();
  });
}

void UdpReceiver::on_datagram(std::size_t size) {
  const auto pass = shared_->gate.enter();
  if (!pass) return;
  const BusyScope busy;
  Datagram datagram = decode_datagram(std::span(buffer_).first(size), members_);
  if (!datagram.wrong.empty()) note_dropped(size, datagram.wrong);
  const Udp::endpoint from = from_;
  receive();  // so that a handler that blocks does not keep the next datagram waiting
  for (ChannelMessage& message : datagram.messages) hand_on(std::move(message), from);
}

void UdpReceiver::hand_on(ChannelMessage message, const Udp::endpoint& from) {
  const bool synchronized = wants_synchronized_ack(message.options);
  if (!synchronized && wants_ack(message.options)) send_ack(Ack::kOk, from);
  const auto handled = shared_->sink(std::move(message));
  if (synchronized) send_ack(handled ? Ack::kOk : Ack::kFailed, from);
}

void UdpReceiver::send_ack(Ack ack, const Udp::endpoint& to) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  // Past Asio: the shard's thread uses the socket object at the same time.
  const auto frame = ack_frame(ack);
  const auto sent =
      ::sendto(socket_.native_handle(), frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               to.data(), static_cast<socklen_t>(to.size()));
  if (sent < 0) {
    kLog.debug("Unable to send ack back to [{}]: {}", text_of(to),
               std::generic_category().message(errno));
  }
}

void UdpReceiver::note_dropped(std::size_t size, const std::string& why) {
  if (!std::has_single_bit(++dropped_)) return;
  kLog.warn("Dropped a datagram of [{}] bytes from [{}], or a part of it: {} ([{}] so far)", size,
            text_of(from_), why, dropped_);
}

}  // namespace serval::tribes
