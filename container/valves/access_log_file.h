// container/valves/access_log_file.h
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "container/config/date_format.h"

namespace serval::core {

/// The file of an access log: lines are collected and written in large pieces; the name changes
/// with the date. What is set while it is open counts for the next line, or, if it is about the
/// name, for the next file.
///
/// Errors: a file that cannot be opened or written is reported once, its lines are lost.
/// Threads: any; close() by the owner after the last append().
/// Source: Tomcat org.apache.catalina.valves.AccessLogValve.
class AccessLogFile {
 public:
  struct Options {
    std::string directory = "logs", prefix = "access_log", suffix;
    DateFormat file_date_format = *DateFormat::parse(".yyyy-MM-dd");
    bool rotatable = true, rename_on_rotate = false, buffered = true, check_exists = false;
    int max_days = -1;  // < 0: keep all
  };
  /// `options` gives those of now; a relative directory is below `base`.
  AccessLogFile(std::filesystem::path base, std::function<const Options&()> options);
  ~AccessLogFile();
  AccessLogFile(const AccessLogFile&) = delete;
  AccessLogFile& operator=(const AccessLogFile&) = delete;

  /// `line` without its end; `now_ms` is the wall clock's.
  void append(std::string_view line, std::int64_t now_ms);
  void flush();
  void close();
  /// Deletes what is older than max_days.
  void remove_old(std::int64_t now_ms);
  /// Begins a new file if the date has changed.
  void rotate(std::int64_t now_ms);
  /// Gives what was written so far another name and begins a new file. False: there is no file.
  bool rename_to(const std::filesystem::path& name, std::int64_t now_ms);

 private:
  static constexpr std::size_t kBufferSize = 128000;

  // All require mutex_.
  std::filesystem::path path(bool dated) const;
  std::string date_at(std::int64_t now_ms) const;
  void follow_date(std::int64_t now_ms);
  bool open();
  void write_out();
  void close_file();

  const std::filesystem::path base_;
  const std::function<const Options&()> options_;
  std::mutex mutex_;  // guards everything below
  std::string date_, buffer_;
  std::filesystem::path opened_;  // where fd_ is
  std::int64_t checked_second_ = -1;
  int fd_ = -1;
  bool reported_ = false;
};

}  // namespace serval::core
