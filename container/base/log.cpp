#include "container/base/log.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <map>
#include <mutex>

namespace serval {
namespace {

/// Before any configuration was read: standard error, INFO and above.
class StandardErrorRouter final : public LogRouter {
 public:
  Level level_of(std::string_view) const override { return Level::kInfo; }
  void write(const LogRecord& record) override {
    const std::string line = one_line(record) + '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
};

struct Loggers {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<detail::Logger>, std::less<>> by_name;
  std::shared_ptr<LogRouter> router = std::make_shared<StandardErrorRouter>();
};

Loggers& loggers() {
  static auto* const all =
      new Loggers;  // never destroyed: loggers are used until the last thread has ended
  return *all;
}

std::string& own_thread_name() {
  thread_local std::string name = "thread-" + std::to_string(::syscall(SYS_gettid));
  return name;
}

}  // namespace

void set_log_router(std::shared_ptr<LogRouter> router) {
  Loggers& all = loggers();
  const std::lock_guard lock(all.mutex);
  all.router.swap(router);  // the old one ends after the lock: it may have much to write
  for (auto& [name, logger] : all.by_name)
    logger->level = static_cast<int>(all.router->level_of(name));
}

std::shared_ptr<LogRouter> log_router() {
  Loggers& all = loggers();
  const std::lock_guard lock(all.mutex);
  return all.router;
}

std::string one_line(const LogRecord& record) {
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static constexpr std::array kNames{"ALL",  "FINEST",  "FINER",  "FINE", "CONFIG",
                                     "INFO", "WARNING", "SEVERE", "OFF"};
  const auto since_epoch = record.time.time_since_epoch();
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count() % 1000;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(record.time);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return fmt::format("{:02}-{}-{:04} {:02}:{:02}:{:02}.{:03} {} [{}] {} {}", local.tm_mday,
                     kMonths[static_cast<std::size_t>(local.tm_mon)], local.tm_year + 1900,
                     local.tm_hour, local.tm_min, local.tm_sec, millis,
                     kNames[static_cast<std::size_t>(record.level)], record.thread, record.logger,
                     record.message);
}

void set_thread_name(std::string name) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
  own_thread_name() = std::move(name);
}

std::string_view thread_name() { return own_thread_name(); }

detail::Logger& detail::logger(std::string_view name) {
  Loggers& all = loggers();
  const std::lock_guard lock(all.mutex);
  auto it = all.by_name.find(name);
  if (it == all.by_name.end()) {
    auto fresh = std::make_unique<Logger>();
    fresh->name = name;
    fresh->level = static_cast<int>(all.router->level_of(name));
    it = all.by_name.emplace(fresh->name, std::move(fresh)).first;
  }
  return *it->second;
}

void detail::write(const Logger& logger, Level level, std::string_view message) {
  log_router()->write(
      {level, logger.name, thread_name(), std::chrono::system_clock::now(), message});
}

}  // namespace serval
