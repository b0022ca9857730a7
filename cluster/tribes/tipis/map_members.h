// cluster/tribes/tipis/map_members.h
#pragma once
#include <vector>

#include "cluster/tribes/member.h"
#include "container/base/clock.h"

namespace serval::tribes {

/// The members that have this map, and who is to keep the next backup.
///
/// Threads: not thread-safe.
/// Source: Tomcat AbstractReplicatedMap.mapMembers, getNextBackupNode.
class MapMembers {
 public:
  /// True if the member is new. Otherwise it was heard of just now.
  bool alive(const MemberPtr& member, Clock::Time now);
  bool remove(const Member& member);
  bool has(const Member& member) const { return find(member) != nullptr; }
  void clear() { all_.clear(); }

  bool empty() const { return all_.empty(); }
  Members all() const;
  Members without(const Members& left_out) const;
  /// All of them, beginning with another one each time.
  Members rotated();
  /// Those not heard of since.
  Members silent_since(Clock::Time time) const;

 private:
  struct Known {
    MemberPtr member;
    Clock::Time last_heard;
  };
  const Known* find(const Member& member) const;

  std::vector<Known> all_;
  std::size_t next_ = 0;
};

}  // namespace serval::tribes
