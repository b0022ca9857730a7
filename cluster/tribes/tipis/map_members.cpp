#include "cluster/tribes/tipis/map_members.h"

#include <algorithm>

#include "cluster/tribes/tipis/map_entry.h"

namespace serval::tribes {

const MapMembers::Known* MapMembers::find(const Member& member) const {
  const auto at =
      std::ranges::find_if(all_, [&](const Known& one) { return *one.member == member; });
  return at == all_.end() ? nullptr : &*at;
}

bool MapMembers::alive(const MemberPtr& member, Clock::Time now) {
  for (Known& one : all_) {
    if (*one.member != *member) continue;
    one.last_heard = now;
    return false;
  }
  all_.push_back({member, now});
  return true;
}

bool MapMembers::remove(const Member& member) {
  return std::erase_if(all_, [&](const Known& one) { return *one.member == member; }) > 0;
}

Members MapMembers::all() const {
  Members members;
  for (const Known& one : all_) members.push_back(one.member);
  return members;
}

Members MapMembers::without(const Members& left_out) const {
  Members members = all();
  for (const MemberPtr& one : left_out) erase(members, *one);
  return members;
}

Members MapMembers::rotated() {
  Members members = all();
  if (members.empty()) return members;
  next_ %= members.size();
  std::rotate(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(next_), members.end());
  ++next_;
  return members;
}

Members MapMembers::silent_since(Clock::Time time) const {
  Members members;
  for (const Known& one : all_) {
    if (one.last_heard < time) members.push_back(one.member);
  }
  return members;
}

}  // namespace serval::tribes
