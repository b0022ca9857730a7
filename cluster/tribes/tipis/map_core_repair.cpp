// What is made good later: what members know that this node does not, entries whose primary node is
// gone, backups that were lost with their node, messages that did not reach a Tomcat.
#include <utility>

#include "cluster/tribes/tipis/map_core.h"

namespace serval::tribes {
namespace {

/// Operations of this kind that are under way at the same time.
constexpr std::size_t kAtOnce = 64;
/// Heartbeats after which a primary node that is no member is taken for lost.
constexpr int kPatience = 2;

}  // namespace

/// Brings the digest up to date, and lets go of keys of which nothing is left to be known.
void MapCore::account() {
  for (Slots::value_type* const place : touched_) {
    const MapKey& key = place->first;
    Slot& slot = place->second;
    slot.is_touched = false;
    if (const std::uint64_t mark = mark_of(slot); mark != slot.mark) {
      digest_.flip(key, std::exchange(slot.mark, mark) ^ mark);
    }
    const bool is_idle = !slot.busy && !slot.stepping && slot.ops.empty();
    const bool is_known = slot.entry || slot.remembered_until > clock_.now();
    if (is_idle && !is_known) slots_.erase(slots_.find(key));
  }
  touched_.clear();
}

/// What all members should agree about: whose the entry is, in a full map also what is in it.
std::uint64_t MapCore::mark_of(const Slot& slot) const {
  if (!slot.entry || !slot.entry->primary) return 0;
  const MapEntry& entry = *slot.entry;
  if (is_mine(entry) && entry.nodes.empty()) return 0;  // nobody else knows it
  StableHash hash = slot.of_key;
  hash.add(entry.version.claim).add(entry.primary->id);
  if (is_full()) hash.add(entry.version.revision).add(entry.held);
  return hash.value();
}

std::uint64_t MapCore::whole_digest() {
  account();
  return digest_.whole();
}

/// Whoever knows something else is asked for it. One after the other: what one tells may be all
/// that the rest know.
void MapCore::catch_up(std::vector<Peer> peers) {
  catching_up_ = false;
  while (!peers.empty()) {
    const Peer peer = std::move(peers.back());
    peers.pop_back();
    if (!is_news(peer)) continue;
    catching_up_ = true;
    return ask_donor({peer.member},
                     [this, peers = std::move(peers)]() mutable { catch_up(std::move(peers)); });
  }
}

/// Tomcats cannot be compared with; their state is asked for when there is reason to.
bool MapCore::is_news(const Peer& peer) {
  if (!members_.has(*peer.member)) return false;
  if (!known_generations_.contains(generation(*peer.member))) return true;
  return is_serval(*peer.member) ? peer.digest != whole_digest()
                                 : unsure_.contains(peer.member->id);
}

void MapCore::lose(const MapKey& key, Slot& slot, const Member& member) {
  MapEntry& entry = *slot.entry;
  const bool is_taker = slot.taker && *slot.taker->member == member;
  if (is_taker) slot.taker.reset();
  if (is_mine(entry)) {
    if (!contains(entry.nodes, member) && !(is_taker && entry.nodes.empty())) return;
    if (!is_full()) return later(key, OpKind::kPublish);
    erase(entry.nodes, member);
    return later(key, OpKind::kRelist);
  }
  if (entry.primary && *entry.primary == member) entry.primary = nullptr;
  if (entry.primary) return;
  const bool orphan = std::ranges::all_of(entry.nodes, [&](const MemberPtr& one) {
    return *one == member || !(members_.has(*one) || is_self(one));
  });
  if (is_heir(entry)) {
    later(key, OpKind::kPromote);
  } else if (entry.role == MapRole::kProxy && orphan) {
    forget(slot);
  }
}

/// Whether it is up to this node to take an entry that has no primary any more, as Tomcats see it.
bool MapCore::is_heir(const MapEntry& entry) const {
  if (!entry.value) return false;
  if (!is_full()) return contains(entry.nodes, *view_.local_member());
  const auto first = std::ranges::find_if(
      entry.nodes, [this](const MemberPtr& one) { return is_self(one) || members_.has(*one); });
  return first != entry.nodes.end() && is_self(*first);
}

void MapCore::later(const MapKey& key, OpKind kind, MemberPtr member) {
  if (state_ == MapState::kDestroyed) return;
  const UniqueId id = member ? member->id : UniqueId();
  if (!is_later_.emplace(key, kind, id).second) return;
  later_.push_back({key, kind, std::move(member)});
}

void MapCore::pump() {
  while (at_work_ < kAtOnce && !later_.empty()) {
    const Later next = std::move(later_.front());
    later_.pop_front();
    is_later_.erase({next.key, next.kind, next.member ? next.member->id : UniqueId()});
    ++at_work_;
    enqueue(next.key, {.kind = next.kind, .member = next.member});
  }
  answer_at_rest();
}

/// Who starts or leaves is answered with nothing under way, or when this node leaves itself; one
/// that starts and waits for long is answered all the same, with the heartbeat.
void MapCore::answer_at_rest() {
  const bool is_idle = state_ == MapState::kDestroyed || (later_.empty() && at_work_ == 0);
  if (is_idle) {
    for (MapReply& one : std::exchange(farewells_, {})) act({}, std::move(one));
  }
  const auto limit = clock_.now() - options_.access_timeout;
  std::erase_if(starting_, [&](Starting& one) {
    const bool is_due = is_idle || one.since < limit;
    if (is_due) act({}, std::move(one.reply));
    return is_due;
  });
}

/// A Serval node that missed something finds out by itself.
void MapCore::missed(const SendReport& report, const MapKey& key) {
  for (const FaultyMember& one : report.faulty) {
    const Member& who = *one.member;
    if (one.remote_process || is_serval(who) || !members_.has(who)) continue;
    auto& [member, keys] = missed_[who.id];
    member = one.member;
    keys.insert(key);
  }
}

void MapCore::tell_missed() {
  for (const auto& [id, about] : std::exchange(missed_, {})) {
    for (const MapKey& key : about.second) later(key, OpKind::kTell, about.first);
  }
}

/// Asks the primary node of an entry in doubt for the value. One that cannot be asked is believed.
/// `done` hears false while the Tomcat may be about to have it.
void MapCore::confirm(const MapKey& key, std::function<void(bool is_sure)> done) {
  Slot* const found = present(key);
  if (!found || !found->entry->doubted_since) return done(true);
  if (!found->entry->primary) {
    found->entry->doubted_since.reset();
    return done(true);
  }
  call({found->entry->primary}, key, retrieval(key), RpcOption::kFirstReply,
       std::min(options_.rpc_timeout, kAnswering),
       [this, key, done = std::move(done)](MapAnswers& answers) {
         Slot* const now = present(key);
         if (now && now->entry->doubted_since) {
           answers.nulls > 0 ? denied(key) : confirmed(key, *now->entry, answers);
         }
         const MapEntry* const known = find(key);
         done(!known || !known->doubted_since);
       });
}

void MapCore::confirmed(const MapKey& key, MapEntry& entry, const MapAnswers& answers) {
  entry.doubted_since.reset();
  const bool is_given = !answers.replies.empty() && answers.replies.front().input.value;
  if (is_given && entry.role == MapRole::kBackup) {
    take_value(key, entry, answers.replies.front().input);
  }
}

/// The primary node says that it has no such entry.
void MapCore::denied(const MapKey& key) {
  const MapEntry& entry = *find(key);
  if (clock_.now() - *entry.doubted_since < kPutting) return;  // asked again with the heartbeat
  notice(key, MapNotice::Kind::kGone, entry.value, MapOwner::Gone::kRemoved);
  remove_everywhere(key, [] {});
}

/// Tells a Tomcat what is to be known of a key.
void MapCore::begin_tell(const MapKey& key, Op op) {
  const MemberPtr to = op.member;
  const Slot& place = slot(key);
  const SendEnd end = [this, key, op = std::move(op)](const SendReport& report) mutable {
    missed(report, key);
    finish(key, op, nullptr);
  };
  if (!members_.has(*to)) return end({});
  if (!place.entry && place.removed) {
    return send({to}, key, removal(key, place), MapSend::Payload::kNone, nullptr, end);
  }
  const MapEntry* const entry = mine(key);
  // An entry without a backup is about to get one, and is told then.
  if (!entry || !entry->value || !is_told(*entry) || entry->nodes.empty()) return end({});
  const bool backup = contains(entry->nodes, *to);
  const auto type = is_full() ? MapMessage::Type::kCopy
                    : backup  ? MapMessage::Type::kBackup
                              : MapMessage::Type::kProxy;
  send_claim({to}, type, key, end);
}

/// Tells the Tomcats who has copies now: the first of those takes over if this node is lost.
void MapCore::begin_relist(const MapKey& key, Op op) {
  const MapEntry* const entry = mine(key);
  if (!entry) return finish(key, op, nullptr);
  Members to = entry->nodes;
  std::erase_if(to, [this](const MemberPtr& one) { return is_serval(*one); });
  send(to, key, about(MapMessage::Type::kNotifyMapMember, key, *entry), MapSend::Payload::kNone,
       nullptr, [this, key, op = std::move(op)](const SendReport& report) mutable {
         missed(report, key);
         finish(key, op, nullptr);
       });
}

void MapCore::sweep() {
  for (auto& place : slots_) {
    if (!place.second.entry) {
      touch(place);  // its time may be over
    } else if (!place.second.busy) {
      is_mine(*place.second.entry) ? sweep_mine(place) : sweep_other(place);
    }
  }
}

void MapCore::sweep_mine(Slots::value_type& place) {
  const auto& [key, slot] = place;
  const MapEntry& entry = *slot.entry;
  const auto lost = std::ranges::find_if(
      entry.nodes, [this](const MemberPtr& one) { return !members_.has(*one); });
  if (lost != entry.nodes.end()) return lose(key, touch(place), Member(**lost));
  const bool is_bare = entry.nodes.empty() && !members_.all().empty() && entry.value;
  if (is_bare && entry.value->is_serializable()) later(key, OpKind::kPublish);
}

void MapCore::sweep_other(Slots::value_type& place) {
  auto& [key, slot] = place;
  const MapEntry& entry = *slot.entry;
  const bool is_lost = !entry.primary || !members_.has(*entry.primary);
  slot.lost_beats = is_lost ? slot.lost_beats + 1 : 0;
  const bool wanted = entry.role != MapRole::kProxy && (!entry.value || entry.is_stale());
  if (!is_lost && wanted) return later(key, OpKind::kFetch);
  if (!is_lost && entry.doubted_since) return later(key, OpKind::kConfirm);
  const bool was_left_to_another = is_lost && slot.taker && is_heir(entry);
  if (slot.lost_beats < kPatience && !was_left_to_another) return;
  // The heir did not come; whoever has the value takes it.
  entry.value ? later(key, OpKind::kPromote) : forget(touch(place));
}

}  // namespace serval::tribes
