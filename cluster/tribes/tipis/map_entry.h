// cluster/tribes/tipis/map_entry.h
#pragma once
#include <algorithm>
#include <chrono>
#include <optional>

#include "cluster/tribes/tipis/map_value.h"
#include "container/base/clock.h"

namespace serval::tribes {

/// The two kinds of map.
enum class MapKind {
  kLazy,  // Tomcat's LazyReplicatedMap: one node has a backup, all others know where it is
  kFull   // Tomcat's ReplicatedMap: every node has a copy
};

enum class MapRole { kPrimary, kBackup, kProxy, kCopy };

/// What claims to an entry are ordered by. The highest one that anybody knows wins everywhere.
struct MapRank {
  MapVersion version;
  UniqueId primary{};
  MapRank() = default;
  MapRank(MapVersion made_at, const MemberPtr& by) : version(made_at) {
    if (by) primary = by->id;
  }
  friend auto operator<=>(const MapRank&, const MapRank&) = default;
};

/// What a node knows of a key.
struct MapEntry {
  MapRole role = MapRole::kProxy;
  MapValuePtr value;  // null on a proxy
  MemberPtr primary;  // null: lost
  Members nodes;      // who has a backup or copy
  /// On the primary node: false from a new claim until it is known who has the backup.
  bool is_settled = true;
  MapVersion version;
  /// Equal for equal contents of the value on all nodes; 0: not known (a Tomcat has it).
  std::uint64_t content = 0;  // of the entry, as its primary node says
  std::uint64_t held = 0;     // of the value that is here
  std::uint64_t sent = 0;     // on the primary node: of what the backup nodes have
  /// Changes were missed: the value has to be fetched before the next one can be applied.
  bool is_stale() const { return value && held != content; }
  /// Since a Tomcat's claim after which the Tomcat may not have the entry any more, or has changed
  /// it without telling (MapCore::is_doubtful). It is asked before anybody uses the entry.
  std::optional<Clock::Time> doubted_since;
  Clock::Time claimed_at{};
  Clock::Time used_at{};  // on the primary node: when a use, not a loss, last raised the version
};

inline void erase(Members& members, const Member& member) {
  std::erase_if(members, [&](const MemberPtr& one) { return *one == member; });
}
inline bool same(const MemberPtr& a, const MemberPtr& b) { return a == b || (a && b && *a == *b); }

}  // namespace serval::tribes
