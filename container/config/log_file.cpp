#include "container/config/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace serval {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{64} << 10;
constexpr std::size_t kDateLength = 10;  // yyyy-MM-dd

/// All of it, whatever write() takes at a time.
bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string date_of(const std::tm& local) {
  return fmt::format("{:04}-{:02}-{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

std::string date_days_before(const std::tm& today, int days) {
  std::tm then = today;
  then.tm_mday -= days;
  then.tm_hour = 12;  // away from changes of daylight saving
  then.tm_isdst = -1;
  const std::time_t time = std::mktime(&then);
  ::localtime_r(&time, &then);
  return date_of(then);
}

bool is_date(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  return text.size() == kDateLength;
}

}  // namespace

void ConsoleSink::append(std::chrono::system_clock::time_point, std::string_view line) {
  pending_ += line;
  if (pending_.size() >= kFlushBytes) flush();
}

void ConsoleSink::flush() {
  write_all(STDERR_FILENO, pending_);  // nobody is left to be told when standard error is gone
  pending_.clear();
}

RotatingFileSink::RotatingFileSink(Options options) : options_(std::move(options)) {}

RotatingFileSink::~RotatingFileSink() { close(); }

void RotatingFileSink::append(std::chrono::system_clock::time_point time, std::string_view line) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  // A record of yesterday that arrives after midnight goes to today's file.
  if (file_ < 0 || seconds >= day_end_) {
    close();
    if (!open_for(seconds)) {
      ++lost_;
      return;
    }
  }
  pending_ += line;
  ++pending_lines_;
  if (pending_.size() >= kFlushBytes) flush();
}

void RotatingFileSink::flush() {
  if (pending_.empty() || file_ < 0) return;
  if (write_all(file_, pending_)) {
    complained_ = false;
  } else {
    complain("cannot be written");
    lost_ += pending_lines_;
  }
  pending_.clear();
  pending_lines_ = 0;
}

void RotatingFileSink::close() {
  flush();
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

bool RotatingFileSink::open_for(std::time_t time) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_try_) return false;
  std::tm local{};
  ::localtime_r(&time, &local);
  const std::string today = date_of(local);
  std::error_code ec;
  std::filesystem::create_directories(options_.directory, ec);
  const auto path =
      options_.directory /
      fmt::format("{}{}{}", options_.prefix, options_.rotatable ? today : "", options_.suffix);
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0) {
    complain("cannot be opened");
    next_try_ = now + std::chrono::seconds(10);
    return false;
  }
  complained_ = false;
  if (!options_.rotatable) {
    day_end_ = std::numeric_limits<std::time_t>::max();
    return true;
  }
  std::tm midnight = local;
  midnight.tm_hour = midnight.tm_min = midnight.tm_sec = 0;
  midnight.tm_mday += 1;
  midnight.tm_isdst = -1;
  day_end_ = std::mktime(&midnight);
  if (options_.max_days > 0) delete_old(date_days_before(local, options_.max_days));
  return true;
}

void RotatingFileSink::complain(std::string_view what) {
  if (complained_) return;
  complained_ = true;
  const std::string text = fmt::format("serval: log file {}*{} {}: {}\n",
                                       (options_.directory / options_.prefix).string(),
                                       options_.suffix, what, std::strerror(errno));
  write_all(STDERR_FILENO, text);
}

void RotatingFileSink::delete_old(const std::string& first_kept) const {
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(options_.directory, ec)) {
    const std::string name = entry.path().filename().string();
    const std::size_t others = options_.prefix.size() + options_.suffix.size();
    if (name.size() != others + kDateLength || !name.starts_with(options_.prefix) ||
        !name.ends_with(options_.suffix))
      continue;
    const std::string_view date =
        std::string_view(name).substr(options_.prefix.size(), kDateLength);
    std::error_code ignored;  // another process may have deleted it
    if (is_date(date) && date < first_kept) std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace serval
