#include "container/connector/http11_connection.h"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <ctime>

#include "container/base/clock.h"
#include "container/base/log.h"

namespace serval::connector {
namespace {

const Log kLog{"org.apache.coyote.http11.Http11Processor"};

constexpr std::size_t kBodyRoom = 4096;  // behind the largest head
constexpr std::chrono::milliseconds kLingerTime{2000};
constexpr std::uint64_t kLingerBytes = std::uint64_t{256} * 1024;
constexpr int kMostWithoutPause = 16;  // pipelined requests before others of the shard have a turn

/// Coarse (a few ms): good enough for a deadline and cheaper.
Deadline::Time coarse_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return Deadline::Time(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

std::string address_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

/// Bad requests are common and a client's affair: one INFO line, then DEBUG.
void log_refusal(const Refusal& refusal) {
  static std::atomic<bool> logged{false};
  if (!logged.exchange(true)) {
    kLog.info(
        "Error parsing HTTP request header\n Note: further occurrences of HTTP request "
        "parsing errors will be logged at DEBUG level.\n{}",
        refusal.message);
  } else {
    kLog.debug("Error parsing HTTP request header: {}", refusal.message);
  }
}

}  // namespace

Http11Connection::Http11Connection(Endpoint& endpoint, Shard& shard, Socket socket,
                                   const asio::ip::tcp::endpoint& peer)
    : Deadline(shard.deadlines),
      endpoint_(endpoint),
      shard_(shard),
      socket_(std::move(socket)),
      descriptor_(socket_.native_handle()),
      buffer_(endpoint.head_rules.max_bytes + kBodyRoom),
      parser_(endpoint.head_rules),
      body_(buffer_, endpoint.options.chunk_limits()),
      writer_(endpoint.options),
      gates_(socket_.get_executor(), memory_) {
  boost::system::error_code ignored;  // a broken socket shows when it is read
  const auto local = socket_.local_endpoint(ignored);
  request_.remote_addr_text = address_text(peer.address());
  request_.remote_port_number = peer.port();
  request_.local_addr_text = address_text(local.address());
  request_.local_port_number = local.port();
  shard_.connections.fetch_add(1, std::memory_order_relaxed);
  endpoint_.connections.add(*this);
}

Http11Connection::~Http11Connection() {
  detach();
  shard_.connections.fetch_sub(1, std::memory_order_relaxed);
  endpoint_.connections.remove(*this);
}

Detached Http11Connection::run(std::unique_ptr<Http11Connection> self) {
  Http11Connection& c = *self;
  for (;;) {
    const Need need = c.next();
    if (need.what == Need::kClose) co_return;
    if (need.what == Need::kGates) {
      co_await c.gates_(c.response_);
    } else if (need.what == Need::kYield) {
      co_await c.operation(
          [&c](auto handler) { asio::post(c.socket_.get_executor(), std::move(handler)); });
    } else if (need.what == Need::kRead) {
      c.begin_wait(need);
      const auto [error, size] = co_await c.operation([&](auto handler) {
        c.socket_.async_read_some(asio::buffer(need.room.data(), need.room.size()),
                                  std::move(handler));
      });
      c.end_wait();
      if (error || size == 0) co_return;
      c.buffer_.came(size);
    } else {
      c.begin_wait(need);
      const auto [error, none] = co_await c.operation(
          [&c](auto handler) { c.socket_.async_wait(Socket::wait_write, std::move(handler)); });
      c.end_wait();
      if (error) co_return;
    }
  }
}

void Http11Connection::begin_wait(const Need& need) {
  const bool idle = phase_ == Phase::kHead && !parser_.has_begun();
  waiting_.store(idle ? Waiting::kForRequest : Waiting::kForClient);
  // Whoever stops the connector sets `ends_idle` first and looks at `waiting_` then.
  if (idle && endpoint_.ends_idle.load()) ::shutdown(descriptor_, SHUT_RD);
  if (!need.limit) return;
  if (need.limit->count() > 0) {
    expires_at(coarse_now() + *need.limit);
  } else {
    clear();
  }
}

void Http11Connection::expired() {
  if (waiting_.load() != Waiting::kNo) ::shutdown(descriptor_, SHUT_RDWR);
}

void Http11Connection::end_if_idle() {
  if (waiting_.load() == Waiting::kForRequest) ::shutdown(descriptor_, SHUT_RD);
}

void Http11Connection::break_off() {
  ::shutdown(descriptor_, SHUT_RDWR);
  gates_.give_up();
}

Http11Connection::Need Http11Connection::next() {
  for (;;) {
    switch (phase_) {
      case Phase::kHead: {
        const Outcome outcome = parse();
        if (outcome == Outcome::kMore) return need_head();
        serve(outcome);
        phase_ = Phase::kGates;
        if (!response_.gates().empty()) return {Need::kGates, {}, {}};
        break;
      }
      case Phase::kGates:
        writer_.finish(response_, may_keep_alive());
        phase_ = Phase::kAnswer;
        break;
      case Phase::kAnswer:
        switch (writer_.push()) {
          case ResponseWriter::Progress::kWouldBlock:
            return {Need::kWrite, endpoint_.options.connection_timeout, {}};
          case ResponseWriter::Progress::kBroken:
            return {Need::kClose, {}, {}};
          case ResponseWriter::Progress::kDone:
            phase_ = Phase::kSwallow;
        }
        break;
      case Phase::kSwallow:
        if (!is_swallowed()) {
          return {Need::kRead, endpoint_.options.upload_timeout(), body_.refill_room()};
        }
        end_request();
        if (phase_ == Phase::kHead && ++without_pause_ >= kMostWithoutPause) {
          without_pause_ = 0;
          return {Need::kYield, {}, {}};
        }
        break;
      case Phase::kLinger:
        return need_linger();
    }
  }
}

RequestHeadParser::Outcome Http11Connection::parse() {
  return parser_.parse(buffer_.begin(), buffer_.end());
}

Http11Connection::Need Http11Connection::need_head() {
  const Http11Options& options = endpoint_.options;
  const bool between = requests_ > 0 && !parser_.has_begun();
  without_pause_ = 0;
  return {Need::kRead, between ? options.idle_timeout() : options.connection_timeout,
          buffer_.room()};
}

void Http11Connection::serve(Outcome outcome) {
  ++requests_;
  const Clock& clock = system_clock();
  request_.start_ms = clock.wall_ms();
  request_.start_ns = clock.now().time_since_epoch().count();
  request_.body = &body_;
  request_.connector = &endpoint_.connector;
  request_.secure = endpoint_.options.settings.secure;
  request_.response = &response_;
  response_.request = &request_;
  response_.sink = &writer_;

  const std::optional<Refusal> refusal = examine(outcome);
  refused_ = refusal.has_value();
  response_.head_only = request_.line.method == "HEAD";
  const int most = endpoint_.options.max_keep_alive_requests;
  writer_.start(descriptor_, facts_,
                facts_.keep_alive && !refusal && (most <= 0 || requests_ < most));
  continue_is_owed_ = facts_.expects_continue && !refusal;
  std::function<void()> before_wait;
  if (continue_is_owed_) {
    before_wait = [this] {
      if (std::exchange(continue_is_owed_, false)) writer_.send_continue();
    };
    if (!endpoint_.options.continue_on_read) before_wait();
  }
  body_.start(descriptor_, refusal ? core::RequestLine{} : request_.line,
              endpoint_.options.upload_timeout(), std::move(before_wait));
  run_adapter(refusal);
}

/// Takes the head over into the request, and says why it is refused, if it is.
std::optional<Refusal> Http11Connection::examine(Outcome outcome) {
  RequestHead& head = parser_.head();
  std::optional<Refusal> refusal;
  if (outcome == Outcome::kDone) {
    buffer_.consume(parser_.size());
    refusal = examine_request(head, endpoint_.request_rules, path_scratch_, request_.line, facts_);
  } else {
    request_.line = {};
    request_.line.method = head.method;
    request_.line.uri = head.target;
    request_.line.protocol = head.protocol;
    facts_ = {};
    refusal = parser_.refusal();
  }
  if (request_.line.protocol.empty()) request_.line.protocol = "HTTP/0.9";
  request_.header_fields.swap(head.fields);
  return refusal;
}

void Http11Connection::run_adapter(const std::optional<Refusal>& refusal) {
  if (refusal) {
    log_refusal(*refusal);
    response_.send_error(refusal->status, refusal->message);
  }
  {
    const BusyScope busy;
    endpoint_.adapter.service(request_, response_);
  }
  replace_if_body_failed();
}

/// A broken or late body is the client's fault, whatever the application made of it. Only a form is
/// as in Tomcat: its parameters are missing, attributes tell why, and the answer is the servlet's.
void Http11Connection::replace_if_body_failed() {
  const auto& failure = body_.failure();
  if (!failure || request_.form_failed() || writer_.is_committed()) return;
  const int status = failure->code == Errc::kTimeout ? 408 : 400;
  if (response_.status() == status) return;
  response_.reset();
  response_.set_status(status);
}

bool Http11Connection::may_keep_alive() const {
  return !endpoint_.draining.load(std::memory_order_relaxed) &&
         !(continue_is_owed_ && !body_.is_complete());
}

bool Http11Connection::is_swallowed() {
  if (body_.discard_buffered() || !writer_.keeps_alive()) return true;
  if (endpoint_.options.max_swallow_size < 0) return false;
  const auto limit = static_cast<std::uint64_t>(endpoint_.options.max_swallow_size);
  return body_.outstanding() > limit || body_.discarded() > limit;
}

/// With the time its answer took to leave.
void Http11Connection::count_request() {
  const auto time =
      std::chrono::nanoseconds(system_clock().now().time_since_epoch().count() - request_.start_ns);
  counters_.add({.requests = 1,
                 .errors = response_.status() >= 400 ? 1 : 0,
                 .received = static_cast<std::int64_t>(body_.bytes_read()),
                 .sent = static_cast<std::int64_t>(response_.body_bytes()),
                 .time = time,
                 .longest = time});
}

void Http11Connection::end_request() {
  count_request();
  request_.recycle();
  response_.recycle();
  if (writer_.keeps_alive() && body_.is_complete()) {
    parser_.reset();
    buffer_.compact();
    phase_ = Phase::kHead;
  } else {
    phase_ = Phase::kLinger;
  }
}

/// The client must have read the answer before a reset tells it that its data was not.
Http11Connection::Need Http11Connection::need_linger() {
  if (!refused_ && body_.is_complete() && buffer_.size() == 0) return {Need::kClose, {}, {}};
  const bool first = drained_ == 0;
  if (first) ::shutdown(descriptor_, SHUT_WR);
  drained_ += buffer_.size() + 1;
  if (drained_ > kLingerBytes) return {Need::kClose, {}, {}};
  buffer_.rewind(0);
  Need need{Need::kRead, {}, buffer_.room()};
  if (first) need.limit = kLingerTime;  // for all of it
  return need;
}

}  // namespace serval::connector
