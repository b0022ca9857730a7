// container/resources/static_files.h
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "container/base/clock.h"
#include "container/servlet/serval/context.h"

namespace serval::core {

/// Attributes of <Resources> that static files depend on (config-reference 3.10).
struct ResourceSettings {
  bool caching_allowed = true, allow_linking = false;
  std::uint64_t cache_max_size_kib = 10240, cache_object_max_size_kib = 512;
  std::chrono::milliseconds cache_ttl{5000};
};

/// A file or directory of an application as it was when it was looked at. Constant.
struct StaticFile {
  std::filesystem::path path;
  bool is_directory = false, is_readable = true;
  std::uint64_t length = 0;
  std::int64_t modified_ms = 0;  // since 1970-01-01 UTC
  std::string etag, last_modified;
  std::string content_type;  // empty: unknown
  /// The bytes, if it is small enough to be kept.
  std::optional<std::string> content;
};
using StaticFilePtr = std::shared_ptr<const StaticFile>;

/// Finds the files behind the paths of one application and keeps what is small. A file is looked at
/// again when its entry is older than the TTL; content that a reader holds does not change.
///
/// Errors: none; what cannot be served is not found (null). A file that is there but may not be
/// read is not `is_readable`. Threads: any.
/// Source: Tomcat org.apache.catalina.webresources.Cache, DirResourceSet.
class StaticFiles {
 public:
  struct Options {
    ResourceSettings resources;
    std::uint64_t keep_up_to = std::uint64_t{48} * 1024;  // bytes of one file
    bool strong_etags = false;
    std::string file_encoding;  // charset of text files, empty: none is sent
  };
  StaticFiles(Options options, const ServletContext& context, const Clock& clock = system_clock());

  /// `path` begins with "/" and is normalised. Never anything below WEB-INF or META-INF, nor
  /// (unless allow_linking) what a symbolic link points to.
  StaticFilePtr find(std::string_view path);
  /// After a change of this path: the next find() looks at it again.
  void forget(std::string_view path);
  /// Bytes of content that are kept now.
  std::uint64_t kept_bytes() const { return kept_bytes_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    StaticFilePtr file;
    std::atomic<std::int64_t> checked_ns{0}, used_ns{0};
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::shared_ptr<StaticFile> stat_file(std::string_view path) const;
  bool load(StaticFile& file) const;
  void keep(std::string_view path, StaticFilePtr file, std::int64_t now);
  void make_room();

  const Options options_;
  const ServletContext& context_;
  const Clock& clock_;
  mutable std::shared_mutex mutex_;  // guards entries_
  std::unordered_map<std::string, std::shared_ptr<Entry>, Hash, std::equal_to<>> entries_;
  std::atomic<std::uint64_t> kept_bytes_{0};
};

/// Whether a path lies below WEB-INF or META-INF, letters in any case.
bool is_protected_path(std::string_view path);

}  // namespace serval::core
