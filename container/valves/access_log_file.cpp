#include "container/valves/access_log_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "container/base/log.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.valves.AccessLogValve"};
namespace fs = std::filesystem;

}  // namespace

AccessLogFile::AccessLogFile(fs::path base, std::function<const Options&()> options)
    : base_(std::move(base)), options_(std::move(options)) {
  buffer_.reserve(options_().buffered ? kBufferSize : 0);
}

AccessLogFile::~AccessLogFile() { close(); }

fs::path AccessLogFile::path(bool dated) const {
  const Options& now = options_();
  return base_ / now.directory / (now.prefix + (dated ? date_ : "") + now.suffix);
}

void AccessLogFile::append(std::string_view line, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const Options& now = options_();
  if (const std::int64_t second = now_ms / 1000; second != checked_second_) {
    checked_second_ = second;
    std::error_code error;
    if (fd_ >= 0 && now.check_exists && !fs::exists(opened_, error)) close_file();
    follow_date(now_ms);
    // The name is that of now, whatever is set before the line is written.
    open();
  }
  if (buffer_.size() + line.size() + 1 > kBufferSize) write_out();
  buffer_.append(line).push_back('\n');
  if (!now.buffered) write_out();
}

void AccessLogFile::rotate(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  follow_date(now_ms);
}

std::string AccessLogFile::date_at(std::int64_t now_ms) const {
  return options_().file_date_format.format(
      std::chrono::system_clock::time_point(std::chrono::milliseconds(now_ms)));
}

void AccessLogFile::follow_date(std::int64_t now_ms) {
  const Options& now = options_();
  if (date_.empty()) date_ = date_at(now_ms);
  if (!now.rotatable) return;
  std::string date = date_at(now_ms);
  if (date == date_) return;
  close_file();
  std::error_code error;
  if (now.rename_on_rotate && fs::exists(opened_, error)) {
    const fs::path dated = path(true);
    fs::rename(opened_, dated, error);
    if (error) {
      kLog.error("Failed to rename log file [{}] to [{}] for rotation: {}", opened_.string(),
                 dated.string(), error.message());
    }
  }
  date_ = std::move(date);
}

bool AccessLogFile::rename_to(const fs::path& name, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (!open()) return false;
  close_file();
  std::error_code error;
  fs::rename(opened_, name, error);
  if (error) {
    kLog.error("Failed to rename log file [{}] to [{}]: {}", opened_.string(), name.string(),
               error.message());
  }
  date_ = date_at(now_ms);
  return open();
}

bool AccessLogFile::open() {
  if (fd_ >= 0) return true;
  const Options& now = options_();
  opened_ = path(now.rotatable && !now.rename_on_rotate);
  std::error_code error;
  fs::create_directories(base_ / now.directory, error);
  fd_ = ::open(opened_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd_ < 0 && !reported_) {
    kLog.error("Failed to open access log file [{}]: {}", opened_.string(), std::strerror(errno));
  }
  reported_ = fd_ < 0;
  return fd_ >= 0;
}

void AccessLogFile::write_out() {
  if (buffer_.empty()) return;
  std::string_view rest = open() ? std::string_view(buffer_) : std::string_view();
  while (!rest.empty()) {
    const ssize_t n = ::write(fd_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (!reported_) {
        kLog.error("Failed to write access log file [{}]: {}", opened_.string(),
                   std::strerror(errno));
      }
      reported_ = true;
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  buffer_.clear();
}

void AccessLogFile::close_file() {
  write_out();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void AccessLogFile::flush() {
  const std::lock_guard lock(mutex_);
  write_out();
}

void AccessLogFile::close() {
  const std::lock_guard lock(mutex_);
  close_file();
}

void AccessLogFile::remove_old(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const Options& now = options_();
  if (now.max_days < 0 || !now.rotatable) return;
  using namespace std::chrono;
  const auto oldest = time_point_cast<fs::file_time_type::duration>(
      file_clock::from_sys(system_clock::time_point(milliseconds(now_ms))) -
      hours(24 * now.max_days));
  std::error_code error;
  for (const auto& file : fs::directory_iterator(base_ / now.directory, error)) {
    const std::string name = file.path().filename().string();
    std::error_code gone;  // removed by somebody else meanwhile
    if (name.starts_with(now.prefix) && name.ends_with(now.suffix) && file.path() != opened_ &&
        name.size() > now.prefix.size() + now.suffix.size() && file.is_regular_file(gone) &&
        file.last_write_time(gone) < oldest && !gone) {
      fs::remove(file.path(), gone);
      if (gone) kLog.warn("Failed to delete old access log [{}]: {}", name, gone.message());
    }
  }
}

}  // namespace serval::core
