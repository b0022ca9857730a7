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

AccessLogFile::AccessLogFile(Options options, DateFormat date_format)
    : options_(std::move(options)), date_format_(std::move(date_format)) {
  buffer_.reserve(options_.buffered ? kBufferSize : 0);
}

AccessLogFile::~AccessLogFile() { close(); }

std::string AccessLogFile::date_of(std::int64_t now_ms) const {
  if (!options_.rotatable) return {};
  return date_format_.format(
      std::chrono::system_clock::time_point(std::chrono::milliseconds(now_ms)));
}

fs::path AccessLogFile::dated_path() const {
  return options_.directory / (options_.prefix + date_ + options_.suffix);
}

fs::path AccessLogFile::path() const {
  if (options_.rename_on_rotate) return options_.directory / (options_.prefix + options_.suffix);
  return dated_path();
}

void AccessLogFile::append(std::string_view line, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (const std::int64_t second = now_ms / 1000; second != checked_second_) {
    checked_second_ = second;
    rotate(now_ms);
  }
  if (buffer_.size() + line.size() + 1 > kBufferSize) write_out();
  buffer_.append(line).push_back('\n');
  if (!options_.buffered) write_out();
}

void AccessLogFile::rotate(std::int64_t now_ms) {
  std::string date = date_of(now_ms);
  if (date_.empty()) date_ = date;
  std::error_code error;
  if (fd_ >= 0 && options_.check_exists && !fs::exists(path(), error)) close_file();
  if (date == date_) return;
  close_file();
  if (options_.rename_on_rotate && fs::exists(path(), error)) {
    fs::rename(path(), dated_path(), error);
    if (error) {
      kLog.error("Failed to rename log file [{}] to [{}] for rotation: {}", path().string(),
                 dated_path().string(), error.message());
    }
  }
  date_ = std::move(date);
}

bool AccessLogFile::open() {
  if (fd_ >= 0) return true;
  std::error_code error;
  fs::create_directories(options_.directory, error);
  fd_ = ::open(path().c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd_ < 0 && !reported_) {
    kLog.error("Failed to open access log file [{}]: {}", path().string(), std::strerror(errno));
    reported_ = true;
  }
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
        kLog.error("Failed to write access log file [{}]: {}", path().string(),
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
  if (options_.max_days < 0 || !options_.rotatable) return;
  using namespace std::chrono;
  const auto oldest = time_point_cast<fs::file_time_type::duration>(
      file_clock::from_sys(system_clock::time_point(milliseconds(now_ms))) -
      hours(24 * options_.max_days));
  std::error_code error;
  for (const auto& file : fs::directory_iterator(options_.directory, error)) {
    const std::string name = file.path().filename().string();
    std::error_code gone;  // removed by somebody else meanwhile
    if (name.starts_with(options_.prefix) && name.ends_with(options_.suffix) &&
        name != path().filename().string() &&
        name.size() > options_.prefix.size() + options_.suffix.size() &&
        file.is_regular_file(gone) && file.last_write_time(gone) < oldest && !gone) {
      fs::remove(file.path(), gone);
      if (gone) kLog.warn("Failed to delete old access log [{}]: {}", name, gone.message());
    }
  }
}

}  // namespace serval::core
