#include <fmt/format.h>

#include <iterator>
#include <memory>
#include <utility>

#include "cluster/tribes/tipis/map_core.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {
const Log kLog{"org.apache.catalina.tribes.tipis.AbstractReplicatedMap"};
}

/// Every Serval node is waited for, because only those know versions and what was removed; one
/// without the map says so at once. Of the Tomcats the first is enough; those of another generation
/// are asked with the ping after the start.
void MapCore::start(Started done) {
  state_ = MapState::kNew;
  MapMessage init = bare(MapMessage::Type::kInit);
  init.primary = view_.local_member();
  Members servals, tomcats;
  std::ranges::partition_copy(view_.members(), std::back_inserter(servals),
                              std::back_inserter(tomcats),
                              [this](const MemberPtr& one) { return is_serval(*one); });
  const auto left = std::make_shared<int>(2);
  const CallEnd end = [this, left, done = std::move(done)](MapAnswers& answers) {
    if (*left == 0) return;
    if (!may_go_on(answers)) {
      *left = 0;
      return done(false);
    }
    if (--*left == 0) ask_for_state(done);
  };
  call(servals, {}, init, RpcOption::kAllReply, options_.access_timeout, end);
  call(tomcats, {}, init, RpcOption::kFirstReply, options_.rpc_timeout, end);
}

/// False: the map is stopped, or stops because a member could not be reached.
bool MapCore::may_go_on(const MapAnswers& answers) {
  if (state_ == MapState::kDestroyed) return false;
  if (!answers.faulty.empty() && options_.terminate_on_start_failure) {
    leave();
    stop();
    return false;
  }
  for (const MapAnswer& one : answers.replies) member_alive(one.source, Heard::kReply);
  return true;
}

std::string MapCore::generation(const Member& member) const {
  const auto profile = view_.profile(member);
  return profile.serval ? "serval" : std::to_string(profile.member_impl_uid);
}

/// One member of each generation is asked, because Tomcats of different generations do not know
/// each other's entries.
void MapCore::ask_for_state(Started done) {
  std::map<std::string, Members> donors;
  for (const MemberPtr& member : members_.all()) donors[generation(*member)].push_back(member);
  const auto left = std::make_shared<std::size_t>(donors.size());
  const auto end = [this, left, done = std::move(done)] {
    if (*left > 0 && --*left > 0) return;
    if (state_ == MapState::kDestroyed) return done(false);
    state_ = MapState::kStateTransferred;
    announce_start(done);
  };
  if (donors.empty()) return end();
  for (auto& [name, members] : donors) ask_donor(std::move(members), end);
}

/// Asks the first for its state, if it does not answer the next.
void MapCore::ask_donor(Members donors, std::function<void()> done) {
  if (donors.empty() || state_ == MapState::kDestroyed) return done();
  const MemberPtr donor = donors.front();
  donors.erase(donors.begin());
  const bool has_state = state_ == MapState::kInitialized;
  const bool with_values = is_full() && !(has_state && !is_serval(*donor));
  MapMessage message = bare(with_values ? MapMessage::Type::kStateCopy : MapMessage::Type::kState);
  account();
  // The first time everything is asked for, what was removed too: a claim here has to be higher.
  const bool is_first = !known_generations_.contains(generation(*donor));
  if (has_state && is_serval(*donor) && !is_first) message.diff_value = digest_.encode();
  call({donor}, {}, std::move(message), RpcOption::kFirstReply, options_.rpc_timeout,
       [this, is_first, donors = std::move(donors),
        done = std::move(done)](MapAnswers& answers) mutable {
         if (answers.replies.empty()) return ask_donor(std::move(donors), std::move(done));
         for (MapAnswer& one : answers.replies) {
           unsure_.erase(one.source->id);
           known_generations_.insert(generation(*one.source));
           take_state(one.source, one.input.list, is_first);
         }
         done();
       });
}

void MapCore::take_state(const MemberPtr& donor, std::vector<MapInput>& list, bool is_first) {
  const bool is_starting = state_ != MapState::kInitialized;
  for (MapInput& one : list) {
    const MapMessage& said = one.message;
    if (!said.key) continue;
    const MapEntry* const known = find(*said.key);
    if (said.type == MapMessage::Type::kRemove) {
      if (known || is_first) handle_remove(said);
      continue;
    }
    // Without a version nobody can tell which is newer; what is known stays, unless the Tomcat that
    // should be the primary node says that this one is it.
    const bool denied = known && is_self(said.primary) && same(known->primary, donor);
    if (known && known->primary && !said.version && !denied) continue;
    // A primary node that is no member is as good as lost.
    const bool absent = said.primary && !is_self(said.primary) && !members_.has(*said.primary);
    if (is_starting || !absent) handle_claim(donor, one);
  }
}

void MapCore::announce_start(Started done) {
  MapMessage start = bare(MapMessage::Type::kStart);
  start.primary = view_.local_member();
  call(view_.members(), {}, std::move(start), RpcOption::kFirstReply, options_.rpc_timeout,
       [this, done = std::move(done)](MapAnswers& answers) {
         if (!may_go_on(answers)) return done(false);
         state_ = MapState::kInitialized;
         ping();  // what was claimed since the state was given is seen now
         done(true);
       });
}

void MapCore::hand_over() {
  if (members_.all().empty()) return;
  for (const auto& [key, one] : slots_) {
    const bool is_alone = one.entry && is_mine(*one.entry) && one.entry->nodes.empty();
    if (is_alone && one.entry->value) later(key, OpKind::kPublish);
  }
}

bool MapCore::leave() {
  if (state_ == MapState::kDestroyed) return false;
  state_ = MapState::kDestroyed;
  const bool is_asked = std::ranges::any_of(slots_, [this](const auto& place) {
    const auto& entry = place.second.entry;
    return entry && entry->value && !is_mine(*entry);
  });
  MapMessage stop = bare(MapMessage::Type::kStop);
  stop.primary = view_.local_member();
  Members asked, told;
  for (const MemberPtr& one : view_.members()) {
    const auto profile = view_.profile(*one);
    // Who could not read it has no such map.
    if (!profile.serval && !profile.member_impl_uid_known) continue;
    (profile.serval && is_asked ? asked : told).push_back(one);
  }
  call(asked, {}, stop, RpcOption::kAllReply, kLeaving, [](MapAnswers&) {});
  send(told, {}, std::move(stop), MapSend::Payload::kNone, nullptr, [](const SendReport&) {});
  members_.clear();
  later_.clear();
  is_later_.clear();
  starting_.clear();
  missed_.clear();
  init_seen_.clear();
  unsure_.clear();
  known_generations_.clear();
  return is_asked;
}

void MapCore::stop() {
  is_stopped_ = true;
  touched_.clear();
  digest_ = {};
  for (auto& [key, one] : std::exchange(slots_, {})) {
    for (Op& op : one.ops) {
      if (op.kind == OpKind::kGive) act(key, MapReply{op.number, std::nullopt});
      if (op.done) {
        act(key, MapDone{std::move(op.done), nullptr});
      } else {
        --at_work_;
      }
    }
  }
}

void MapCore::member_alive(const MemberPtr& heard, Heard how) {
  if (state_ == MapState::kDestroyed) return;
  Members known = view_.members();
  const auto at = std::ranges::find_if(known, [&](const MemberPtr& one) { return *one == *heard; });
  if (at == known.end()) {
    kLog.debug("[{}] has this map, but is not known as a member", heard->name());
    return;
  }
  const MemberPtr member = *at;
  const auto asked = init_seen_.extract(member->id);
  if (!members_.alive(member, clock_.now())) return;
  lost_.erase(member->id);
  kLog.debug("Member [{}] has this map", member->name());
  if (!is_serval(*member)) {
    // What was claimed while it took its state from somebody; everything, and back, if it did not
    // start but was only out of reach.
    const bool started = how == Heard::kStart && asked;
    tell_everything(member, started ? asked.mapped() : Clock::Time::min());
    if (how == Heard::kReply && state_ == MapState::kInitialized) unsure_.insert(member->id);
  }
  relay_everything(member);
  for (auto& place : slots_) {
    const MapKey& key = place.first;
    MapEntry* const entry = mine(key);
    if (!entry || !entry->value) continue;
    if (entry->nodes.empty()) {
      later(key, OpKind::kPublish);
    } else if (is_full()) {
      entry->nodes.push_back(member);  // from now on it gets what changes
    }
  }
}

/// What this node has; what others have they tell themselves.
void MapCore::tell_everything(const MemberPtr& member, Clock::Time since) {
  for (const auto& [key, one] : slots_) {
    if (one.entry && is_mine(*one.entry) && one.entry->claimed_at >= since) {
      later(key, OpKind::kTell, member);
    }
  }
}

/// One that was lost and is there again may have gone on alone, and one that was there before this
/// node did not hear its start: what both have is compared at once. Others have nothing yet.
void MapCore::member_appeared(const Member& member) {
  const bool was_lost = lost_.erase(member.id) > 0;
  const bool was_first = member.alive_ms > view_.local_member()->alive_ms;
  if ((!was_lost && !was_first) || state_ != MapState::kInitialized) return;
  if (pinging_) {
    is_one_back_ = true;
  } else {
    ping();
  }
}

void MapCore::member_disappeared(const Member& member) { member_lost(member); }

void MapCore::member_lost(const Member& member) {
  init_seen_.erase(member.id);
  missed_.erase(member.id);
  unsure_.erase(member.id);
  if (!members_.remove(member)) return;
  last_loss_ = clock_.now();
  lost_.insert(member.id);
  kLog.debug("Member [{}] does not have this map any more", member.name());
  for (auto& place : slots_) {
    if (place.second.entry) lose(place.first, touch(place), member);
  }
}

void MapCore::heartbeat() {
  if (state_ != MapState::kInitialized) return;
  tell_missed();
  sweep();
  if (!pinging_) ping();
}

void MapCore::ping() {
  pinging_ = true;
  MapMessage message = bare(MapMessage::Type::kPing);
  message.primary = view_.local_member();
  call(view_.members(), {}, std::move(message), RpcOption::kAllReply, options_.access_timeout,
       [this](MapAnswers& answers) {
         pinging_ = false;
         if (state_ != MapState::kInitialized) return;
         pinged(answers);
         if (std::exchange(is_one_back_, false)) ping();
       });
}

void MapCore::pinged(MapAnswers& answers) {
  std::vector<Peer> peers;
  for (const MapAnswer& one : answers.replies) {
    const bool known = members_.has(*one.source);
    const bool ready = one.input.state == MapState::kInitialized;
    const bool coming = one.input.state == MapState::kStateTransferred;
    if (ready || (coming && known)) member_alive(one.source, Heard::kReply);
    if (ready) peers.push_back({one.source, one.input.message.content.value_or(0)});
  }
  for (const FaultyMember& one : answers.faulty) member_lost(*one.member);
  for (const MemberPtr& one : members_.silent_since(clock_.now() - options_.access_timeout)) {
    member_lost(*one);
  }
  if (!catching_up_) catch_up(std::move(peers));
}

}  // namespace serval::tribes
