#include "cluster/tribes/interceptors/election.h"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/tribes/serval_peer.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.NonBlockingCoordinator"};
constexpr std::size_t kTokensRemembered = 64;
/// A view that is not the membership for so many heartbeats is not being worked on.
constexpr int kOddBeats = 2;

MemberPtr of_unknown_age(const Member& member) {
  auto learned = std::make_shared<Member>(member);
  learned->alive_ms = kUnknownAge;
  return learned;
}

/// Both in the same order.
bool same(const Members& a, const Members& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return *x == *y; });
}

void remember(std::deque<UniqueId>& ids, const UniqueId& id) {
  if (std::ranges::count(ids, id) > 0) return;
  ids.push_back(id);
  if (ids.size() > kTokensRemembered) ids.pop_front();
}

}  // namespace

void Election::reset() {
  started_ = false;
  members_.clear();
  view_.clear();
  view_id_.reset();
  suggestion_.reset();
  waiting_since_.reset();
  sending_.clear();
  unreachable_.clear();
  unconfirmed_.clear();
  passed_.clear();
  tokens_.clear();
  passes_.clear();
  returned_.clear();
  odd_beats_ = 0;
}

void Election::start() {
  started_ = true;
  if (view_.empty()) view_ = {outside_.local_member()};
  outside_.happened(Type::kStart, "After start");
  start_election(false);
}

Members Election::members() const {
  Members all;
  all.reserve(members_.size());
  for (const Known& known : members_) all.push_back(known.member);
  sort(all);
  return all;
}

Members Election::with_local() const {
  Members all = members();
  all.push_back(outside_.local_member());
  sort(all);
  return all;
}

std::vector<Election::Known>::iterator Election::find(const Member& member) {
  return std::ranges::find_if(members_, [&](const Known& k) { return *k.member == member; });
}

bool Election::knows(const Member& member) const {
  return std::ranges::any_of(members_, [&](const Known& k) { return *k.member == member; });
}

bool Election::is_first() const {
  const MemberPtr local = outside_.local_member();
  return std::ranges::none_of(members_, [&](const Known& known) {
    return in_absolute_order(*known.member, *local, order_);
  });
}

bool Election::is_first_serval() const {
  const MemberPtr local = outside_.local_member();
  return std::ranges::none_of(members_, [&](const Known& known) {
    return is_serval(*known.member) && in_absolute_order(*known.member, *local, order_);
  });
}

bool Election::should_start() const {
  return started_ && !suggestion_ && is_first() && !same(view_, with_local());
}

bool Election::is_coordinator() const { return view_id_ && is_local(*view_.front()); }

/// Whoever listens there answers a probe, whatever id is meant: an old or a next self of a member.
bool Election::place_is_taken(const Member& member) const {
  return same_place(*outside_.local_member(), member) ||
         std::ranges::any_of(members_,
                             [&](const Known& k) { return same_place(*k.member, member); });
}

// --- membership ---

void Election::member_added(const MemberPtr& member) {
  if (is_local(*member)) return;
  // What was learned of a place before the membership knew who is there.
  const auto ghost = std::ranges::find_if(members_, [&](const Known& k) {
    return k.learned && same_place(*k.member, *member) && !(*k.member == *member);
  });
  if (ghost != members_.end()) member_disappeared(MemberPtr(ghost->member));
  const auto known = find(*member);
  const bool fresh = known == members_.end();
  if (fresh) {
    members_.push_back({member});
    outside_.member_added(member);
  } else {
    *known = {member};
  }
  outside_.happened(Type::kMemberAdded, fmt::format("Member add({})", member->name()));
  if (started_) start_election(false);
}

void Election::member_disappeared(const MemberPtr& member) {
  const auto known = find(*member);
  if (known == members_.end()) return;
  members_.erase(known);
  outside_.member_disappeared(member);
  outside_.happened(Type::kMemberGone, fmt::format("Member remove({})", member->name()));
  std::erase_if(unconfirmed_, [&](const MemberPtr& m) { return *m == *member; });
  rescue_tokens(*member);
  if (started_ && (is_coordinator() || is_first())) start_election(true);
}

/// Probes those that nobody but a message told of, and takes what the membership knows besides.
void Election::check_learned(const Members& below) {
  Members doubtful;
  for (const Known& known : members_) {
    if (known.learned && !contains(below, *known.member)) doubtful.push_back(known.member);
  }
  if (!doubtful.empty()) {
    const std::vector<bool> alive = outside_.probe(doubtful);
    for (std::size_t i = 0; i < doubtful.size(); ++i) {
      if (!alive[i]) member_disappeared(doubtful[i]);
    }
  }
  for (const MemberPtr& member : below) {
    if (!knows(*member) && !member->is_shutdown()) member_added(member);
  }
}

// --- election ---

bool Election::is_hopeless(const Suggestion& suggestion) const {
  return clock_.now() - suggestion.since > kPatience ||
         std::ranges::any_of(suggestion.members, [&](const MemberPtr& member) {
           return !is_local(*member) && !knows(*member);
         });
}

void Election::abandon(const char* why) {
  suggestion_.reset();
  outside_.happened(Type::kElectionAbandoned, fmt::format("Election abandoned, {}", why));
}

void Election::start_election(bool force) {
  outside_.happened(Type::kElectionStarted, "Election initiated");
  const MemberPtr local = outside_.local_member();
  if (members_.empty()) {
    suggestion_.reset();
    return install(random_id(), {local});
  }
  if (suggestion_ && is_hopeless(*suggestion_)) abandon("it takes too long or a member is gone");
  if (suggestion_) {
    if (same(view_, suggestion_->members)) return abandon("running election matches view");
    outside_.happened(Type::kElectionAbandoned, "Election abandoned, election running");
    return;
  }
  const Members all = with_local();
  if (same(view_, all)) {
    outside_.happened(Type::kElectionAbandoned, "Election abandoned, view matches membership");
    return;
  }
  if (force || is_local(*all.front())) return begin(all.front());
  waiting_since_ = clock_.now();
  outside_.happened(Type::kWaiting, "Election, waiting for request");
}

void Election::begin(const MemberPtr& leader) {
  const MemberPtr local = outside_.local_member();
  suggestion_ = Suggestion{random_id(), with_local(), clock_.now()};
  outside_.happened(Type::kElectionProcessed, "Election, sending request");
  unreachable_.clear();
  pass_on(
      {leader, local, suggestion_->members, suggestion_->id, CoordinationMessage::Type::kRequest},
      local);
}

void Election::install(const UniqueId& id, Members members) {
  if (!contains(members, *outside_.local_member())) members.push_back(outside_.local_member());
  sort(members);
  view_ = std::move(members);
  view_id_ = id;
  installed_ = clock_.now();
  remember_token(id);
  odd_beats_ = 0;
  unconfirmed_.clear();
  std::erase_if(passed_, [&](const Passed& p) { return p.token.id == id; });
  outside_.happened(Type::kConfirmed, "Accepted View");
}

/// For which a token of this node was made: installed here, told to the others.
void Election::confirm(CoordinationMessage token, Members members) {
  sort(members);
  suggestion_.reset();
  install(token.id, members);
  std::erase_if(members, [&](const MemberPtr& member) { return is_local(*member); });
  if (!members.empty()) send_confirmation(members, token.id, view_);
}

void Election::send_confirmation(const Members& to, const UniqueId& id, const Members& members) {
  const MemberPtr local = outside_.local_member();
  CoordinationMessage message{local, local, members, id, CoordinationMessage::Type::kConfirmation};
  outside_.happened(Type::kMessageSent,
                    fmt::format("Sending confirmation to({})", member_names(to)));
  sending_[++tickets_] = {message, nullptr};
  outside_.send(to, message, tickets_);
}

// --- messages ---

Election::Merged Election::merge(const CoordinationMessage& message) {
  outside_.happened(Type::kBeforeMerge, "Pre merge");
  Members strange, lost;
  for (const MemberPtr& member : message.members) {
    if (is_local(*member) || knows(*member) || contains(strange, *member) ||
        contains(lost, *member)) {
      continue;
    }
    (place_is_taken(*member) || member->is_shutdown() ? lost : strange).push_back(member);
  }
  unreachable_ = lost;
  const std::vector<bool> alive = strange.empty() ? std::vector<bool>() : outside_.probe(strange);
  for (std::size_t i = 0; i < strange.size(); ++i) {
    if (!alive[i] || place_is_taken(*strange[i])) {
      unreachable_.push_back(strange[i]);
      continue;
    }
    const MemberPtr learned = of_unknown_age(*strange[i]);
    members_.push_back({learned, true});
    outside_.member_added(learned);
    outside_.happened(Type::kMemberAdded, fmt::format("Member add({})", strange[i]->name()));
  }
  Merged merged{with_local(), {}};
  merged.all = merged.alive;
  merged.all.insert(merged.all.end(), unreachable_.begin(), unreachable_.end());
  sort(merged.all);
  outside_.happened(Type::kAfterMerge, "Post merge");
  return merged;
}

void Election::end_waiting(const char* why) {
  if (!waiting_since_) return;
  waiting_since_.reset();
  outside_.happened(Type::kElectionAbandoned, fmt::format("Election abandoned, {}", why));
}

void Election::received(CoordinationMessage message) {
  outside_.happened(Type::kMessageArrived,
                    fmt::format("Coord Msg Arrived({})", member_names(message.members)));
  end_waiting("received a message");
  const Merged merged = merge(message);
  if (message.type == CoordinationMessage::Type::kConfirmation) {
    on_confirmation(message, merged);
  } else if (is_local(*message.source)) {
    on_own_token(std::move(message), merged);
  } else {
    on_token(std::move(message), merged);
  }
}

void Election::remember_token(const UniqueId& id) {
  const std::size_t before = tokens_.size();
  const UniqueId oldest = tokens_.empty() ? id : tokens_.front();
  remember(tokens_, id);
  if (before == kTokensRemembered && tokens_.front() != oldest) passes_.erase(oldest);
}

/// Every token of an election passes here before its confirmation can exist, so the order in which
/// tokens came is that of their views. Not for long: after a parting the view of the others may be
/// older than this node's and be the right one.
bool Election::is_stale(const UniqueId& view_id) const {
  if (!view_id_ || clock_.now() - installed_ > kPatience) return false;
  const auto given = std::ranges::find(tokens_, view_id);
  const auto present = std::ranges::find(tokens_, *view_id_);
  return given != tokens_.end() && present != tokens_.end() && given < present;
}

void Election::on_confirmation(const CoordinationMessage& message, const Merged& merged) {
  if (view_id_ == message.id || is_stale(message.id)) return;
  const bool is_mine = suggestion_ && suggestion_->id == message.id;
  const bool by_a_better_one =
      suggestion_ && in_absolute_order(*message.source, *suggestion_->members.front(), order_);
  const bool is_orphan = suggestion_ && in_absolute_order(*suggestion_->members.front(),
                                                          *merged.alive.front(), order_);
  if (is_mine || by_a_better_one || is_orphan) suggestion_.reset();
  install(message.id, message.members);
  if (should_start()) start_election(false);
}

void Election::on_own_token(CoordinationMessage token, const Merged& merged) {
  if (!suggestion_ || suggestion_->id != token.id) return on_stranger(token);
  if (!is_local(*merged.alive.front())) {
    suggestion_.reset();  // a better one will end it
    token.members = merged.all;
    return pass_on(std::move(token), outside_.local_member());
  }
  sort(token.members);
  if (same(token.members, merged.alive) || ++suggestion_->rounds >= kMaxRounds) {
    return confirm(std::move(token), merged.alive);
  }
  suggestion_->members = merged.alive;
  token.members = merged.alive;
  pass_on(std::move(token), outside_.local_member());
}

/// A token that seems to be this node's: of an election that is over, or somebody who takes this
/// node for a Tomcat asks for the view (see ask).
void Election::on_stranger(const CoordinationMessage& token) {
  if (suggestion_ || !is_first() || is_local(*token.leader) || !knows(*token.leader)) return;
  if (should_start()) return start_election(false);
  if (view_id_) send_confirmation({token.leader}, *view_id_, view_);
}

void Election::on_token(CoordinationMessage token, const Merged& merged) {
  remember_token(token.id);
  if (is_local(*token.leader)) return on_token_for_me(token);
  if (std::ranges::count(returned_, token.id) > 0) return;  // it has been here
  if (!contains(merged.alive, *token.source)) return;       // nobody is left to end it
  if (++passes_[token.id] > kMaxPasses) return;
  token.members = merged.all;
  pass_on(std::move(token), outside_.local_member());
  if (should_start()) start_election(false);
}

/// Somebody who does not stand first has started it; all that it says is known here now.
void Election::on_token_for_me(const CoordinationMessage& token) {
  if (!started_) return;
  if (!is_serval(*token.source) && knows(*token.source) &&
      std::ranges::count(returned_, token.id) == 0) {
    // A Tomcat starts no other election before it has seen that this one is not its own any more.
    remember(returned_, token.id);
    CoordinationMessage back = token;
    back.leader = outside_.local_member();
    sending_[++tickets_] = {back, nullptr};
    outside_.send({token.source}, back, tickets_);
  }
  if (suggestion_) return;
  if (!same(view_, with_local())) return start_election(false);
  if (is_serval(*token.source) && view_id_) send_confirmation({token.source}, *view_id_, view_);
}

/// To the next member behind `after` in the token's ring that can be reached.
void Election::pass_on(CoordinationMessage token, const MemberPtr& after) {
  sort(token.members);
  token.leader = token.members.front();
  const Members& ring = token.members;
  const auto at = std::ranges::find_if(ring, [&](const MemberPtr& m) { return *m == *after; });
  const std::size_t begin = at == ring.end() ? 0 : static_cast<std::size_t>(at - ring.begin()) + 1;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const MemberPtr next = ring[(begin + i) % ring.size()];
    if (is_local(*next)) break;
    if (contains(unreachable_, *next)) continue;
    outside_.happened(Type::kMessageSent,
                      fmt::format("Sending election message to({})", next->name()));
    if (!is_local(*token.source)) {
      std::erase_if(passed_, [&](const Passed& p) { return p.token.id == token.id; });
      passed_.push_back({token, next, clock_.now()});
      if (passed_.size() > kTokensRemembered) passed_.pop_front();
    }
    sending_[++tickets_] = {token, next};
    return outside_.send({next}, token, tickets_);
  }
  if (is_local(*token.source)) abandon("no member can be reached");
}

void Election::sent(std::uint64_t ticket, const Members& faulty) {
  auto ended = sending_.extract(ticket);
  if (!ended || faulty.empty()) return;
  Sending& sending = ended.mapped();
  if (sending.to) {
    kLog.warn("Unable to send election message to:[{}]", sending.to->name());
    const bool is_own = is_local(*sending.message.source);
    if (is_own && (!suggestion_ || suggestion_->id != sending.message.id)) return;
    unreachable_.push_back(sending.to);
    pass_on(std::move(sending.message), sending.to);
  } else if (sending.message.type == CoordinationMessage::Type::kConfirmation &&
             view_id_ == sending.message.id) {
    for (const MemberPtr& member : faulty) {
      if (!contains(unconfirmed_, *member)) unconfirmed_.push_back(member);
    }
  }
}

/// A token that went to a member which is gone now may be gone with it. If it is not, it goes round
/// twice, and the second one finds its election over.
void Election::rescue_tokens(const Member& gone) {
  std::deque<Passed> orphans;
  std::erase_if(passed_, [&](const Passed& passed) {
    if (clock_.now() - passed.since > kPatience) return true;
    if (!(*passed.to == gone)) return false;
    orphans.push_back(passed);
    return true;
  });
  for (Passed& one : orphans) {
    unreachable_ = {one.to};
    pass_on(std::move(one.token), one.to);
  }
}

// --- repair ---

/// A Serval coordinator answers with its view. A Tomcat answers nobody, and one whose confirmation
/// did not reach every member waits for its own token for ever, doing nothing: it gets a token that
/// seems to be its own and to have another leader. It gives up waiting, passes it on, and confirms
/// it when it is back.
void Election::ask(const MemberPtr& leader) {
  const MemberPtr local = outside_.local_member();
  const bool answers = is_serval(*leader);
  if (!answers && !is_first_serval()) return;  // one token is enough
  CoordinationMessage token{answers ? leader : local, answers ? local : leader, with_local(),
                            random_id(), CoordinationMessage::Type::kRequest};
  sending_[++tickets_] = {token, nullptr};
  outside_.happened(Type::kMessageSent, fmt::format("Asking for the view({})", leader->name()));
  outside_.send({leader}, token, tickets_);
}

void Election::heard_view_id(const Member& from, const UniqueId& view_id) {
  outside_.happened(Type::kMessageArrived, "Alive Message");
  if (!started_ || view_id_ == view_id || suggestion_ || is_first()) return;
  const Members all = with_local();
  if (*all.front() == from) ask(all.front());
}

void Election::heartbeat(const Members& below) {
  if (!started_) return;
  if (waiting_since_ && clock_.now() - *waiting_since_ > kPatience)
    end_waiting("waiting timed out.");
  if (suggestion_ && is_hopeless(*suggestion_)) abandon("it takes too long or a member is gone");
  check_learned(below);
  check_view();
}

void Election::check_view() {
  const Members all = with_local();
  if (same(view_, all)) {
    odd_beats_ = 0;
    if (suggestion_ || !is_first() || !view_id_) return;
    if (!unconfirmed_.empty()) {
      send_confirmation(std::exchange(unconfirmed_, {}), *view_id_, view_);
    }
    Members relatives = members();
    std::erase_if(relatives, [](const MemberPtr& member) { return !is_serval(*member); });
    if (!relatives.empty()) outside_.send_view_id(relatives, *view_id_);
  } else if (is_first()) {
    outside_.happened(Type::kElectionStarted, "Heartbeat found inconsistency, restart election");
    start_election(true);
  } else if (++odd_beats_ >= kOddBeats && !suggestion_) {
    ask(all.front());
  }
}

}  // namespace serval::tribes
