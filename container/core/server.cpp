#include "container/core/server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "container/base/log.h"
#include "container/core/shutdown_port.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.core.StandardServer"};
using Time = Clock::Time;

void signal_event(int event) {
  const std::uint64_t one = 1;
  // Only an overflow could fail, and the event is set then.
  static_cast<void>(::write(event, &one, sizeof one));
}

void wait_event(int event, int timeout_ms) {
  pollfd fd{event, POLLIN, 0};
  while (::poll(&fd, 1, timeout_ms) < 0 && errno == EINTR) {
  }
}

bool is_signalled(int event) {
  pollfd fd{event, POLLIN, 0};
  return ::poll(&fd, 1, 0) > 0;
}

/// Runs the ticks that are due in this container and below. Returns when the next one is.
Time run_due(Container& container, Time now) {
  Time next = Time::max();
  if (container.background_processor_delay > 0) {
    const std::chrono::seconds delay(container.background_processor_delay);
    if (container.next_tick == Time{}) container.next_tick = now + delay;
    if (container.next_tick <= now) {
      container.background_process();
      container.next_tick = now + delay;
    }
    next = container.next_tick;
  }
  for (const auto& child : container.children()) next = std::min(next, run_due(*child, now));
  return next;
}

}  // namespace

const char* const kServerInfo = "Serval/0.1.0";

Server::Server(Options options, std::filesystem::path catalina_home,
               std::filesystem::path catalina_base)
    : options_(std::move(options)),
      home_(std::move(catalina_home)),
      base_(std::move(catalina_base)),
      stop_event_(::eventfd(0, EFD_CLOEXEC)),
      background_event_(::eventfd(0, EFD_CLOEXEC)) {
  SERVAL_ASSERT(stop_event_ >= 0 && background_event_ >= 0, "the system has no file handle left");
}

Server::~Server() {
  stop();
  ::close(stop_event_);
  ::close(background_event_);
}

void Server::add_service(std::unique_ptr<Service> service) {
  service->server = this;
  services_.push_back(std::move(service));
}

Result<> Server::do_init() {
  for (const auto& service : services_) {
    if (auto done = service->init(); !done) return done;
  }
  return {};
}

Result<> Server::do_start() {
  for (const auto& service : services_) {
    if (auto done = service->start(); !done) return done;
  }
  std::uint64_t old = 0;
  if (is_signalled(background_event_)) {
    static_cast<void>(::read(background_event_, &old, sizeof old));
  }
  background_ = std::thread([this] { run_background(); });
  return {};
}

void Server::do_stop() {
  if (background_.joinable()) {
    signal_event(background_event_);
    background_.join();
  }
  for (const auto& service : services_) service->stop();
}

void Server::run_background() {
  set_thread_name("Catalina-utility-1");
  using namespace std::chrono_literals;
  Time periodic = system_clock().now() + 10s;
  while (!is_signalled(background_event_)) {
    const Time now = system_clock().now();
    if (periodic <= now) {
      fire("periodic");
      periodic = now + 10s;
    }
    Time next = periodic;
    for (const auto& service : services_) next = std::min(next, run_due(service->engine(), now));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - system_clock().now());
    wait_event(background_event_, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  }
}

void Server::await() {
  if (options_.port < 0) {
    wait_event(stop_event_, -1);
    return;
  }
  const int port = options_.port == 0 ? 0 : options_.port + options_.port_offset;
  ShutdownPort shutdown_port;
  if (auto opened = shutdown_port.open(options_.address, port); !opened) {
    kLog.error(
        "Failed to create server shutdown socket on address [{}] and port [{}] (base port [{}] and "
        "offset [{}]): {}",
        options_.address, port, options_.port, options_.port_offset, opened.error().message);
    return;
  }
  shutdown_port.wait_for(options_.shutdown, stop_event_);
}

void Server::request_stop() { signal_event(stop_event_); }

}  // namespace serval::core
