#pragma once
#include <chrono>
#include <optional>
#include <vector>

#include "cluster/tribes/member.h"
#include "container/base/clock.h"

namespace serval::tribes {

/// Which members are alive, judged only by the records it is told about. No sockets, no clock, no
/// thread.
///
/// Units: times are steady-clock time points; dropTime is milliseconds, default 3000.
/// Errors: none; a record that cannot be decoded never reaches this class (see member_codec.h).
/// Threads: not thread-safe; guarded by the membership service.
/// Source: Tomcat org.apache.catalina.tribes.membership.Membership; tribes-wire 3.4, 3.5.
class MembershipTable {
 public:
  explicit MembershipTable(std::chrono::milliseconds drop_time) : drop_time_(drop_time) {}

  /// The local member is never listed and never expires.
  void set_local(MemberPtr local) { local_ = std::move(local); }

  struct Change {
    MemberPtr added;  // was not known before
    Members gone;     // in the order in which they are to be reported, before `added`
    bool is_news() const { return added || !gone.empty(); }
  };
  /// Records a heartbeat. A member that starts anew on the host and port of an older one takes its
  /// place: the old one is gone, with the shutdown command set. A late record of the old one changes
  /// nothing.
  Change heard_from(Member member, Clock::Time now);
  /// A record with the shutdown command: the member is gone, whether it was known or not.
  Change says_goodbye(Member member);
  /// Removes the members silent for more than dropTime, longest silent first.
  /// Requires: `now` is never earlier than in a previous call.
  Change expire(Clock::Time now);

  /// Longest alive first.
  Members members() const;
  std::size_t size() const { return entries_.size(); }
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    MemberPtr member;
    Clock::Time last_heard;
  };
  std::vector<Entry>::iterator find(const Member& member);
  /// A member that started later is known at the same place.
  bool is_outdated(const Member& member, Clock::Time now) const;
  void sort();

  const std::chrono::milliseconds drop_time_;
  MemberPtr local_;
  std::vector<Entry> entries_;  // sorted
};

}  // namespace serval::tribes
