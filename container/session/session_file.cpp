#include "container/session/session_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "container/serialization/object_reader.h"

namespace serval::core {
namespace fs = std::filesystem;
namespace {

class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  const int fd_;
};

Error failed(const char* what, const fs::path& path) {
  return {errno == ENOENT ? Errc::kNotFound : Errc::kIo,
          fmt::format("{} [{}]: {}", what, path.string(), std::strerror(errno))};
}

}  // namespace

Result<Bytes> read_file_begin(const fs::path& path, std::size_t most) {
  const File file(path, O_RDONLY);
  struct stat facts {};
  if (!file.is_open() || ::fstat(file.fd(), &facts) != 0) return failed("cannot read", path);
  Bytes bytes(std::min(most, static_cast<std::size_t>(facts.st_size)));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file.fd(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("cannot read", path);
    if (count == 0) break;  // somebody makes it shorter
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

Result<Bytes> read_session_file(const fs::path& path) {
  // One byte more than the reader takes, so that it says that the stream is too long.
  return read_file_begin(path, ObjectReader::Options().max_stream + 1);
}

Result<> write_session_file(const fs::path& path, std::span<const std::uint8_t> bytes) {
  static std::atomic<unsigned> next{0};
  const fs::path part = fmt::format("{}.{}-{}.part", path.string(), ::getpid(), ++next);
  {
    const File file(part, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.is_open()) return failed("cannot write", part);
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count = ::write(file.fd(), bytes.data() + done, bytes.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) {
        Error error = failed("cannot write", part);
        ::unlink(part.c_str());
        return error;
      }
      done += static_cast<std::size_t>(count);
    }
  }
  if (::rename(part.c_str(), path.c_str()) == 0) return {};
  Error error = failed("cannot write", path);
  ::unlink(part.c_str());
  return error;
}

}  // namespace serval::core
