#include <utility>

#include "cluster/tribes/tipis/map_core.h"

namespace serval::tribes {
void MapCore::message(const MemberPtr& sender, MapInput input, Held held) {
  if (is_stopped_) return;
  using enum MapMessage::Type;
  const MapMessage& said = input.message;
  switch (said.type) {
    case kBackup:
    case kCopy:
    case kProxy:
    case kAccess:
    case kNotifyMapMember:
      if (!said.key) return;
      if (handle_claim(sender, input) == Verdict::kOlder) correct(sender, *said.key);
      return relay(sender, said, std::move(held));
    case kRemove:
      if (!said.key) return;
      if (handle_remove(said) == Verdict::kOlder) correct(sender, *said.key);
      return relay(sender, said, std::move(held));
    case kStart:
      return member_alive(sender, Heard::kStart);
    case kStop:
      return member_lost(input.message.primary ? *input.message.primary : *sender);
    case kRetrieveBackup:
    case kState:
    case kStateCopy:
    case kInit:
    case kPing:
      return;  // only as requests
  }
}

bool MapCore::is_new_backup(const MapMessage& said) const {
  const bool is_asked = said.type == MapMessage::Type::kBackup && said.key && said.nodes &&
                        contains(*said.nodes, *view_.local_member());
  if (!is_asked) return false;
  const MapEntry* const entry = find(*said.key);
  return !entry || entry->role != MapRole::kBackup || !same(entry->primary, said.primary);
}

void MapCore::request(const MemberPtr& sender, MapInput input, std::uint64_t number) {
  using enum MapMessage::Type;
  MapReply reply{number, std::nullopt};
  const MapKey key = input.message.key.value_or(MapKey());
  switch (input.message.type) {
    case kRetrieveBackup: {
      const MapEntry* const entry = find(key);
      if (entry && !entry->value) return answer_for_another(sender, std::move(input), number);
      if (!entry || !gives_value(*sender, *entry)) break;
      const bool is_taker = !is_serval(*sender) && !is_full();
      const bool is_end = state_ == MapState::kDestroyed;
      if (is_end || (!is_taker && !entry->doubted_since)) {
        return answer_with_value(*sender, key, number);
      }
      ++at_work_;
      return enqueue(key, {.kind = OpKind::kGive, .member = sender, .number = number});
    }
    case kState:
    case kStateCopy: {
      MapInput list = state_list(*sender, input.message);
      list.message = std::move(input.message);
      list.message.diff_value.reset();
      reply.answer = std::move(list);
      break;
    }
    case kPing:
      input.state = state_;
      input.message.primary = view_.local_member();
      input.message.version = MapVersion();
      input.message.content = whole_digest();
      reply.answer = std::move(input);
      break;
    case kInit:
      init_seen_[sender->id] = clock_.now();
      input.message.primary = view_.local_member();
      reply.answer = std::move(input);
      break;
    case kStart:
      member_alive(sender, Heard::kStart);
      input.message.primary = view_.local_member();
      reply.answer = std::move(input);
      if (is_serval(*sender)) break;  // it asks the primary node where there is no backup
      return starting_.push_back({std::move(reply), clock_.now()});
    case kStop:
      member_lost(*sender);
      reply.answer = std::move(input);
      return farewells_.push_back(std::move(reply));
    default:
      break;  // Tomcat answers null too
  }
  act(key, std::move(reply));
}

/// A node that missed changes lets a Serval node ask the primary node instead. A Tomcat does not.
bool MapCore::gives_value(const Member& reader, const MapEntry& entry) const {
  const bool has_better = entry.primary && members_.has(*entry.primary);
  return !(entry.is_stale() && has_better && is_serval(reader));
}

/// The value, if it is here, in the message that asked for it; a Serval node hears too whose it is,
/// and who has its backup, unless that is being decided.
void MapCore::answer_with_value(const Member& reader, const MapKey& key, std::uint64_t number) {
  MapReply reply{number, std::nullopt};
  if (const MapEntry* const entry = find(key); entry && entry->value) {
    MapInput& answer = reply.answer.emplace();
    answer.message =
        is_serval(reader) ? about(MapMessage::Type::kRetrieveBackup, key, *entry) : retrieval(key);
    if (!is_told(*entry)) answer.message.nodes.reset();
    answer.value = entry->value;
  }
  act(key, std::move(reply));
}

/// A Tomcat asks for a value to make itself the primary node. From here to its claim this node must
/// not make that Tomcat its backup: the Tomcat handles both at the same time, in any order, and
/// what it changes may go into a session that it has just replaced.
void MapCore::begin_give(const MapKey& key, Op op) {
  Slot* const found = present(key);
  if (found && found->entry->doubted_since) {
    return confirm(key, [this, key, op](bool is_sure) mutable {
      if (is_sure) return begin_give(key, std::move(op));
      act(key, MapReply{op.number, std::nullopt});
      finish(key, op, nullptr);
    });
  }
  const SendEnd give = [this, key, op](const SendReport& report) mutable {
    missed(report, key);
    answer_with_value(*op.member, key, op.number);
    finish(key, op, nullptr);
  };
  if (!found || is_serval(*op.member)) return give({});
  MapEntry& entry = *found->entry;
  found->taker = {op.member, clock_.now()};
  if (!is_mine(entry) || !contains(entry.nodes, *op.member)) return give({});
  // It asked before it was made the backup. It will name those as backup whom it knows as that when
  // it has the answer, so it has to be this node again.
  entry.nodes.clear();
  MapMessage message = about(MapMessage::Type::kProxy, key, entry);
  message.nodes = Members{view_.local_member()};
  send({op.member}, key, std::move(message), MapSend::Payload::kNone, nullptr, give);
}

bool MapCore::is_being_taken(const Slot& slot) const {
  return slot.taker && clock_.now() - slot.taker->since < kTaking;
}

/// Whether others may hear of it. An entry whose publication is under way is told to all then; one
/// that no JVM could read stays here.
bool MapCore::is_told(const MapEntry& entry) const {
  if (!is_mine(entry)) return true;
  const bool is_bare = entry.nodes.empty();
  return entry.is_settled && !(is_bare && entry.value && !entry.value->is_serializable());
}

/// Everything, or, for a Serval node that sent its digest, what is in the buckets that differ; such
/// a node also hears what was removed.
MapInput MapCore::state_list(const Member& reader, const MapMessage& asked) const {
  using enum MapMessage::Type;
  const bool with_values = asked.type == kStateCopy;
  const bool serval = is_serval(reader);
  const auto theirs = asked.diff_value ? MapDigest::decode(*asked.diff_value) : std::nullopt;
  MapInput input;
  if (state_ == MapState::kDestroyed) return input;
  for (const auto& [key, one] : slots_) {
    if (theirs && digest_.agrees_about(key, *theirs)) continue;
    if (!one.entry) {
      if (serval && one.removed) input.list.push_back({removal(key, one), nullptr, {}, {}});
      continue;
    }
    const MapEntry& entry = *one.entry;
    if (!is_told(entry) || (with_values && !serval && !entry.value)) continue;
    MapMessage message = about(with_values ? kCopy : kProxy, key, entry);
    message.nodes = nodes_for(reader, entry);
    const bool value = with_values && !entry.is_stale();
    input.list.push_back({std::move(message), value ? entry.value : nullptr, {}, {}});
  }
  return input;
}

void MapCore::left_over(const MemberPtr& sender, const MapInput& input) {
  if (state_ == MapState::kDestroyed) return;
  using enum MapMessage::Type;
  const auto type = input.message.type;
  const bool available = type == kPing && input.state == MapState::kInitialized;
  if (type == kStart || type == kInit || available) member_alive(sender, Heard::kReply);
}

MapCore::Verdict MapCore::judge(const Slot& slot, const MapMessage& message) const {
  const MapRank said(message.version.value_or(MapVersion()), message.primary);
  if (!slot.entry) {
    const bool is_removed = slot.removed && slot.remembered_until > clock_.now();
    const bool is_lower = message.version && is_removed && said <= slot.removed->rank();
    return is_lower ? Verdict::kOlder : Verdict::kNewer;
  }
  const MapEntry& known = *slot.entry;
  if (!message.primary && known.primary) return Verdict::kOlder;  // its sender knows less
  if (!message.version) return Verdict::kNewer;
  const MapRank rank(known.version, known.primary);
  return said == rank ? Verdict::kSame : said > rank ? Verdict::kNewer : Verdict::kOlder;
}

MapCore::Verdict MapCore::handle_claim(const MemberPtr& sender, const MapInput& input) {
  const MapMessage& message = input.message;
  const MapKey& key = *message.key;
  Slot& place = slot(key);
  const Verdict verdict = judge(place, message);
  if (verdict == Verdict::kOlder) return verdict;
  if (verdict == Verdict::kSame) {
    repeat(sender, key, *place.entry, input);
    return verdict;
  }
  const bool says_mine = is_self(message.primary);
  if (says_mine && place.entry && is_mine(*place.entry)) {
    // A claim that this node did not make: a Tomcat's word, to which somebody gave a version.
    place.highest = std::max(place.highest, message.version.value_or(MapVersion()));
    if (message.version) later(key, OpKind::kPublish);
    return verdict;
  }
  const bool crosses = place.entry && is_mine(*place.entry) && place.busy && !message.version;
  if (crosses) unsure_.insert(sender->id);
  const bool is_doubted = is_doubtful(place, input);
  if (!place.entry) place.entry.emplace().version = place.highest;
  place.lost_beats = 0;
  place.taker.reset();
  MapEntry& entry = *place.entry;
  if (message.version || !same(entry.primary, message.primary)) entry.doubted_since.reset();
  if (is_doubted) entry.doubted_since = clock_.now();
  adopt(entry, message);
  place.highest = std::max(place.highest, entry.version);
  // The others take this node for the primary one, which it is not (any more): it has to be.
  if (says_mine) later(key, OpKind::kAdopt);
  settle(key, entry, input);
  return verdict;
}

/// A claim that is known already. Only the primary node itself can add to it.
void MapCore::repeat(const MemberPtr& sender, const MapKey& key, MapEntry& entry,
                     const MapInput& input) {
  const MapMessage& message = input.message;
  if (is_mine(entry)) return;
  if (same(sender, entry.primary)) {
    entry.nodes = message.nodes.value_or(Members());
    entry.content = message.content.value_or(0);
    return settle(key, entry, input);
  }
  const bool wanted = entry.role != MapRole::kProxy && (!entry.value || entry.is_stale());
  if (!wanted) return;
  if (input.value && message.base == entry.content) return take_value(key, entry, input);
  later(key, OpKind::kFetch);
}

/// Who has the entry, and how new that is. A claim without a version counts as a new one when it
/// names another primary node.
void MapCore::adopt(MapEntry& entry, const MapMessage& message) {
  if (!message.version && !same(entry.primary, message.primary)) {
    entry.version = {entry.version.claim + 1, 0};
  }
  if (message.version) entry.version = *message.version;
  entry.content = message.content.value_or(0);
  if (!message.content) entry.held = 0;
  entry.primary = is_self(message.primary) ? nullptr : message.primary;
  entry.nodes = message.nodes.value_or(Members());
}

/// A Tomcat that loses a member goes through its entries and publishes those that it has to. One
/// that is removed meanwhile is published all the same, and then nobody has it. One that changes
/// meanwhile goes out as it was before; the change is sent to the lost member.
bool MapCore::is_doubtful(const Slot& known, const MapInput& input) const {
  const MapMessage& message = input.message;
  if (message.version || is_full()) return false;
  if (!known.entry) return known.removed.has_value();
  const bool is_same = known.entry->primary && same(known.entry->primary, message.primary);
  return is_same && known.entry->role == MapRole::kProxy && input.value;
}

/// The place of this node, after a message told who has the entry.
void MapCore::settle(const MapKey& key, MapEntry& entry, const MapInput& input) {
  using enum MapMessage::Type;
  const MapMessage& message = input.message;
  if (!is_full() && !contains(entry.nodes, *view_.local_member())) return demote(key, entry);
  const bool was_mine = is_mine(entry);
  entry.role = is_full() ? MapRole::kCopy : MapRole::kBackup;
  if (message.diff) return take_diff(key, entry, message);
  if (input.value) return take_value(key, entry, input);
  if (!entry.value || entry.is_stale()) return later(key, OpKind::kFetch);
  if (was_mine) return notice(key, MapNotice::Kind::kArrived, entry.value);
  const bool used = message.type == kAccess || message.type == kNotifyMapMember;
  if (used) notice(key, MapNotice::Kind::kAccess, entry.value);
}

void MapCore::demote(const MapKey& key, MapEntry& entry) {
  notice(key, MapNotice::Kind::kGone, std::exchange(entry.value, nullptr), MapOwner::Gone::kMoved);
  entry.role = MapRole::kProxy;
}

void MapCore::take_value(const MapKey& key, MapEntry& entry, const MapInput& input) {
  entry.held = input.message.base.value_or(0);
  notice(key, MapNotice::Kind::kGone, std::exchange(entry.value, input.value),
         MapOwner::Gone::kReplaced);
  notice(key, MapNotice::Kind::kArrived, entry.value);
}

/// A Tomcat's difference is taken as it comes; a Serval node says to which content it belongs.
void MapCore::take_diff(const MapKey& key, MapEntry& entry, const MapMessage& message) {
  // The content may have come already with the whole value; but a difference holds all that changed
  // until it was made, which may be more.
  const bool fits = !message.version || entry.held == message.base || entry.held == message.content;
  if (!entry.value || !message.diff_value || !fits) return later(key, OpKind::kFetch);
  entry.held = entry.content;
  notice(key, MapNotice::Kind::kApplyDiff, entry.value, {}, *message.diff_value);
}

MapCore::Verdict MapCore::handle_remove(const MapMessage& message) {
  Slot& place = slot(*message.key);
  Slot::Removal known = place.removed.value_or(Slot::Removal());
  if (place.entry) known = {place.entry->version, place.entry->primary};
  // A Tomcat's, which has no version, removes whatever is known.
  const auto removal = message.version ? Slot::Removal{*message.version, message.primary} : known;
  if (removal.rank() < known.rank()) return Verdict::kOlder;
  if (place.entry) {
    notice(*message.key, MapNotice::Kind::kGone, place.entry->value, MapOwner::Gone::kRemoved);
  }
  bury(place, removal);
  return Verdict::kNewer;
}

void MapCore::bury(Slot& slot, const Slot::Removal& removal) {
  forget(slot);
  slot.removed = removal;
  slot.highest = std::max(slot.highest, removal.version);
}

void MapCore::forget(Slot& slot) {
  slot.entry.reset();
  slot.removed.reset();
  slot.remembered_until = clock_.now() + kRemembered;
}

/// Tells a Serval node that what it said is not the latest. If that is lost, the next comparison
/// tells it.
void MapCore::correct(const MemberPtr& sender, const MapKey& key) {
  const Slot& place = slot(key);
  const auto& entry = place.entry;
  const bool knows = entry ? entry->primary && is_told(*entry) : place.removed.has_value();
  if (!knows || !is_serval(*sender)) return;
  send({sender}, key, entry ? about(MapMessage::Type::kProxy, key, *entry) : removal(key, place),
       MapSend::Payload::kNone, nullptr, [](const SendReport&) {});
}

}  // namespace serval::tribes
