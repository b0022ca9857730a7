// container/mapper/mapper.h
#pragma once
#include <atomic>
#include <cstdint>
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

/// How a servlet was found (javax.servlet.http.MappingMatch).
enum class MatchKind { kExact, kPath, kExtension, kDefault, kContextRoot };

/// URL patterns of one Context; immutable once built (container-behaviour 2.4).
///
/// Requires: each pattern stands there once.
/// Threads: any.
class ContextMapping {
 public:
  struct Match {
    Wrapper* wrapper;                           // lives as long as this mapping
    std::string_view servlet_path;              // part of the path given to find()
    std::optional<std::string_view> path_info;  // likewise
    MatchKind kind;
  };
  explicit ContextMapping(std::vector<ServletMapping> mappings);
  /// `path` is relative to the context ("/s/x"; "" is the context itself). All patterns, in the
  /// order of the specification; without welcome files.
  std::optional<Match> find(std::string_view path) const;

  // The steps of find(), for welcome files and the redirect of the context's root.
  std::optional<Match> find_exact_or_prefix(std::string_view path) const;
  std::optional<Match> find_extension(std::string_view path) const;
  std::optional<Match> find_default(std::string_view path) const;

 private:
  const ServletMapping* lookup(const std::vector<ServletMapping>& sorted,
                               std::string_view key) const;

  // Sorted by pattern; prefix_ without "/*", extension_ without "*.".
  std::vector<ServletMapping> exact_, prefix_, extension_;
  std::shared_ptr<Wrapper> default_, root_;
};

/// Host name and path -> Host and Context (container-behaviour 2.1 to 2.3).
///
/// Threads: any. find() waits for nobody: a writer publishes a new table, each thread keeps a
/// reference of its own to the table it used last. So a removed Context object may outlive its
/// removal until every thread has mapped another request; it holds nothing then.
/// Source: Tomcat org.apache.catalina.mapper.Mapper.
class Mapper {
 public:
  struct Version {
    std::string version;  // "" or "2"
    std::shared_ptr<Context> context;
  };
  Mapper();

  void add_host(std::string name, const std::vector<std::string>& aliases, std::shared_ptr<Host> host,
                bool is_default);
  void remove_host(std::string_view name);
  /// Replaces a context of the same path and version. Requires: the host was added.
  void add_context(std::string_view host, std::string path, std::string version,
                   std::shared_ptr<Context> context);
  void remove_context(std::string_view host, std::string_view path, std::string_view version);

  struct Match {
    std::shared_ptr<Host> host;     // null: no such host and no default
    std::string_view context_path;  // of the context found
    /// All versions of the context with the longest matching path, greatest version last.
    std::span<const Version> versions;
    /// The table the views point into. Copies count on a counter of this thread's own, so
    /// shared_ptr{keep_alive, raw pointer} is the cheap way to hold a context or wrapper.
    std::shared_ptr<const void> keep_alive;
  };
  /// Host by name (letters without case, one leading label may be a "*." wildcard), else the
  /// default host; context by longest prefix at a '/' boundary. No context: `versions` is empty.
  Match find(std::string_view host, std::string_view path) const;

 private:
  struct Table;
  std::shared_ptr<const Table> load() const;
  void publish(std::shared_ptr<const Table> table);

  const std::uint64_t id_;  // of this object in the threads' caches
  std::atomic<std::uint64_t> generation_{1};
  mutable std::mutex mutex_;  // guards table_, and writers against each other
  std::shared_ptr<const Table> table_;
};

}  // namespace serval::core
