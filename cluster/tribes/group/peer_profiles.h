#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string_view>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/membership/member_object.h"

namespace serval::tribes {

/// What a Tomcat member is taken for before its own bytes have told it.
struct PeerVersion {
  std::optional<std::int64_t> member_impl_uid;  // nothing: what was seen last from any member
};
/// "auto", or the version of the group's Tomcats ("9.0.70", "10.1.60").
Result<> parse_into(std::string_view text, PeerVersion& version);

/// What has been learned about the generation of each member.
///
/// Threads: any.
class PeerProfiles {
 public:
  explicit PeerProfiles(PeerVersion expected = {}) : expected_(expected) {}

  /// A member of which nothing is known gets the expected version, or what was seen last from any
  /// other.
  Channel::PeerProfile of(const Member& member) const;
  void learn_member_impl_uid(const Member& member, std::int64_t uid);
  void forget(const Member& member);

 private:
  const PeerVersion expected_;
  mutable std::shared_mutex mutex_;
  std::map<UniqueId, std::int64_t> uids_;  // guarded by mutex_
  std::optional<std::int64_t> last_;       // guarded by mutex_
};

}  // namespace serval::tribes
