// container/mapper/mapper.h
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace serval::core {

class Context;
class Host;
class Wrapper;

/// One servlet mapping of a web application.
struct ServletMapping {
  std::string pattern;  // "/s", "/a/*", "*.x", "/", ""
  std::shared_ptr<Wrapper> wrapper;
};

/// URL patterns of one Context; immutable once built (container-behaviour 2.4).
class ContextMapping {
 public:
  struct Match {
    std::shared_ptr<Wrapper> wrapper;
    std::string_view servlet_path;              // part of the path given to find()
    std::optional<std::string_view> path_info;  // likewise
    bool is_default = false;                    // by the "/" pattern
  };
  explicit ContextMapping(std::vector<ServletMapping> mappings);
  /// `path` is relative to the context ("/s/x"). Without welcome files.
  std::optional<Match> find(std::string_view path) const;
  /// Only exact and prefix patterns (first step of welcome files).
  std::optional<Match> find_exact_or_prefix(std::string_view path) const;
  /// Only extension patterns.
  std::optional<Match> find_extension(std::string_view path) const;

 private:
  std::vector<ServletMapping> exact_, prefix_,
      extension_;  // sorted; prefix_ by length, longest first
  std::shared_ptr<Wrapper> default_, root_;
};

/// Host name and path -> Host and Context (container-behaviour 2.1 to 2.3). Read without waiting:
/// writers publish a new table.
///
/// Threads: any.
class Mapper {
 public:
  struct Version {
    std::string version;  // "" or "2"
    std::shared_ptr<Context> context;
  };
  void add_host(std::string name, std::vector<std::string> aliases, std::shared_ptr<Host> host,
                bool is_default);
  void add_context(std::string_view host, std::string path, std::string version,
                   std::shared_ptr<Context> context);
  void remove_context(std::string_view host, std::string_view path, std::string_view version);

  struct Match {
    std::shared_ptr<Host> host;
    std::string_view context_path;
    /// All versions of the context with the longest matching path, greatest version last.
    std::span<const Version> versions;
    std::shared_ptr<const void> keep_alive;  // the table the views point into
  };
  /// Host by name (letters without case, one leading label may be a "*." wildcard), else the
  /// default host; context by longest prefix at a '/' boundary. No context: `versions` is empty.
  Match find(std::string_view host, std::string_view path) const;

 private:
  struct Table;
  std::shared_ptr<const Table> load() const;
  mutable std::mutex mutex_;
  std::shared_ptr<const Table> table_;
};

}  // namespace serval::core
