#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string_view>

#include "cluster/tribes/channel.h"

namespace serval::tribes {

/// The serialVersionUIDs that MemberImpl has had: Tomcat 9; 10.1.40 and 11.0.6 on; 10.1 and 11.0
/// before (tribes-wire 1, P1).
inline constexpr std::array<std::int64_t, 3> kMemberImplUids{
    3323947316117794076, -8901659902996040089, 6004750745337223678};

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
