#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "container/base/executor.h"
#include "container/resources/default_servlet.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;

struct PutRange {
  std::uint64_t first, last, total;
};

/// "bytes 0-4/10" of a partial PUT. Nothing if it is malformed.
std::optional<PutRange> parse_content_range(std::string_view text) {
  if (!text.starts_with("bytes ")) return std::nullopt;
  text.remove_prefix(6);
  PutRange range{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  const auto number = [&](std::uint64_t& value, char after) {
    const auto [stop, failed] = std::from_chars(at, end, value);
    if (failed != std::errc() || (after ? stop == end || *stop != after : stop != end))
      return false;
    at = stop + (after ? 1 : 0);
    return true;
  };
  if (!number(range.first, '-') || !number(range.last, '/') || !number(range.total, '\0'))
    return std::nullopt;
  if (range.first > range.last || range.last >= range.total) return std::nullopt;
  return range;
}

/// Copies the body to the descriptor. False when the disk does not take it.
bool copy_body(serval::Request& request, int fd) {
  std::array<char, 65536> piece;
  while (const std::size_t n = request.read(piece)) {
    for (std::size_t done = 0; done < n;) {
      const ssize_t w = ::write(fd, piece.data() + done, n - done);
      if (w < 0 && errno == EINTR) continue;
      if (w <= 0) return false;
      done += static_cast<std::size_t>(w);
    }
  }
  return true;
}

/// A file beside the target, gone unless it was renamed to it.
class NewFile {
 public:
  explicit NewFile(const fs::path& target)
      : name_((target.parent_path() / ".put-XXXXXX").string()),
        fd(::mkostemp(name_.data(), O_CLOEXEC)) {}
  ~NewFile() {
    if (fd < 0) return;
    ::close(fd);
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  bool become(const fs::path& target) {
    if (::fchmod(fd, 0644) != 0 || ::rename(name_.c_str(), target.c_str()) != 0) return false;
    name_.clear();
    return true;
  }

 private:
  std::string name_;

 public:
  const int fd;
};

}  // namespace

void DefaultServlet::put(serval::Request& request, serval::Response& response,
                         std::string_view path) {
  const auto target = request.context().real_path(path);
  if (!target || is_protected_path(path)) return response.send_error(404, path);
  const StaticFilePtr old = files_->find(path);
  std::optional<PutRange> range;
  if (const auto header = request.header("Content-Range")) {
    range = parse_content_range(*header);
    if (!range || !options_.allow_partial_put) return response.send_error(400);
  }
  const StaticFilePtr parent = files_->find(path.substr(0, path.rfind('/') + 1));
  if (path.ends_with('/') || (old && old->is_directory) || !parent) return response.send_error(409);
  const BlockingScope blocking;
  NewFile file(*target);
  if (file.fd < 0) return response.send_error(409);
  if (range && old) {
    std::error_code failed;
    fs::copy_file(old->path, fmt::format("/proc/self/fd/{}", file.fd),
                  fs::copy_options::overwrite_existing, failed);
    if (failed) throw ServletException("The old content cannot be copied: " + failed.message());
  }
  if (range && ::lseek(file.fd, static_cast<off_t>(range->first), SEEK_SET) < 0)
    throw ServletException(fmt::format("Cannot write at byte {}", range->first));
  if (!copy_body(request, file.fd) || !file.become(*target))
    throw ServletException(fmt::format("[{}] cannot be written: {}", path, std::strerror(errno)));
  files_->forget(path);
  response.set_status(old ? 204 : 201);
}

void DefaultServlet::remove(serval::Request& request, serval::Response& response,
                            std::string_view path) {
  const StaticFilePtr old = files_->find(path);
  if (!old || path == "/")
    return response.send_error(
        404, fmt::format("The requested resource [{}] is not available", request.request_uri()));
  const BlockingScope blocking;
  std::error_code failed;
  fs::remove(old->path, failed);
  if (failed) return response.send_error(405, "The resource cannot be removed");
  files_->forget(path);
  response.set_status(204);
}

}  // namespace serval::core
