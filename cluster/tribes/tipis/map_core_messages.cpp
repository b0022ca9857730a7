#include <utility>

#include "cluster/tribes/tipis/map_core.h"

namespace serval::tribes {
void MapCore::message(const MemberPtr& sender, MapInput input) {
  if (state_ == MapState::kDestroyed) return;
  using enum MapMessage::Type;
  const MapMessage& said = input.message;
  switch (said.type) {
    case kBackup:
    case kCopy:
    case kProxy:
    case kAccess:
    case kNotifyMapMember:
      if (!said.key) return;
      handle_claim(sender, input);
      return relay(sender, said);
    case kRemove:
      if (!said.key) return;
      handle_remove(sender, said);
      return relay(sender, said);
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

void MapCore::request(const MemberPtr& sender, MapInput input, std::uint64_t number) {
  using enum MapMessage::Type;
  MapReply reply{number, std::nullopt};
  const MapKey key = input.message.key.value_or(MapKey());
  switch (input.message.type) {
    case kRetrieveBackup:
      if (const MapEntry* const entry = find(key); entry && entry->value) {
        input.value = entry->value;
        input.message.version = entry->version;
        input.message.content = entry->held;
        reply.answer = std::move(input);
      } else if (entry) {
        return answer_for_another(sender, std::move(input), number);
      }
      break;
    case kState:
    case kStateCopy: {
      MapInput list = state_list(*sender, input.message.type == kStateCopy);
      list.message = std::move(input.message);
      reply.answer = std::move(list);
      break;
    }
    case kPing:
      input.state = state_;
      input.message.primary = view_.local_member();
      reply.answer = std::move(input);
      break;
    case kInit:
    case kStart:
      if (input.message.type == kInit) {
        init_seen_[sender->id] = clock_.now();
      } else {
        member_alive(sender, Heard::kStart);
      }
      input.message.primary = view_.local_member();
      reply.answer = std::move(input);
      break;
    default:
      break;  // Tomcat answers null too
  }
  act(key, std::move(reply));
}

MapInput MapCore::state_list(const Member& reader, bool with_values) const {
  MapInput input;
  for (const auto& [key, one] : slots_) {
    if (!one.entry || (one.entry->value && !one.entry->value->is_serializable())) continue;

    if (with_values && !one.entry->value) continue;
    const auto type = with_values ? MapMessage::Type::kCopy : MapMessage::Type::kProxy;
    if (is_mine(*one.entry) && !one.entry->is_settled) continue;  // all are told when it is
    const bool value = with_values && !one.entry->is_stale();
    MapMessage message = about(type, key, *one.entry);
    message.nodes = nodes_for(reader, *one.entry);
    input.list.push_back({std::move(message), value ? one.entry->value : nullptr, {}, {}});
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
  const auto& version = message.version;
  if (!slot.entry) {
    const bool removed = slot.is_removed && slot.remembered_until > clock_.now();
    return removed && version && *version <= slot.removed_version ? Verdict::kOlder
                                                                  : Verdict::kNewer;
  }
  const MapEntry& known = *slot.entry;
  if (!version || !known.is_exact) return Verdict::kNewer;
  if (*version != known.version) {
    return *version > known.version ? Verdict::kNewer : Verdict::kOlder;
  }
  if (same(message.primary, known.primary)) return Verdict::kSame;
  if (!known.primary) return Verdict::kNewer;
  if (!message.primary) return Verdict::kOlder;
  return message.primary->id > known.primary->id ? Verdict::kNewer : Verdict::kOlder;
}

void MapCore::handle_claim(const MemberPtr& sender, const MapInput& input) {
  const MapMessage& message = input.message;
  const MapKey key = *message.key;
  Slot& place = slot(key);
  if (place.entry && !message.primary) return;  // its sender knows less
  const Verdict verdict = judge(place, message);
  if (verdict == Verdict::kOlder) {
    correct(sender, key);
    return drop_if_empty(key);
  }
  if (verdict == Verdict::kSame) return repeat(sender, key, *place.entry, input);
  const bool says_mine = same(message.primary, view_.local_member());
  if (says_mine && place.entry && is_mine(*place.entry)) return;
  if (!place.entry) place.entry.emplace().version = place.highest;
  place.lost_beats = 0;
  MapEntry& entry = *place.entry;
  adopt(entry, message);
  place.highest = std::max(place.highest, entry.version);
  // The others take this node for the primary, which it is not (any more): it has to be.
  if (says_mine && options_.repairs) later(key, OpKind::kGet);
  using enum MapMessage::Type;
  if (message.type != kBackup && message.type != kCopy) return settle(key, entry, message);
  entry.role = message.type == kCopy ? MapRole::kCopy : MapRole::kBackup;
  message.diff ? take_diff(key, entry, message) : take_value(key, entry, input);
}

/// A claim that is known already. Only the primary node itself can add to it.
void MapCore::repeat(const MemberPtr& sender, const MapKey& key, MapEntry& entry,
                     const MapInput& input) {
  using enum MapMessage::Type;
  const MapMessage& message = input.message;
  if (is_mine(entry)) return;
  const bool content = message.type == kBackup || message.type == kCopy;
  if (same(sender, entry.primary)) {
    entry.nodes = message.nodes.value_or(Members());
    entry.content = message.content.value_or(0);
    if (!content) return settle(key, entry, message);
    entry.role = message.type == kCopy ? MapRole::kCopy : MapRole::kBackup;
    if (message.diff) return take_diff(key, entry, message);
    if (input.value) return take_value(key, entry, input);
  }
  const bool wanted = entry.role != MapRole::kProxy && (!entry.value || entry.is_stale());
  if (!wanted) return;
  if (input.value && message.content == entry.content) return take_value(key, entry, input);
  later(key, OpKind::kFetch);
}

/// Who has the entry, and how new that is. A claim without a version counts as a new one when it
/// names another primary; the content that this node has counts as the right one then.
void MapCore::adopt(MapEntry& entry, const MapMessage& message) {
  if (!message.version && !same(entry.primary, message.primary)) {
    entry.version = {entry.version.claim + 1, 0};
  }
  entry.is_exact = message.version.has_value();
  if (message.version) entry.version = *message.version;
  entry.content = message.content.value_or(0);
  if (!message.content) entry.held = 0;
  const bool says_mine = same(message.primary, view_.local_member());
  entry.primary = says_mine ? nullptr : message.primary;
  entry.nodes = message.nodes.value_or(Members());
}

/// The place of this node, after a message without content told who has the entry.
void MapCore::settle(const MapKey& key, MapEntry& entry, const MapMessage& message) {
  const bool full = options_.kind == MapKind::kFull;
  const bool keeps = full || contains(entry.nodes, *view_.local_member());
  if (!keeps) return demote(key, entry);
  if (is_mine(entry)) notice(key, MapNotice::Kind::kArrived, entry.value);
  entry.role = full ? MapRole::kCopy : MapRole::kBackup;
  if (!entry.value || entry.is_stale()) return later(key, OpKind::kFetch);
  if (message.type != MapMessage::Type::kProxy) {
    notice(key, MapNotice::Kind::kAccess, entry.value);
  }
}

void MapCore::demote(const MapKey& key, MapEntry& entry) {
  notice(key, MapNotice::Kind::kGone, std::exchange(entry.value, nullptr), MapOwner::Gone::kMoved);
  entry.role = MapRole::kProxy;
}

void MapCore::take_value(const MapKey& key, MapEntry& entry, const MapInput& input) {
  const MapValuePtr& value = input.value;
  if (!value) {
    if (!entry.value || entry.is_stale()) later(key, OpKind::kFetch);
    return;
  }
  entry.held = input.message.content.value_or(0);
  notice(key, MapNotice::Kind::kGone, std::exchange(entry.value, value), MapOwner::Gone::kReplaced);
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

void MapCore::handle_remove(const MemberPtr& sender, const MapMessage& message) {
  const MapKey& key = *message.key;
  Slot& place = slot(key);
  if (place.entry) {
    const MapEntry& entry = *place.entry;
    if (message.version && entry.is_exact && *message.version < entry.version) {
      return correct(sender, key);
    }
    notice(key, MapNotice::Kind::kGone, entry.value, MapOwner::Gone::kRemoved);
  }
  bury(place, message.version);
}

void MapCore::bury(Slot& slot, std::optional<MapVersion> version) {
  slot.entry.reset();
  slot.highest = std::max(slot.highest, version.value_or(MapVersion()));
  slot.is_removed = true;
  slot.removed_version = slot.highest;
  slot.remembered_until = clock_.now() + kRemembered;
}

/// Tells a Serval node that what it said is not the latest.
void MapCore::correct(const MemberPtr& sender, const MapKey& key) {
  if (!options_.repairs || !view_.profile(*sender).serval) return;
  const MapEntry* const entry = find(key);
  if (!entry || is_mine(*entry)) return later(key, OpKind::kTell, sender);
  if (!entry->primary) return;
  send({sender}, key, about(MapMessage::Type::kProxy, key, *entry), MapSend::Payload::kNone,
       nullptr, [](const SendReport&) { /* whoever has the entry tells it too */ });
}

}  // namespace serval::tribes
