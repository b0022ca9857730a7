// tests/support/log_capture.h
#pragma once
#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/log.h"

namespace serval::test {

/// Collects what is logged while it lives, for tests where a log line is the feature.
class LogCapture {
 public:
  explicit LogCapture(Level level = Level::kInfo)
      : lines_(std::make_shared<Lines>(level)), before_(log_router()) {
    set_log_router(lines_);
  }
  ~LogCapture() { set_log_router(before_); }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  /// True if a line "logger: message" contains the text.
  bool contains(std::string_view text) const { return count(text) > 0; }
  std::size_t count(std::string_view text) const {
    const std::lock_guard lock(lines_->mutex);
    return static_cast<std::size_t>(std::ranges::count_if(
        lines_->all, [&](const auto& l) { return l.find(text) != std::string::npos; }));
  }
  std::string text() const {
    const std::lock_guard lock(lines_->mutex);
    std::string joined;
    for (const auto& line : lines_->all) joined += line + "\n";
    return joined;
  }

 private:
  struct Lines final : LogRouter {
    explicit Lines(Level l) : level(l) {}
    Level level_of(std::string_view) const override { return level; }
    void write(const LogRecord& record) override {
      const std::lock_guard lock(mutex);
      all.push_back(std::string(record.logger) + ": " + std::string(record.message));
    }
    const Level level;
    std::mutex mutex;
    std::vector<std::string> all;
  };
  std::shared_ptr<Lines> lines_;
  std::shared_ptr<LogRouter> before_;
};

}  // namespace serval::test
