// container/base/log.h
#pragma once
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace serval {

/// Java's levels. debug() is FINE, trace() is FINER, as in Tomcat.
enum class Level : int {
  kAll = 0,
  kFinest,
  kFiner,
  kFine,
  kConfig,
  kInfo,
  kWarning,
  kSevere,
  kOff
};

struct LogRecord {
  Level level;
  std::string_view logger;
  std::string_view thread;  // name of the calling thread
  std::chrono::system_clock::time_point time;
  std::string_view message;
};

/// Decides what is logged and where it goes.
///
/// Threads: level_of() and write() are called from any thread at the same time; write() must not
/// block for long.
class LogRouter {
 public:
  virtual ~LogRouter() = default;
  virtual Level level_of(std::string_view logger) const = 0;
  virtual void write(const LogRecord& record) = 0;
  virtual void flush() {}
};

/// Replaces the router (until then: standard error, INFO, Tomcat's one-line form). Levels of
/// existing loggers follow.
void set_log_router(std::shared_ptr<LogRouter> router);
/// The current router.
std::shared_ptr<LogRouter> log_router();

/// "21-Nov-2026 10:00:00.123 INFO [thread] logger message", without line end (JULI's
/// OneLineFormatter).
std::string one_line(const LogRecord& record);

/// Names the calling thread for the log and for /proc (15 characters there).
void set_thread_name(std::string name);
std::string_view thread_name();

namespace detail {
struct Logger {
  std::string name;
  std::atomic<int> level;
};
Logger& logger(std::string_view name);
void write(const Logger& logger, Level level, std::string_view message);
}  // namespace detail

/// A named logger. Names are Tomcat's Java class names where Tomcat logs the same message,
/// "serval.…" otherwise.
///
/// Cheap to copy; a static const per source file is the usual form. Format strings are checked
/// while compiling. Never log session contents, keys or cookies.
class Log {
 public:
  explicit Log(std::string_view name) : logger_(&detail::logger(name)) {}

  bool enabled(Level level) const {
    return static_cast<int>(level) >= logger_->level.load(std::memory_order_relaxed);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> text, Args&&... args) const {
    write(Level::kSevere, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> text, Args&&... args) const {
    write(Level::kWarning, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> text, Args&&... args) const {
    write(Level::kInfo, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void debug(fmt::format_string<Args...> text, Args&&... args) const {
    write(Level::kFine, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void trace(fmt::format_string<Args...> text, Args&&... args) const {
    write(Level::kFiner, text, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void write(Level level, fmt::format_string<Args...> text, Args&&... args) const {
    if (enabled(level))
      detail::write(*logger_, level, fmt::format(text, std::forward<Args>(args)...));
  }
  detail::Logger* logger_;
};

}  // namespace serval
