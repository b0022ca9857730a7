#include "cluster/tribes/transport/receiver_connection.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "container/base/executor.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

namespace asio = boost::asio;
const Log kLog{"org.apache.catalina.tribes.transport.nio.NioReceiver"};

/// A frame that has begun has to go on.
constexpr std::chrono::seconds kPartialFrameLimit{30};
/// A peer that sends and never reads its answers.
constexpr std::size_t kMaxPendingAcks = 1024 * 1024;

bool is_synchronized(const ChannelMessage& message) {
  return wants_synchronized_ack(message.options);
}

}  // namespace

ReceiverConnection::ReceiverConnection(Socket socket, asio::io_context& shard, DeadlineWheel& wheel,
                                       std::shared_ptr<Shared> shared)
    : Deadline(wheel), socket_(std::move(socket)), shard_(shard), shared_(std::move(shared)) {
  boost::system::error_code ec;
  const auto remote = socket_.remote_endpoint(ec);
  if (!ec) peer_name_ = remote.address().to_string() + ":" + std::to_string(remote.port());
  ++shared_->open;
}

ReceiverConnection::~ReceiverConnection() {
  detach();
  shared_->incomplete -= incomplete_;
  --shared_->open;
}

void ReceiverConnection::start() {
  asio::post(shard_, [self = shared_from_this()] { self->read(); });
}

void ReceiverConnection::close() {
  if (closed_.exchange(true)) return;
  asio::post(shard_, [self = shared_from_this()] {
    self->clear();
    const std::lock_guard lock(self->io_mutex_);
    boost::system::error_code ignored;  // it is closed either way
    self->socket_.shutdown(Socket::shutdown_both, ignored);
    self->socket_.close(ignored);
  });
}

void ReceiverConnection::fail(const std::string& why) {
  if (!closed_) kLog.warn("Connection from [{}] closed: {}", peer_name_, why);
  close();
}

void ReceiverConnection::read() {
  const std::lock_guard lock(io_mutex_);
  if (closed_) return;
  const auto space = decoder_.space();
  socket_.async_read_some(
      asio::buffer(space.data(), space.size()),
      [self = shared_from_this()](boost::system::error_code ec, std::size_t size) {
        if (!ec) {
          self->on_read(size);
        } else if (ec == asio::error::eof && self->decoder_.buffered() == 0) {
          self->close();
        } else if (ec == asio::error::eof) {
          self->fail("it ended within a frame");
        } else if (ec != asio::error::operation_aborted) {
          kLog.debug("Connection from [{}] closed: {}", self->peer_name_, ec.message());
          self->close();
        }
      });
}

void ReceiverConnection::on_read(std::size_t size) {
  decoder_.commit(size);
  {
    const auto pass = shared_->gate.enter();
    if (!pass) return;
    const BusyScope busy;
    const std::string wrong = take_messages();
    if (!batch_.empty()) handle_messages();
    shared_->reads.fetch_add(1, std::memory_order_relaxed);
    if (!wrong.empty()) return fail(wrong);
  }
  if (!account_incomplete()) {
    return fail("the limit for frames that are not complete (maxIncompleteSize) is reached");
  }
  if (decoder_.buffered() > 0) {
    expires_at(std::chrono::steady_clock::now() + kPartialFrameLimit);
  } else {
    clear();
  }
  read();
}

/// False: too much is held, and a part of it by this connection. What fits into the first buffer
/// does not count: it is there anyway.
bool ReceiverConnection::account_incomplete() {
  const std::size_t held = decoder_.buffered() > kFirstCapacity ? decoder_.buffered() : 0;
  if (held == 0 && incomplete_ == 0) return true;  // as after most reads: the sum is everybody's
  const std::size_t before = std::exchange(incomplete_, held);
  const std::size_t all = shared_->incomplete += held - before;
  if (held == 0 || all <= shared_->max_incomplete) return true;
  shared_->incomplete -= std::exchange(incomplete_, 0);  // it is going to be closed
  return false;
}

std::string ReceiverConnection::take_messages() {
  for (;;) {
    auto data = decoder_.next();
    if (!data) return std::move(data).error().message;
    if (!*data) return {};
    auto message = decode_channel_data(**data, members_);
    if (!message) return std::move(message).error().message;
    batch_.push_back(*std::move(message));
  }
}

void ReceiverConnection::handle_messages() {
  std::vector<ChannelMessage> batch = std::exchange(batch_, {});
  std::size_t answered = 0;
  const auto answer_early = [&] {
    for (; answered < batch.size() && !is_synchronized(batch[answered]); ++answered) {
      if (wants_ack(batch[answered].options)) queue_ack(Ack::kOk);
    }
  };
  answer_early();
  flush_acks();
  bool flush_posted = false;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool synchronized = is_synchronized(batch[i]);
    const auto handled = shared_->sink(std::move(batch[i]));
    if (!synchronized) continue;
    queue_ack(handled ? Ack::kOk : Ack::kFailed);
    ++answered;
    answer_early();
    if (i + 1 < batch.size() && !std::exchange(flush_posted, true)) {
      // For the case that a later handler blocks: whoever runs the shard's loop then sends these.
      asio::post(shard_, [self = shared_from_this()] { self->flush_acks(); });
    }
  }
  flush_acks();
  batch.clear();
  batch_ = std::move(batch);  // keeps its memory
}

void ReceiverConnection::queue_ack(Ack ack) {
  const std::lock_guard lock(io_mutex_);
  const auto frame = ack_frame(ack);
  acks_.insert(acks_.end(), frame.begin(), frame.end());
}

void ReceiverConnection::flush_acks() {
  const std::lock_guard lock(io_mutex_);
  if (!waits_writable_) send_acks_locked();
}

void ReceiverConnection::send_acks_locked() {
  if (acks_.empty() || closed_) return;
  const ssize_t size =
      ::send(socket_.native_handle(), acks_.data(), acks_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
    kLog.debug("Unable to send ack back through channel, channel disconnected?: [{}]", peer_name_);
    acks_.clear();
    return;
  }
  if (size > 0) acks_.erase(acks_.begin(), acks_.begin() + size);
  if (acks_.empty()) return;
  if (acks_.size() > kMaxPendingAcks) {
    acks_.clear();
    asio::post(shard_, [self = shared_from_this()] { self->fail("it does not read its ACKs"); });
    return;
  }
  waits_writable_ = true;
  asio::post(shard_, [self = shared_from_this()] {
    const std::lock_guard waiting(self->io_mutex_);
    self->socket_.async_wait(Socket::wait_write, [self](boost::system::error_code ec) {
      const std::lock_guard lock(self->io_mutex_);
      self->waits_writable_ = false;
      if (!ec) self->send_acks_locked();
    });
  });
}

void ReceiverConnection::expired() {
  asio::post(shard_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->fail("a frame began and did not go on for 30 s");
  });
}

}  // namespace serval::tribes
