#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/ip/udp.hpp>

#include "cluster/ha/backend/heartbeat_sender.h"
#include "container/base/log.h"

namespace serval::ha {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

const Log kLog("org.apache.catalina.ha.backend.HeartbeatListener");

class MulticastSender final : public HeartbeatSender {
 public:
  explicit MulticastSender(MulticastTarget target) : target_(std::move(target)) {}

  void send(const std::string& text) override {
    if (!socket_.is_open()) {
      if (const error_code failed = open()) {
        kLog.error("Unable to use multicast [{}:{}]: {}", target_.group, target_.port,
                   failed.message());
        return close();
      }
    }
    error_code failed;
    socket_.send_to(asio::buffer(text), to_, 0, failed);
    if (failed) {
      kLog.error("Unable to send multicast message to [{}:{}]: {}", target_.group, target_.port,
                 failed.message());
      close();
    }
  }

 private:
  error_code open() {
    error_code failed;
    const auto group = asio::ip::make_address(target_.group, failed);
    if (failed) return failed;
    const auto port = static_cast<std::uint16_t>(target_.port);
    to_ = udp::endpoint(group, port);
    udp::endpoint from(to_.protocol(), port);
    if (target_.host) from.address(asio::ip::make_address(*target_.host, failed));
    if (!failed) socket_.open(to_.protocol(), failed);
    if (!failed) socket_.set_option(udp::socket::reuse_address(true), failed);
    if (!failed) socket_.bind(from, failed);
    if (!failed) socket_.set_option(asio::ip::multicast::hops(target_.ttl), failed);
    if (!failed && target_.host && group.is_v4()) {
      socket_.set_option(asio::ip::multicast::outbound_interface(from.address().to_v4()), failed);
    }
    if (!failed) socket_.non_blocking(true, failed);
    return failed;
  }
  void close() {
    error_code already_closed;
    socket_.close(already_closed);
  }

  const MulticastTarget target_;
  asio::io_context context_;
  udp::socket socket_{context_};
  udp::endpoint to_;
};

}  // namespace

std::unique_ptr<HeartbeatSender> make_multicast_sender(MulticastTarget target) {
  return std::make_unique<MulticastSender>(std::move(target));
}

}  // namespace serval::ha
