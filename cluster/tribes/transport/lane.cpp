#include "cluster/tribes/transport/lane.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>

#include "cluster/tribes/transport/endpoint.h"
#include "container/base/executor.h"
#include "container/base/steady_timer.h"

namespace serval::tribes {
namespace {

namespace asio = boost::asio;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

/// Frames of one system call; each takes up to three of the kernel's 1024 pieces.
constexpr std::size_t kMaxBatch = 128;
constexpr std::size_t kMaxPieces = 3 * kMaxBatch;
constexpr std::size_t kAckBuffer = 1024;
/// Asynchronous messages that follow a write within this time are a burst.
constexpr std::chrono::microseconds kBurst{200};
const std::string kSentAgain = "failed acknowledgement, sent again";

std::string system_text(int error) { return std::generic_category().message(error); }

/// Writes as much of the batch as the socket takes now. Returns bytes, or -1 with errno.
ssize_t write_some(int fd, const LaneQueue::Batch& batch, std::size_t& total) {
  std::array<iovec, kMaxPieces> pieces;
  std::size_t count = 0;
  std::size_t skip = batch.offset;
  total = 0;
  const auto add = [&](const void* data, std::size_t size) {
    const std::size_t skipped = std::min(skip, size);
    skip -= skipped;
    if (skipped == size) return;
    pieces[count++] = {const_cast<char*>(static_cast<const char*>(data)) + skipped, size - skipped};
    total += size - skipped;
  };
  for (const auto& frame : batch.frames) {
    add(frame->head.data(), frame->head.size());
    add(frame->content->data(), frame->content->size());
    add(kFrameEnd.data(), kFrameEnd.size());
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  return ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// The error that a connection shows after a write, 0 if none: a member that has gone closes it.
int pending_error(int fd) {
  char byte = 0;
  const ssize_t size = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (size > 0) return 0;
  if (size == 0) return ECONNRESET;
  return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
}

}  // namespace

/// The connection itself. Its socket object is used on the home context only; other threads write
/// to the descriptor, which is not closed while one of them does.
struct Lane::Link {
  explicit Link(asio::io_context& home) : socket(home) {}
  Socket socket;
  int fd = -1;
  FrameDecoder acks{kAckFrameSize, kAckBuffer};
  // Guarded by the lane's mutex.
  bool open = false;
  bool writing = false;
  bool waits_writable = false;
  int requests = 0;
  Clock::Time since{};  // begin of connecting, then of being connected
};

struct Lane::Timer {
  explicit Timer(asio::io_context& home) : timer(home) {}
  SteadyTimer timer;
};

/// A flush that waits in the queue of a shard of any executor. Flushes also if that queue is
/// destroyed before. Does not keep the lane alive: that queue may outlive the lane's home.
class Lane::FlushLater {
 public:
  explicit FlushLater(Lane& lane) : gate_(lane.gate_), lane_(lane.weak_from_this()) {}
  FlushLater(FlushLater&&) = default;
  ~FlushLater() { (*this)(); }
  void operator()() {
    const auto gate = std::exchange(gate_, nullptr);
    if (!gate) return;
    const auto pass = gate->enter();
    if (!pass) return;
    if (const auto lane = lane_.lock()) lane->flush();
  }

 private:
  std::shared_ptr<Gate> gate_;
  std::weak_ptr<Lane> lane_;
};

Lane::Lane(const Config& config, MemberPtr member, asio::io_context& home,
           std::shared_ptr<Gate> gate)
    : config_(config),
      member_(std::move(member)),
      home_(home),
      gate_(std::move(gate)),
      queue_(config.policy),
      timer_(std::make_unique<Timer>(home)) {}

Lane::~Lane() = default;

void Lane::send(Delivery delivery) {
  const bool asynchronous = delivery.asynchronous;
  bool flush_now = false;
  bool start_timer = false;
  bool burst = false;
  std::string refused;
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    burst = asynchronous && now - last_write_ < kBurst;
    if (closed_) {
      refused = closed_because_;
    } else if (!queue_.push(std::move(delivery), now)) {
      refused = "the send queue of the member is full";
    } else {
      load_.fetch_add(1, std::memory_order_relaxed);
      start_timer = !std::exchange(timer_armed_, true);
      if (!link_) {
        start_connecting();
      } else if (link_->open && !link_->writing && !link_->waits_writable) {
        flush_now = !std::exchange(flush_due_, true);
      }
    }
  }
  if (!refused.empty()) {
    Outcome{std::move(delivery), false, std::move(refused)}.report();
    return;
  }
  if (start_timer) {
    asio::post(home_, [self = shared_from_this()] {
      self->arm(std::chrono::steady_clock::now() + self->config_.policy.timeout);
    });
  }
  if (flush_now) flush_soon(burst);
}

void Lane::flush_soon(bool burst) {
  if (asio::io_context* const here = Executor::current()) {
    asio::post(*here, FlushLater(*this));
  } else if (burst) {
    asio::post(home_, FlushLater(*this));
  } else {
    flush();
  }
}

void Lane::flush() {
  while (write_batch()) {
  }
}

/// Returns true if there may be more to write now.
bool Lane::write_batch() {
  LinkPtr link;
  LaneQueue::Batch batch;
  {
    const std::lock_guard lock(mutex_);
    flush_due_ = false;
    if (!link_ || !link_->open || link_->writing || link_->waits_writable) return false;
    batch = queue_.next_batch(kMaxBatch);
    if (batch.frames.empty()) return false;
    link = link_;
    link->writing = true;
  }
  std::size_t total = 0;
  const ssize_t size = write_some(link->fd, batch, total);
  int error = size < 0 ? errno : 0;
  if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) error = 0;
  const std::size_t written = size > 0 ? static_cast<std::size_t>(size) : 0;
  const bool complete = written == total;
  if (error == 0 && complete && batch.has_unacknowledged) error = pending_error(link->fd);

  Ended ended;
  const bool more = account(link, written, error, complete, ended);
  report(ended);
  return more;
}

bool Lane::account(const LinkPtr& link, std::size_t written, int error, bool complete,
                   Ended& ended) {
  const std::lock_guard lock(mutex_);
  link->writing = false;
  if (link != link_) {  // lost or closed meanwhile: all of it was dealt with but the descriptor
    close_later(link);
    return false;
  }
  last_write_ = std::chrono::steady_clock::now();
  const bool keep = error == 0 && queue_.written(written, last_write_, ended);
  if (!keep) {
    replace_link(error != 0 ? system_text(error) : kSentAgain, false, ended);
    return false;
  }
  link->requests += static_cast<int>(complete);
  if (complete) return queue_.wants_to_write();
  link->waits_writable = true;
  asio::post(home_, [self = shared_from_this(), link] { self->wait_writable(link); });
  return false;
}

void Lane::wait_writable(const LinkPtr& link) {
  link->socket.async_wait(Socket::wait_write,
                          [self = shared_from_this(), link](boost::system::error_code ec) {
                            if (ec) return;  // the reader sees it too
                            const auto pass = self->gate_->enter();
                            if (!pass) return;
                            {
                              const std::lock_guard lock(self->mutex_);
                              link->waits_writable = false;
                            }
                            self->flush();
                          });
}

void Lane::start_connecting() {
  link_ = std::make_shared<Link>(home_);
  link_->since = std::chrono::steady_clock::now();
  queue_.made_progress(link_->since);
  asio::post(home_, [self = shared_from_this()] { self->connect(); });
}

void Lane::connect() {
  LinkPtr link;
  {
    const std::lock_guard lock(mutex_);
    if (!link_ || link_->fd >= 0) return;
    link = link_;
    const auto endpoint = endpoint_of(*member_);
    boost::system::error_code ec = asio::error::host_not_found;
    if (endpoint) link->socket.open(endpoint->protocol(), ec);
    if (!ec) {
      link->fd = link->socket.native_handle();
      apply_socket_options(link->fd, config_.socket);
      link->socket.async_connect(
          *endpoint, [self = shared_from_this(), link](boost::system::error_code failed) {
            self->connected(link, failed ? failed.message() : std::string());
          });
      return;
    }
    asio::post(home_, [self = shared_from_this(), link, text = ec.message()] {
      self->connected(link, text);
    });
  }
}

void Lane::connected(const LinkPtr& link, const std::string& error) {
  const auto pass = gate_->enter();
  if (!pass) return;
  if (!error.empty()) {
    Ended ended;
    {
      const std::lock_guard lock(mutex_);
      if (link != link_) return;
      replace_link(error, true, ended);
    }
    report(ended);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (link != link_) return;
    link->open = true;
    link->since = std::chrono::steady_clock::now();
    queue_.made_progress(link->since);
  }
  read(link);
  flush();
}

void Lane::read(const LinkPtr& link) {
  const auto space = link->acks.space();
  link->socket.async_read_some(
      asio::buffer(space.data(), space.size()),
      [self = shared_from_this(), link](boost::system::error_code ec, std::size_t size) {
        if (ec) {
          self->lost(link,
                     ec == asio::error::eof ? "connection closed by the member" : ec.message());
        } else {
          self->take_acks(link, size);
        }
      });
}

void Lane::take_acks(const LinkPtr& link, std::size_t size) {
  const auto pass = gate_->enter();
  if (!pass) return;
  link->acks.commit(size);
  Ended ended;
  ended.reserve(size / kAckFrameSize + 1);
  bool keep = true;
  bool more = false;
  std::string cause = kSentAgain;
  {
    const std::lock_guard lock(mutex_);
    if (link != link_) return;
    const auto now = std::chrono::steady_clock::now();
    while (keep) {
      auto data = link->acks.next();
      if (!data) {
        cause = std::move(data).error().message;
        keep = false;
      } else if (!*data) {
        break;
      } else if (const auto ack = read_ack(**data)) {
        keep = queue_.acked(*ack, now, ended);
      }
    }
    if (!keep) {
      replace_link(cause, false, ended);
    } else if (outlived()) {
      drop_link();
      keep = false;
    } else {
      more = !config_.policy.pipelined && queue_.wants_to_write();
    }
  }
  report(ended);
  if (more) flush();
  if (keep) read(link);
}

void Lane::lost(const LinkPtr& link, const std::string& cause) {
  const auto pass = gate_->enter();
  if (!pass) return;
  Ended ended;
  bool was_idle = false;
  {
    const std::lock_guard lock(mutex_);
    if (link != link_) return;
    was_idle = queue_.idle();
    replace_link(cause, false, ended);
  }
  report(ended);
  // Members do not close connections while they live, so somebody should have a look.
  if (was_idle && config_.faults) config_.faults({member_, cause, false});
}

void Lane::drop_link() {
  const LinkPtr link = std::exchange(link_, nullptr);
  if (!link) return;
  if (link->fd >= 0) ::shutdown(link->fd, SHUT_RDWR);  // wakes the reader
  if (!link->writing) close_later(link);
}

void Lane::close_later(const LinkPtr& link) {
  asio::post(home_, [link] {
    boost::system::error_code ignored;  // it is closed either way
    link->socket.close(ignored);
  });
}

void Lane::replace_link(const std::string& cause, bool while_connecting, Ended& ended) {
  drop_link();
  queue_.connection_lost(cause, while_connecting, ended);
  if (!closed_ && queue_.has_waiting()) start_connecting();
}

bool Lane::outlived() const {
  if (!link_ || !link_->open || !queue_.idle()) return false;
  if (config_.keep_alive_count >= 0 && link_->requests > config_.keep_alive_count) return true;
  return config_.keep_alive_time.count() >= 0 &&
         std::chrono::steady_clock::now() - link_->since > config_.keep_alive_time;
}

void Lane::keep_alive() {
  const std::lock_guard lock(mutex_);
  if (outlived()) drop_link();
}

void Lane::close(const std::string& cause) {
  Ended ended;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    closed_because_ = cause;
    queue_.fail_all(cause, ended);
    drop_link();
    asio::post(home_, [self = shared_from_this()] { self->timer_->timer.cancel(); });
  }
  report(ended);
}

void Lane::arm(std::chrono::steady_clock::time_point when) {
  timer_->timer.expires_at(when);
  timer_->timer.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (!ec) self->on_timer();
  });
}

void Lane::on_timer() {
  const auto pass = gate_->enter();
  if (!pass) return;
  Ended ended;
  LaneQueue::Tick tick;
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    const bool open = link_ && link_->open;
    tick = queue_.tick(now, open, ended);
    if (link_ && !open && link_->since + config_.policy.timeout <= now) {
      replace_link("connect timed out", true, ended);
    } else if (tick.reset_connection) {
      replace_link("the member does not answer", false, ended);
    }
    timer_armed_ = tick.next.has_value() && !closed_;
  }
  report(ended);
  if (tick.next) arm(*tick.next);
}

void Lane::report(Ended& ended) {
  if (ended.empty()) return;
  load_.fetch_sub(ended.size(), std::memory_order_relaxed);
  for (Outcome& outcome : ended) outcome.report();
  ended.clear();
}

}  // namespace serval::tribes
