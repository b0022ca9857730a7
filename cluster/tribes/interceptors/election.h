#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cluster/tribes/absolute_order.h"
#include "cluster/tribes/interceptors/coordination_event.h"
#include "cluster/tribes/interceptors/coordination_message.h"
#include "container/base/clock.h"

namespace serval::tribes {

/// What an Election does to the world. None of these calls it back before it has returned.
class ElectionOutside {
 public:
  virtual ~ElectionOutside() = default;
  virtual MemberPtr local_member() const = 0;
  /// Which of the members answer now.
  virtual std::vector<bool> probe(const Members& members) = 0;
  /// The end comes as Election::sent(ticket, ...).
  virtual void send(const Members& to, const CoordinationMessage& message,
                    std::uint64_t ticket) = 0;
  /// Tells Serval members which view they should have. Nobody hears how that ended.
  virtual void send_view_id(const Members& to, const UniqueId& view_id) = 0;
  virtual void member_added(const MemberPtr& member) = 0;
  virtual void member_disappeared(const MemberPtr& member) = 0;
  virtual void happened(CoordinationEvent::Type type, std::string info) = 0;
};

/// Agrees with the other members on a view and, with it, on a coordinator, its first member. No
/// sockets, no thread; messages, membership and time are told.
///
/// Whoever stands first of all members it knows sends a token round the ring of members. Each adds
/// the members that it knows besides; those unknown so far are probed and become members. When the
/// token comes back with nothing new, its starter confirms: all install the view.
///
/// Better than Tomcat's: an election whose token was lost ends after kPatience, or when a member of
/// it goes; a member that disappears with somebody's token does not take it along; members that
/// nodes cannot agree on end a token's rounds after kMaxRounds with its starter's word; a
/// confirmation that comes late does not undo a newer one; one that did not arrive is sent again;
/// Serval members whose view is another than the coordinator's ask for it, and wake a Tomcat that
/// waits for a lost token.
///
/// Units: kPatience is Tomcat's waitForCoordMsgTimeout.
/// Threads: not thread-safe; owned by the event thread.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.NonBlockingCoordinator; tribes-wire
/// 10.10.
class Election {
 public:
  static constexpr std::chrono::seconds kPatience{15};
  static constexpr int kMaxRounds = 8;
  static constexpr int kMaxPasses = 2 * kMaxRounds;  // of one token by one node

  Election(const Clock& clock, ElectionOutside& outside, MemberOrder order)
      : clock_(clock), outside_(outside), order_(order) {}

  /// Forgets everything. Members and messages that come before start() count.
  void reset();
  /// The channel runs: the first election.
  void start();
  void member_added(const MemberPtr& member);
  void member_disappeared(const MemberPtr& member);
  void received(CoordinationMessage message);
  /// The coordinator at `from` has this view.
  void heard_view_id(const Member& from, const UniqueId& view_id);
  /// A send has ended; these members did not get it.
  void sent(std::uint64_t ticket, const Members& faulty);
  /// Looks at what should have happened by now. `below`: the members that the membership knows.
  void heartbeat(const Members& below);

  /// In absolute order, without the local member.
  Members members() const;
  /// In absolute order, with the local member. Empty before the first one.
  const Members& view() const { return view_; }
  const std::optional<UniqueId>& view_id() const { return view_id_; }
  Members suggested_view() const { return suggestion_ ? suggestion_->members : Members(); }
  /// Null without a view.
  MemberPtr coordinator() const { return view_.empty() ? nullptr : view_.front(); }
  /// Nothing is under way here.
  bool is_quiet() const { return !suggestion_ && sending_.empty(); }

 private:
  using Type = CoordinationEvent::Type;
  struct Known {
    MemberPtr member;
    bool learned = false;  // from a message only
  };
  /// My own election.
  struct Suggestion {
    UniqueId id;
    Members members;
    Clock::Time since;
    int rounds = 0;
  };
  struct Merged {
    Members alive;  // with the local member
    Members all;    // and those of the message that are not
  };
  struct Sending {
    CoordinationMessage message;
    MemberPtr to;  // of a token; null for a confirmation
  };
  struct Passed {
    CoordinationMessage token;
    MemberPtr to;
    Clock::Time since;
  };

  void start_election(bool force);
  bool is_hopeless(const Suggestion& suggestion) const;
  void abandon(const char* why);
  void begin(const MemberPtr& leader);
  void install(const UniqueId& id, Members members);
  void confirm(CoordinationMessage token, Members members);
  void send_confirmation(const Members& to, const UniqueId& id, const Members& members);
  void on_confirmation(const CoordinationMessage& message, const Merged& merged);
  void on_own_token(CoordinationMessage token, const Merged& merged);
  void on_stranger(const CoordinationMessage& token);
  void on_token(CoordinationMessage token, const Merged& merged);
  void on_token_for_me(const CoordinationMessage& token);
  void pass_on(CoordinationMessage token, const MemberPtr& after);
  void rescue_tokens(const Member& gone);
  void remember_token(const UniqueId& id);
  void ask(const MemberPtr& leader);
  Merged merge(const CoordinationMessage& message);
  bool is_stale(const UniqueId& view_id) const;
  void end_waiting(const char* why);
  void check_learned(const Members& below);
  void check_view();

  Members with_local() const;
  void sort(Members& members) const { sort_absolutely(members, order_); }
  bool is_first() const;
  bool is_coordinator() const;
  bool is_first_serval() const;
  bool should_start() const;
  bool is_local(const Member& member) const { return *outside_.local_member() == member; }
  bool place_is_taken(const Member& member) const;
  std::vector<Known>::iterator find(const Member& member);
  bool knows(const Member& member) const;

  const Clock& clock_;
  ElectionOutside& outside_;
  const MemberOrder order_;
  bool started_ = false;
  std::vector<Known> members_;
  Members view_;
  std::optional<UniqueId> view_id_;
  Clock::Time installed_{};
  std::optional<Suggestion> suggestion_;
  std::optional<Clock::Time> waiting_since_;
  std::uint64_t tickets_ = 0;
  std::map<std::uint64_t, Sending> sending_;
  Members unreachable_;           // did not answer the last probe
  Members unconfirmed_;           // did not get the confirmation of the present view
  std::deque<Passed> passed_;     // tokens of others that are under way, behind me
  /// How often this node has passed on each token: repeated ones must not multiply.
  std::map<UniqueId, int> passes_;  // of those in tokens_
  std::deque<UniqueId> tokens_;   // seen, oldest first
  std::deque<UniqueId> returned_; // tokens that I gave back
  int odd_beats_ = 0;             // heartbeats with a view that is not the membership
};

}  // namespace serval::tribes
