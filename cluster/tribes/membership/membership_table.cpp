#include "cluster/tribes/membership/membership_table.h"

#include <algorithm>

namespace serval::tribes {
namespace {

MemberPtr with_shutdown(const Member& member) {
  auto leaving = std::make_shared<Member>(member);
  leaving->set_shutdown();
  return leaving;
}

}  // namespace

std::vector<MembershipTable::Entry>::iterator MembershipTable::find(const Member& member) {
  return std::ranges::find_if(entries_, [&](const Entry& e) { return *e.member == member; });
}

void MembershipTable::sort() {
  std::ranges::stable_sort(entries_, std::ranges::greater(),
                           [](const Entry& e) { return e.member->alive_ms; });
}

bool MembershipTable::is_outdated(const Member& member, Clock::Time now) const {
  return std::ranges::any_of(entries_, [&](const Entry& e) {
    using std::chrono::milliseconds;
    const auto ago = std::chrono::duration_cast<milliseconds>(now - e.last_heard).count();
    return same_place(*e.member, member) && member.alive_ms > ago &&
           member.alive_ms - ago > e.member->alive_ms;
  });
}

MembershipTable::Change MembershipTable::heard_from(Member member, Clock::Time now) {
  Change change;
  if (local_ && *local_ == member) return change;
  if (const auto known = find(member); known != entries_.end()) {
    known->last_heard = now;
    if (known->member->alive_ms == member.alive_ms) return change;
    // Only these change while a member lives.
    auto updated = std::make_shared<Member>(*known->member);
    updated->alive_ms = member.alive_ms;
    updated->payload = std::move(member.payload);
    updated->command = std::move(member.command);
    known->member = std::move(updated);
    sort();
    return change;
  }
  if (is_outdated(member, now)) return change;
  std::erase_if(entries_, [&](const Entry& e) {
    const bool replaced = same_place(*e.member, member);
    if (replaced) change.gone.push_back(with_shutdown(*e.member));
    return replaced;
  });
  change.added = std::make_shared<const Member>(std::move(member));
  entries_.push_back({change.added, now});
  sort();
  return change;
}

MembershipTable::Change MembershipTable::says_goodbye(Member member) {
  Change change;
  if (local_ && *local_ == member) return change;
  if (const auto known = find(member); known != entries_.end()) entries_.erase(known);
  change.gone.push_back(std::make_shared<const Member>(std::move(member)));
  return change;
}

MembershipTable::Change MembershipTable::expire(Clock::Time now) {
  std::vector<Entry> silent;
  std::erase_if(entries_, [&](const Entry& e) {
    const bool expired = now - e.last_heard > drop_time_;
    if (expired) silent.push_back(e);
    return expired;
  });
  std::ranges::stable_sort(silent, std::ranges::less(),
                           [](const Entry& e) { return e.last_heard; });
  Change change;
  for (Entry& entry : silent) change.gone.push_back(std::move(entry.member));
  return change;
}

Members MembershipTable::members() const {
  Members all;
  all.reserve(entries_.size());
  for (const Entry& entry : entries_) all.push_back(entry.member);
  return all;
}

}  // namespace serval::tribes
