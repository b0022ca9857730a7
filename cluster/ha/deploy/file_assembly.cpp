#include "cluster/ha/deploy/file_assembly.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cluster/ha/deploy/war_file.h"

namespace serval::ha {

Result<FileAssembly> FileAssembly::create(std::filesystem::path file, std::int64_t total,
                                          std::uint64_t max_size, Clock::Time now) {
  if (total < 1 || static_cast<std::uint64_t>(total) > max_size / kPieceSize + 1) {
    return Error{Errc::kProtocol, fmt::format("{}: {} pieces announced, limit is {}", file.string(),
                                              total, max_size / kPieceSize + 1)};
  }
  const int descriptor =
      ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (descriptor < 0)
    return Error{Errc::kIo,
                 fmt::format("cannot create {}: {}", file.string(), std::strerror(errno))};
  return FileAssembly(std::move(file), descriptor, total, now);
}

FileAssembly::FileAssembly(std::filesystem::path file, int descriptor, std::int64_t total,
                           Clock::Time now)
    : file_(std::move(file)),
      descriptor_(descriptor),
      arrived_(static_cast<std::size_t>(total)),
      missing_(total),
      last_write_(now) {}

FileAssembly::FileAssembly(FileAssembly&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      arrived_(std::move(other.arrived_)),
      missing_(other.missing_),
      last_write_(other.last_write_) {
  other.file_.clear();
}

FileAssembly::~FileAssembly() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (file_.empty()) return;
  std::error_code already_gone;
  std::filesystem::remove(file_, already_gone);
}

Result<bool> FileAssembly::write(std::int64_t number, std::int64_t total,
                                 std::span<const std::uint8_t> data, Clock::Time now) {
  const auto pieces = static_cast<std::int64_t>(arrived_.size());
  if (total != pieces) {
    return Error{Errc::kProtocol,
                 fmt::format("{}: {} pieces announced, {} before", file_.string(), total, pieces)};
  }
  if (number < 1 || number > pieces) {
    return Error{Errc::kProtocol,
                 fmt::format("{}: piece {} of {}", file_.string(), number, pieces)};
  }
  if (data.size() > kPieceSize || (number < pieces && data.size() != kPieceSize)) {
    return Error{Errc::kProtocol, fmt::format("{}: piece {} of {} has {} bytes", file_.string(),
                                              number, pieces, data.size())};
  }
  const auto index = static_cast<std::size_t>(number - 1);
  if (arrived_[index]) return false;
  std::size_t written = 0;
  while (written < data.size()) {
    const auto at = static_cast<off_t>(index * kPieceSize + written);
    const ssize_t n = ::pwrite(descriptor_, data.data() + written, data.size() - written, at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return Error{Errc::kIo,
                   fmt::format("cannot write {}: {}", file_.string(), std::strerror(errno))};
    written += static_cast<std::size_t>(n);
  }
  arrived_[index] = true;
  --missing_;
  last_write_ = now;
  return missing_ == 0 || (missing_ == 1 && !arrived_.back() && is_complete_zip(file_));
}

std::filesystem::path FileAssembly::release() {
  ::close(std::exchange(descriptor_, -1));
  return std::exchange(file_, {});
}

}  // namespace serval::ha
