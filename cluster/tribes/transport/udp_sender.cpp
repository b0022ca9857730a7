#include "cluster/tribes/transport/udp_sender.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "cluster/tribes/transport/endpoint.h"
#include "container/base/steady_timer.h"

namespace serval::tribes {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

/// The frame as one datagram to where the socket is connected. Returns an errno, 0 for none.
int write_datagram(int fd, const Frame& frame) {
  std::array<iovec, 3> pieces{{
      {const_cast<std::uint8_t*>(frame.head.data()), frame.head.size()},
      {const_cast<std::uint8_t*>(frame.content->data()), frame.content->size()},
      {const_cast<char*>(kFrameEnd.data()), kFrameEnd.size()},
  }};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? errno : 0;
}

/// What has come back for a message that nobody acknowledges: a member on this machine, or in this
/// network, refuses at once.
int pending_error(int fd) {
  char byte = 0;
  const ssize_t size = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size >= 0 || errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
}

}  // namespace

/// One message to one member. Holds its sender until it has ended.
class UdpSender::Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<UdpSender> sender, asio::io_context& home, Delivery delivery)
      : sender_(std::move(sender)),
        home_(home),
        delivery_(std::move(delivery)),
        socket_(home),
        limit_(home) {}

  /// The datagram leaves at once.
  void begin() {
    run([this] {
      const auto to = udp_endpoint_of(*delivery_.member);
      if (!to) return end(false, "the member has no UDP port");
      error_code ec;
      socket_.open(to->protocol(), ec);
      if (!ec) {
        apply_udp_options(socket_.native_handle(), config().socket);
        socket_.connect(*to, ec);
      }
      if (ec) return end(false, ec.message());
      write();
      if (!ended_) asio::post(home_, [self = shared_from_this()] { self->wait(); });
    });
  }
  void close(const std::string& cause) {
    run([&] { end(false, cause); });
  }

 private:
  /// A step under the lock; the outcome is told without it.
  template <class Step>
  void run(Step&& step) {
    std::optional<Outcome> outcome;
    {
      const std::lock_guard lock(mutex_);
      if (!ended_) step();
      outcome.swap(outcome_);
    }
    if (!outcome) return;
    sender_->forget(shared_from_this());
    outcome->report();
  }

  const Config& config() const { return sender_->config_; }

  void write() {
    int error = 0;
    do {
      error = write_datagram(socket_.native_handle(), *delivery_.frame);
      if (error == 0 && !delivery_.wants_ack) error = pending_error(socket_.native_handle());
    } while (error != 0 && error != EMSGSIZE && attempts_++ < config().max_retries);
    if (error != 0) {
      end(false, fmt::format("datagram of [{}] bytes: {}", delivery_.frame->size(),
                             std::generic_category().message(error)));
    } else if (!delivery_.wants_ack) {
      end(true, {});
    }
  }

  void wait() {
    run([this] {
      limit_.expires_after(config().timeout);
      limit_.async_wait([self = shared_from_this()](error_code ec) {
        const auto pass = self->sender_->gate_->enter();
        if (ec || !pass) return;
        self->close(
            fmt::format("Operation has timed out ({} ms): no ACK", self->config().timeout.count()));
      });
      read();
    });
  }

  void read() {
    socket_.async_receive(asio::buffer(answer_),
                          [self = shared_from_this()](error_code ec, std::size_t size) {
                            const auto pass = self->sender_->gate_->enter();
                            if (pass) self->run([&] { self->on_answer(ec, size); });
                          });
  }

  void on_answer(error_code ec, std::size_t size) {
    const auto is = [&](Ack ack) {
      return !ec && std::ranges::equal(std::span(answer_).first(size), ack_frame(ack));
    };
    const bool failed = is(Ack::kFailed);
    if (is(Ack::kOk) || (failed && !config().fail_on_failed_ack)) return end(true, {});
    if (ec || failed) {
      if (attempts_++ >= config().max_retries) {
        return end(false, failed ? "Received a failed ack" : ec.message(), failed);
      }
      write();
    }
    if (!ended_) read();
  }

  void end(bool ok, std::string cause, bool remote_process = false) {
    ended_ = true;
    outcome_.emplace(Outcome{std::move(delivery_), ok, std::move(cause), remote_process});
    asio::post(home_, [self = shared_from_this()] {
      const std::lock_guard lock(self->mutex_);
      error_code ignored;  // it is closed either way
      self->socket_.close(ignored);
      self->limit_.cancel();
    });
  }

  const std::shared_ptr<UdpSender> sender_;
  asio::io_context& home_;
  std::mutex mutex_;
  Delivery delivery_;  // guarded by mutex_, as is the rest
  asio::basic_datagram_socket<udp, asio::io_context::executor_type> socket_;
  SteadyTimer limit_;
  std::array<std::uint8_t, 64> answer_{};
  std::optional<Outcome> outcome_;  // not told yet
  int attempts_ = 0;
  bool ended_ = false;
};

void UdpSender::send(Delivery delivery) {
  std::shared_ptr<Exchange> exchange;
  std::string refused;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      refused = closed_because_;
    } else {
      auto& home = executor_.shard(next_shard_++ % executor_.shard_count());
      exchange = std::make_shared<Exchange>(shared_from_this(), home, std::move(delivery));
      open_.insert(exchange);
    }
  }
  if (exchange) {
    exchange->begin();
  } else {
    Outcome{std::move(delivery), false, std::move(refused)}.report();
  }
}

void UdpSender::forget(const std::shared_ptr<Exchange>& exchange) {
  const std::lock_guard lock(mutex_);
  open_.erase(exchange);
}

void UdpSender::close(const std::string& cause) {
  std::set<std::shared_ptr<Exchange>> open;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    closed_because_ = cause;
    open.swap(open_);
  }
  for (const auto& exchange : open) exchange->close(cause);
}

}  // namespace serval::tribes
