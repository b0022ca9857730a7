// cluster/ha/deploy/file_assembly.h
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "container/base/clock.h"
#include "container/base/result.h"

namespace serval::ha {

/// One file that arrives in numbered pieces, written straight to its place in a temporary file: no
/// piece is kept in memory and the order does not matter (Tomcat's receivers and senders may
/// reorder them).
///
/// Complete when all pieces are there, or when only the last is missing and the file is a whole
/// ZIP: a Tomcat sender never sends the empty last piece of a file of n x 10240 bytes
/// (ha-messages 13.2). Errors: a piece that does not fit (number, total, size) fails and leaves the
/// assembly as it was. Threads: not thread-safe; the deployer guards it. Source: Tomcat
/// org.apache.catalina.ha.deploy.FileMessageFactory.
class FileAssembly {
 public:
  static constexpr std::uint32_t kPieceSize = 10240;

  /// Creates the file. `total` is the number of pieces.
  static Result<FileAssembly> create(std::filesystem::path file, std::int64_t total,
                                     std::uint64_t max_size, Clock::Time now);
  FileAssembly(FileAssembly&& other) noexcept;
  FileAssembly& operator=(FileAssembly&&) = delete;
  /// Removes the file unless it was released.
  ~FileAssembly();

  /// Writes piece `number` (from 1). Returns whether the file is complete now. A piece that is
  /// there already is ignored.
  Result<bool> write(std::int64_t number, std::int64_t total, std::span<const std::uint8_t> data,
                     Clock::Time now);

  Clock::Time last_write() const { return last_write_; }
  /// Closes the file and hands it over; it is no longer removed.
  std::filesystem::path release();

 private:
  FileAssembly(std::filesystem::path file, int descriptor, std::int64_t total, Clock::Time now);

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::vector<bool> arrived_;
  std::int64_t missing_ = 0;
  Clock::Time last_write_;
};

}  // namespace serval::ha
