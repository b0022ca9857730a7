#include "container/connector/http11_connector.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "container/base/log.h"
#include "container/connector/endpoint.h"
#include "container/connector/listener.h"

namespace serval::connector {
namespace {

const Log kLog{"org.apache.coyote.AbstractProtocol"};
/// What a stop gives a request that is on its way on a connection without one.
constexpr std::chrono::milliseconds kLull{200};

int next_name_index() {
  static std::atomic<int> last{0};
  return ++last;
}

}  // namespace

Http11Connector::Http11Connector(Options options)
    : options_(std::move(options)),
      settings_(options_.settings),
      name_index_(options_.port == 0 ? next_name_index() : 0) {}

Http11Connector::~Http11Connector() { stop(); }

void Http11Connector::set_port_offset(int offset) {
  port_offset_ = offset;
  settings_.redirect_port = options_.settings.redirect_port;
  if (settings_.redirect_port > 0) settings_.redirect_port += offset;
}

std::string Http11Connector::name() const {
  const std::string address = options_.address.empty() ? "" : options_.address + "-";
  if (options_.port != 0) return fmt::format("http-nio-{}{}", address, port());
  const std::string known = local_port_ > 0 ? fmt::format("-{}", local_port_) : "";
  return fmt::format("http-nio-{}auto-{}{}", address, name_index_, known);
}

std::size_t Http11Connector::shards() const {
  const auto most = static_cast<std::size_t>(std::max(1, options_.max_threads));
  return std::min<std::size_t>(std::max(1U, std::thread::hardware_concurrency()), most);
}

Result<> Http11Connector::bind() {
  if (options_.port < 0 || !sockets_.empty()) return {};
  auto bound = bind_sockets(options_, port(), shards());
  if (!bound) {
    return Error{bound.error().code,
                 fmt::format("Protocol handler initialization failed: {}", bound.error().message)};
  }
  sockets_ = *std::move(bound);
  local_port_ = bound_port(sockets_.front());
  return {};
}

Result<> Http11Connector::do_init() {
  kLog.info("Initializing ProtocolHandler [\"{}\"]", name());
  return options_.bind_on_init ? bind() : Result<>{};
}

Result<> Http11Connector::do_start() {
  SERVAL_ASSERT(adapter_, "a connector starts with an adapter");
  if (auto bound = bind(); !bound) return bound;
  kLog.info("Starting ProtocolHandler [\"{}\"]", name());
  paused_ = false;
  endpoint_ = std::make_unique<Endpoint>(options_, *this, *adapter_);
  executor_ = std::make_unique<Executor>(Executor::Options{
      .name = name() + "-exec",
      .shards = shards(),
      .max_threads = static_cast<std::size_t>(std::max(1, options_.max_threads))});
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    endpoint_->shards.emplace_back(executor_->shard(i), executor_->deadlines(i));
  }
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    listeners_.push_back(
        std::make_shared<Listener>(*endpoint_, endpoint_->shards[i], std::move(sockets_[i])));
    listeners_.back()->start();
  }
  sockets_.clear();
  executor_->start();
  return {};
}

void Http11Connector::pause() {
  if (!endpoint_ || paused_) return;
  kLog.info("Pausing ProtocolHandler [\"{}\"]", name());
  paused_ = true;
  limit_ = std::chrono::steady_clock::now() + options_.executor_termination_timeout;
  endpoint_->draining = true;
  std::vector<std::future<void>> closed;
  for (auto& listener : listeners_) closed.push_back(listener->stop());
  endpoint_->connections.release_waiters();
  for (auto& one : closed) one.wait_until(limit_);
}

std::size_t Http11Connector::drain() {
  if (!endpoint_) return 0;
  ConnectionTable& connections = endpoint_->connections;
  const auto left = [this] {
    return std::chrono::ceil<std::chrono::milliseconds>(limit_ - std::chrono::steady_clock::now());
  };
  if (connections.wait_empty(std::min(kLull, left()))) return 0;
  endpoint_->ends_idle = true;
  connections.end_idle();
  connections.wait_empty(left());
  return connections.size();
}

void Http11Connector::do_stop() {
  if (!endpoint_) return;
  pause();
  const std::size_t left = drain();
  kLog.info("Stopping ProtocolHandler [\"{}\"]", name());
  if (left > 0) {
    kLog.warn("{} connections of [\"{}\"] still have a request after {} ms, they are broken off",
              left, name(), options_.executor_termination_timeout.count());
    endpoint_->connections.break_all();
  }
  executor_->stop();
  listeners_.clear();
  executor_.reset();
  endpoint_.reset();
  local_port_ = 0;
}

void Http11Connector::do_destroy() {
  kLog.info("Destroying ProtocolHandler [\"{}\"]", name());
  sockets_.clear();
}

std::size_t Http11Connector::connection_count() const {
  return endpoint_ ? endpoint_->connections.size() : 0;
}
std::size_t Http11Connector::thread_count() const {
  return executor_ ? executor_->thread_count() : 0;
}
std::size_t Http11Connector::busy_count() const { return executor_ ? executor_->busy_count() : 0; }

}  // namespace serval::connector
