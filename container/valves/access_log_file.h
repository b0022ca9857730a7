// container/valves/access_log_file.h
#pragma once
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "container/config/date_format.h"

namespace serval::core {

/// The file of an access log: lines are collected and written in large pieces; the name changes
/// with the date.
///
/// Errors: a file that cannot be opened or written is reported once, its lines are lost.
/// Threads: any; close() by the owner after the last append().
/// Source: Tomcat org.apache.catalina.valves.AccessLogValve.
class AccessLogFile {
 public:
  struct Options {
    std::filesystem::path directory;
    std::string prefix, suffix;
    bool rotatable = true, rename_on_rotate = false, buffered = true, check_exists = false;
    int max_days = -1;  // < 0: keep all
  };
  AccessLogFile(Options options, DateFormat date_format);
  ~AccessLogFile();
  AccessLogFile(const AccessLogFile&) = delete;
  AccessLogFile& operator=(const AccessLogFile&) = delete;

  /// `line` without its end; `now_ms` is the wall clock's.
  void append(std::string_view line, std::int64_t now_ms);
  void flush();
  void close();
  /// Deletes what is older than max_days.
  void remove_old(std::int64_t now_ms);
  std::filesystem::path path() const;

 private:
  static constexpr std::size_t kBufferSize = 128000;

  std::string date_of(std::int64_t now_ms) const;
  std::filesystem::path dated_path() const;
  // The rest requires mutex_.
  void rotate(std::int64_t now_ms);
  bool open();
  void write_out();
  void close_file();

  const Options options_;
  const DateFormat date_format_;
  mutable std::mutex mutex_;  // guards everything below
  std::string date_, buffer_;
  std::int64_t checked_second_ = -1;
  int fd_ = -1;
  bool reported_ = false;
};

}  // namespace serval::core
