// container/config/juli.h
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "container/base/log.h"
#include "container/base/result.h"
#include "container/config/juli_config.h"

namespace serval {

/// Logs as Tomcat's JULI does: levels and handlers by logger name, daily files. A record is queued
/// and one thread formats and writes it; when the queue is full records are dropped and counted,
/// and the count is logged, before anybody waits (unless AsyncOverflowDropType is 3).
///
/// Units: the queue holds max_records records and 32 MiB of text at most.
/// Threads: any. Before the process ends, call flush() (or destroy the router): what is queued is
/// lost otherwise. Source: container-behaviour 11; Tomcat org.apache.juli.
class JuliRouter final : public LogRouter {
 public:
  /// With the sinks that the handlers of the configuration ask for.
  explicit JuliRouter(JuliConfig config);
  /// With other sinks, one for each handler.
  JuliRouter(JuliConfig config, std::vector<std::unique_ptr<LogSink>> sinks);
  ~JuliRouter() override;

  /// The level of the logger, or a higher one if none of its handlers lets it through.
  Level level_of(std::string_view logger) const override;
  void write(const LogRecord& record) override;
  /// Waits until everything that was written so far has reached its files.
  void flush() override;
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  struct Route {
    Level level;
    std::vector<std::size_t> handlers;
  };
  struct Item {
    Level level;
    std::chrono::system_clock::time_point time;
    std::string logger, thread, message;
    const Route* route;
    std::size_t bytes() const { return logger.size() + thread.size() + message.size(); }
  };

  const Route& route_of(std::string_view logger) const;
  Route make_route(std::string_view logger) const;
  bool make_room(std::unique_lock<std::mutex>& lock, std::size_t bytes);
  void run();
  void write_to_sinks(const Item& item);
  void report_dropped();

  const JuliConfig config_;
  const std::vector<std::unique_ptr<LogSink>> sinks_;  // used by the writer thread only

  mutable std::shared_mutex routes_mutex_;
  mutable std::map<std::string, Route, std::less<>> routes_;  // rows never move or change

  std::mutex mutex_;
  std::condition_variable work_, progress_;
  std::deque<Item> queue_;
  std::size_t queued_bytes_ = 0;
  std::uint64_t accepted_ = 0, finished_ = 0;
  bool stopping_ = false;
  std::atomic<std::uint64_t> dropped_{0};
  std::uint64_t reported_ = 0;  // writer thread only
  std::string line_;            // writer thread only
  std::thread writer_;
};

struct JuliSetup {
  std::shared_ptr<JuliRouter> router;
  std::vector<std::string> warnings;  // what the file asks for and does not get
};

/// Reads a logging.properties. The caller hands the router to set_log_router() and logs the
/// warnings.
///
/// Errors: kNotFound, kIo: the file; kInvalidArgument: not a properties file.
Result<JuliSetup> load_juli(const std::filesystem::path& path, const Properties& properties);

}  // namespace serval
