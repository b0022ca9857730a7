#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>

#include "cluster/tribes/channel.h"

namespace serval::tribes {

/// What has been learned about the generation of each member.
///
/// Threads: any.
class PeerProfiles {
 public:
  /// A member of which nothing is known gets what was seen last from any other.
  Channel::PeerProfile of(const Member& member) const;
  void learn_member_impl_uid(const Member& member, std::int64_t uid);
  void forget(const Member& member);

 private:
  mutable std::shared_mutex mutex_;
  std::map<UniqueId, std::int64_t> uids_;  // guarded by mutex_
  std::optional<std::int64_t> last_;       // guarded by mutex_
};

}  // namespace serval::tribes
