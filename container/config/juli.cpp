#include "container/config/juli.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/base/error.h"

namespace serval {
namespace {

constexpr std::size_t kMaxQueuedBytes = std::size_t{32} << 20;
constexpr std::string_view kOwnLogger = "org.apache.juli.AsyncFileHandler";

std::vector<std::unique_ptr<LogSink>> sinks_of(const JuliConfig& config) {
  std::vector<std::unique_ptr<LogSink>> sinks;
  for (const auto& handler : config.handlers) {
    if (handler.is_console)
      sinks.push_back(std::make_unique<ConsoleSink>());
    else
      sinks.push_back(std::make_unique<RotatingFileSink>(handler.file));
  }
  return sinks;
}

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): the sinks are made before it is moved
JuliRouter::JuliRouter(JuliConfig config) : JuliRouter(config, sinks_of(config)) {}

JuliRouter::JuliRouter(JuliConfig config, std::vector<std::unique_ptr<LogSink>> sinks)
    : config_(std::move(config)), sinks_(std::move(sinks)) {
  SERVAL_ASSERT(config_.handlers.size() == sinks_.size(), "one sink for each log handler");
  writer_ = std::thread([this] { run(); });
}

JuliRouter::~JuliRouter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  progress_.notify_all();
  writer_.join();
}

Level JuliRouter::level_of(std::string_view logger) const {
  const Route& route = route_of(logger);
  Level lowest = Level::kOff;
  for (const std::size_t i : route.handlers) lowest = std::min(lowest, config_.handlers[i].level);
  return std::max(lowest, route.level);
}

const JuliRouter::Route& JuliRouter::route_of(std::string_view logger) const {
  {
    const std::shared_lock lock(routes_mutex_);
    if (const auto it = routes_.find(logger); it != routes_.end()) return it->second;
  }
  Route route = make_route(logger);
  const std::unique_lock lock(routes_mutex_);
  return routes_.try_emplace(std::string(logger), std::move(route)).first->second;
}

JuliRouter::Route JuliRouter::make_route(std::string_view name) const {
  std::optional<Level> level;
  std::vector<std::size_t> handlers;
  bool handlers_end = false;  // a logger with handlers of its own hides those of its parents
  while (true) {
    if (const auto it = config_.loggers.find(name); it != config_.loggers.end()) {
      const JuliConfig::Logger& logger = it->second;
      if (!level) level = logger.level;
      if (!handlers_end && logger.handlers) {
        for (const std::size_t i : *logger.handlers)
          if (std::ranges::find(handlers, i) == handlers.end()) handlers.push_back(i);
        handlers_end = !logger.use_parent_handlers;
      }
    }
    if (name.empty()) break;
    const std::size_t dot = name.rfind('.');
    name = dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
  }
  return {level.value_or(Level::kInfo), std::move(handlers)};
}

void JuliRouter::write(const LogRecord& record) {
  const Route& route = route_of(record.logger);
  const bool wanted =
      record.level >= route.level && std::ranges::any_of(route.handlers, [&](std::size_t i) {
        return record.level >= config_.handlers[i].level;
      });
  if (!wanted) return;
  Item item{record.level,
            record.time,
            std::string(record.logger),
            std::string(record.thread),
            std::string(record.message),
            &route};
  {
    std::unique_lock lock(mutex_);
    if (!make_room(lock, item.bytes())) return;
    queued_bytes_ += item.bytes();
    queue_.push_back(std::move(item));
    ++accepted_;
  }
  work_.notify_one();
}

bool JuliRouter::make_room(std::unique_lock<std::mutex>& lock, std::size_t bytes) {
  using Overflow = JuliConfig::Overflow;
  const auto is_full = [&] {
    return !queue_.empty() &&
           (queue_.size() >= config_.max_records || queued_bytes_ + bytes > kMaxQueuedBytes);
  };
  while (is_full()) {
    if (config_.overflow == Overflow::kWait && !stopping_) {
      progress_.wait(lock);
      continue;
    }
    dropped_.fetch_add(1, std::memory_order_relaxed);
    if (config_.overflow == Overflow::kDropCurrent || stopping_) return false;
    const bool first = config_.overflow == Overflow::kDropFirst;
    queued_bytes_ -= (first ? queue_.front() : queue_.back()).bytes();
    if (first)
      queue_.pop_front();
    else
      queue_.pop_back();
    ++finished_;
  }
  return true;
}

void JuliRouter::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = accepted_;
  progress_.wait(lock, [&] { return finished_ >= target; });
}

void JuliRouter::run() {
  set_thread_name("log-writer");
  std::deque<Item> batch;
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    batch.swap(queue_);
    queued_bytes_ = 0;
    lock.unlock();
    progress_.notify_all();
    for (const Item& item : batch) write_to_sinks(item);
    report_dropped();
    for (const auto& sink : sinks_) sink->flush();
    lock.lock();
    finished_ += batch.size();
    batch.clear();
    progress_.notify_all();
  }
}

void JuliRouter::write_to_sinks(const Item& item) {
  const LogRecord record{item.level, item.logger, item.thread, item.time, item.message};
  for (const std::size_t i : item.route->handlers) {
    if (item.level < config_.handlers[i].level) continue;
    line_.clear();
    config_.handlers[i].formatter(record, line_);
    sinks_[i]->append(item.time, line_);
  }
}

void JuliRouter::report_dropped() {
  const std::uint64_t now = dropped();
  if (now == reported_) return;
  write_to_sinks({Level::kWarning, std::chrono::system_clock::now(), std::string(kOwnLogger),
                  std::string(thread_name()),
                  fmt::format("{} log records were dropped: more than {} (property "
                              "org.apache.juli.AsyncMaxRecordCount) were waiting to be written",
                              now - reported_, config_.max_records),
                  &route_of(kOwnLogger)});
  reported_ = now;
}

Result<JuliSetup> load_juli(const std::filesystem::path& path, const Properties& properties) {
  auto settings = read_java_properties(path);
  if (!settings) return settings.error();
  JuliSetup setup;
  JuliConfig config = read_juli_config(*settings, path.string(), properties, setup.warnings);
  setup.router = std::make_shared<JuliRouter>(std::move(config));
  return setup;
}

}  // namespace serval
