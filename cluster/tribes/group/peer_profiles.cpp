#include "cluster/tribes/group/peer_profiles.h"

#include <array>
#include <mutex>

#include "cluster/tribes/serval_peer.h"
#include "container/base/attribute.h"

namespace serval::tribes {
namespace {

/// The three numbers of "10.1.60". Nothing if it is no such text.
std::optional<std::array<int, 3>> version_numbers(std::string_view text) {
  std::array<int, 3> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto end = i + 1 < numbers.size() ? text.find('.') : text.size();
    if (end == text.npos || !serval::parse_into(text.substr(0, end), numbers[i])) return {};
    if (i + 1 < numbers.size()) text.remove_prefix(end + 1);
  }
  return numbers;
}

}  // namespace

Result<> parse_into(std::string_view text, PeerVersion& version) {
  version = {};
  if (text == "auto") return {};
  const auto [tomcat9, later, early] = kMemberImplUids;
  const auto numbers = version_numbers(text);
  const auto line = numbers ? std::array{(*numbers)[0], (*numbers)[1]} : std::array{0, 0};
  if (line == std::array{9, 0}) {
    version.member_impl_uid = tomcat9;
  } else if (line == std::array{10, 1}) {
    version.member_impl_uid = (*numbers)[2] < 40 ? early : later;
  } else if (line == std::array{11, 0}) {
    version.member_impl_uid = (*numbers)[2] < 6 ? early : later;
  } else {
    return Error{Errc::kInvalidArgument,
                 "use auto or a version of Tomcat 9.0, 10.1 or 11.0 such as 10.1.60"};
  }
  return {};
}

Channel::PeerProfile PeerProfiles::of(const Member& member) const {
  Channel::PeerProfile profile;
  profile.serval = is_serval(member);
  const std::shared_lock lock(mutex_);
  if (const auto it = uids_.find(member.id); it != uids_.end()) {
    profile.member_impl_uid = it->second;
    profile.member_impl_uid_known = true;
  } else if (expected_.member_impl_uid) {
    profile.member_impl_uid = *expected_.member_impl_uid;
    profile.member_impl_uid_known = true;
  } else if (last_) {
    profile.member_impl_uid = *last_;
  }
  profile.session_notes = !profile.serval && profile.member_impl_uid != kMemberImplUids[0];
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
