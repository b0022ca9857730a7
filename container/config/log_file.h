// container/config/log_file.h
#pragma once
#include <chrono>
#include <cstddef>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>

namespace serval {

/// Where formatted lines end up.
///
/// Threads: the log's writer thread only.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void append(std::chrono::system_clock::time_point time, std::string_view line) = 0;
  /// Hands everything to the operating system.
  virtual void flush() = 0;
};

/// Standard error.
class ConsoleSink final : public LogSink {
 public:
  void append(std::chrono::system_clock::time_point time, std::string_view line) override;
  void flush() override;

 private:
  std::string pending_;
};

/// One file a day, `<directory>/<prefix><yyyy-MM-dd><suffix>`; days change at local midnight by the
/// time of the records. Opened with the first line. Files older than maxDays are deleted when one
/// is opened.
///
/// Units: maxDays in days, 0 and less keep all.
/// Errors: a file that cannot be opened or written is told on standard error once until it works
/// again, and tried again every ten seconds; its lines are lost and counted.
/// Source: Tomcat org.apache.juli.FileHandler.
class RotatingFileSink final : public LogSink {
 public:
  struct Options {
    std::filesystem::path directory;
    std::string prefix = "juli.", suffix = ".log";
    bool rotatable = true;
    int max_days = -1;
  };
  explicit RotatingFileSink(Options options);
  ~RotatingFileSink() override;
  RotatingFileSink(const RotatingFileSink&) = delete;
  RotatingFileSink& operator=(const RotatingFileSink&) = delete;

  void append(std::chrono::system_clock::time_point time, std::string_view line) override;
  void flush() override;
  std::size_t lost_lines() const { return lost_; }

 private:
  bool open_for(std::time_t time);
  void close();
  void complain(std::string_view what);
  void delete_old(const std::string& first_kept) const;

  const Options options_;
  int file_ = -1;
  std::time_t day_end_ = 0;  // records from here on need another file
  std::string pending_;
  std::size_t pending_lines_ = 0, lost_ = 0;
  bool complained_ = false;
  std::chrono::steady_clock::time_point next_try_{};
};

}  // namespace serval
