#include "cluster/tribes/group/peer_profiles.h"

#include <mutex>

#include "cluster/tribes/serval_peer.h"

namespace serval::tribes {

Channel::PeerProfile PeerProfiles::of(const Member& member) const {
  Channel::PeerProfile profile;
  const std::int64_t tomcat9 = profile.member_impl_uid;
  profile.serval = is_serval(member);
  const std::shared_lock lock(mutex_);
  if (const auto it = uids_.find(member.id); it != uids_.end()) {
    profile.member_impl_uid = it->second;
    profile.member_impl_uid_known = true;
  } else if (last_) {
    profile.member_impl_uid = *last_;
  }
  profile.session_notes = !profile.serval && profile.member_impl_uid != tomcat9;
  return profile;
}

void PeerProfiles::learn_member_impl_uid(const Member& member, std::int64_t uid) {
  const std::unique_lock lock(mutex_);
  uids_[member.id] = uid;
  last_ = uid;
}

void PeerProfiles::forget(const Member& member) {
  const std::unique_lock lock(mutex_);
  uids_.erase(member.id);
}

}  // namespace serval::tribes
