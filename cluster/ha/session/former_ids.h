// cluster/ha/session/former_ids.h
#pragma once
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "container/base/clock.h"

namespace serval::ha {

/// Remembers for a moment which id a session had before: after a failover this node renames a
/// session at once, while changes that another node made under the old id are still on their way
/// (asynchronous options). They belong to the renamed session; a real Tomcat loses them.
///
/// Threads: any.
class FormerIds {
 public:
  static constexpr std::chrono::seconds kMaxAge{30};

  explicit FormerIds(const Clock& clock) : clock_(clock) {}

  void renamed(std::string_view old_id, std::string_view new_id);
  /// The id that the session of a former id has now; empty if the id is not a former one.
  std::string current(std::string_view id) const;
  void drop_old();

 private:
  struct Rename {
    std::string new_id;
    Clock::Time since;
  };
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards everything below
  std::unordered_map<std::string, Rename> renames_;
};

}  // namespace serval::ha
