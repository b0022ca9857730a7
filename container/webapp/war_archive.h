// container/webapp/war_archive.h
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"

namespace serval::core {

/// What a WAR may cost at most.
struct WarLimits {
  std::uint64_t entries = 100'000;
  std::uint64_t entry_bytes = std::uint64_t{4} << 30;
  std::uint64_t total_bytes = std::uint64_t{16} << 30;
  std::size_t name_bytes = 4096;
};

/// A WAR file, open for reading. Every entry's name was checked when it was opened, so none can
/// leave the directory it is extracted to: no "..", no absolute name, no backslash or NUL, no
/// symbolic link or device.
///
/// Errors: kNotFound; kIo (cannot be read or written); kProtocol: not a ZIP file, cut off, damaged,
/// encrypted, an entry that climbs out, over a limit. The message names the WAR and the entry.
/// Threads: one at a time.
/// Source: Tomcat org.apache.catalina.startup.ExpandWar; APPNOTE.TXT of the ZIP format.
class WarArchive {
 public:
  static Result<WarArchive> open(const std::filesystem::path& war, const WarLimits& limits = {});
  WarArchive(WarArchive&&) noexcept;
  ~WarArchive();

  bool contains(std::string_view name) const;
  /// The content of one entry of at most `max_bytes`.
  Result<std::string> read(std::string_view name, std::size_t max_bytes);
  /// Extracts all into `directory`, which is made. Content streams through a small buffer. After a
  /// failure the directory is gone.
  Result<> extract_to(const std::filesystem::path& directory);

 private:
  struct Handle;
  struct Entry {
    std::string name;  // normalised: "WEB-INF/web.xml", no "./", no slash at the end
    std::uint64_t index = 0, size = 0;
    std::int64_t modified = 0;  // seconds since 1970-01-01 UTC; 0 unknown
    bool is_directory = false;
  };
  WarArchive(std::filesystem::path war, const WarLimits& limits, std::unique_ptr<Handle> handle);
  Result<> check_entries();
  Result<Entry> check_entry(std::uint64_t index) const;
  Result<> extract_entry(const Entry& entry, const std::filesystem::path& directory);
  Error problem(std::string_view what) const;

  std::filesystem::path war_;
  WarLimits limits_;
  std::unique_ptr<Handle> handle_;
  std::vector<Entry> entries_;
};

/// The name of a ZIP entry without "." parts and double slashes. Errors: kProtocol with the reason
/// when it is no name inside a directory. An empty result stands for the directory itself.
Result<std::string> normalised_entry_name(std::string_view raw);

}  // namespace serval::core
