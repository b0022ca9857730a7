#include "cluster/tribes/tipis/map_core.h"

#include <utility>

#include "container/base/error.h"

namespace serval::tribes {

MapCore::MapCore(Options options, const MapView& view, const Clock& clock)
    : options_(std::move(options)), view_(view), clock_(clock) {}

void MapCore::put(const MapKey& key, MapValuePtr value, Ended done) {
  enqueue(key, {.kind = OpKind::kPut,
                .value = std::move(value),
                .done = [done = std::move(done)](const MapValuePtr&) { done(); }});
}

void MapCore::get(const MapKey& key, Got done) {
  enqueue(key, {.kind = OpKind::kGet, .done = std::move(done)});
}

void MapCore::remove(const MapKey& key, Got done) {
  enqueue(key, {.kind = OpKind::kRemove, .done = std::move(done)});
}

void MapCore::replicate(const MapKey& key, Changes changes, bool complete, Ended done) {
  Op op{.kind = OpKind::kReplicate,
        .changes = changes,
        .complete = complete,
        .done = [done = std::move(done)](const MapValuePtr&) { done(); }};
  // The content is a new one from now on, though its turn to be sent comes later.
  if (Slot* const place = present(key);
      place && is_mine(*place->entry) && (changes.dirty || complete)) {
    op.counted = true;
    count_change(*place);
  }
  enqueue(key, std::move(op));
}

void MapCore::enqueue(const MapKey& key, Op op) {
  if (state_ == MapState::kDestroyed) {
    return act(key, MapDone{std::move(op.done), nullptr});
  }
  Slot& queue = slot(key);
  if (queue.stepping || queue.busy) {
    queue.ops.push_back(std::move(op));
  } else {
    step(key, queue, std::move(op));
    run(key);
  }
}

/// Requires: nothing is under way for the key.
void MapCore::step(const MapKey& key, Slot& queue, Op op) {
  queue.busy = queue.stepping = true;
  begin(key, std::move(op));
  queue.stepping = false;
}

void MapCore::run(const MapKey& key) {
  Slot& queue = slot(key);
  while (!queue.stepping && !queue.busy && !queue.ops.empty()) {
    Op op = std::move(queue.ops.front());
    queue.ops.pop_front();
    step(key, queue, std::move(op));
  }
}

void MapCore::begin(const MapKey& key, Op op) {
  switch (op.kind) {
    case OpKind::kPut:
      return begin_put(key, std::move(op));
    case OpKind::kGet:
    case OpKind::kAdopt:
      return begin_get(key, std::move(op));
    case OpKind::kRemove:
      return begin_remove(key, std::move(op));
    case OpKind::kReplicate:
      return begin_replicate(key, std::move(op));
    case OpKind::kPublish:
      if (!mine(key) || is_being_taken(slot(key))) return finish(key, op, nullptr);
      return publish(key, [this, key, op]() mutable { finish(key, op, nullptr); });
    case OpKind::kRelist:
      return begin_relist(key, std::move(op));
    case OpKind::kPromote:
      return begin_promote(key, std::move(op));
    case OpKind::kFetch:
      return begin_fetch(key, std::move(op));
    case OpKind::kTell:
      return begin_tell(key, std::move(op));
    case OpKind::kRelay:
      return begin_relay(key, std::move(op));
    case OpKind::kGive:
      return begin_give(key, std::move(op));
    case OpKind::kConfirm:
      return confirm(key, [this, key, op](bool) mutable { finish(key, op, nullptr); });
  }
}

void MapCore::finish(const MapKey& key, Op& op, MapValuePtr result) {
  slot(key).busy = false;
  if (!op.done) {
    --at_work_;
  } else {
    act(key, MapDone{std::move(op.done), std::move(result)});
  }
  run(key);
}

MapCore::Slot& MapCore::touch(Slots::value_type& place) {
  Slot& slot = place.second;
  if (!std::exchange(slot.is_touched, true)) touched_.push_back(&place);
  return slot;
}

MapCore::Slot* MapCore::present(const MapKey& key) {
  const auto at = slots_.find(key);
  return at != slots_.end() && at->second.entry ? &touch(*at) : nullptr;
}

MapEntry* MapCore::mine(const MapKey& key) {
  Slot* const one = present(key);
  return one && is_mine(*one->entry) ? &*one->entry : nullptr;
}

/// `lead`: by how much it is above what is known.
void MapCore::claim(const MapKey& key, std::uint32_t lead) {
  Slot& place = slot(key);
  MapEntry& entry = *place.entry;
  const bool was_mine = is_mine(entry);
  entry.role = MapRole::kPrimary;
  entry.is_settled = false;
  entry.doubted_since.reset();
  entry.primary = view_.local_member();
  raise(place, lead);
  if (entry.content == 0) changed(entry);
  if (!was_mine) entry.sent = entry.content;
}

/// The content is a new one from here on. Its number is made from who changed it at which version,
/// so that two nodes that each took themselves for the primary never have the same.
void MapCore::changed(MapEntry& entry) const {
  const std::uint64_t number = StableHash()
                                   .add(entry.version.claim)
                                   .add(entry.version.revision)
                                   .add(entry.primary->id)
                                   .value();
  entry.content = entry.held = number == 0 ? 1 : number;
}

MapMessage MapCore::bare(MapMessage::Type type) const {
  MapMessage message;
  message.type = type;
  message.map_id = options_.map_id;
  return message;
}

MapMessage MapCore::retrieval(const MapKey& key) const {
  MapMessage message = bare(MapMessage::Type::kRetrieveBackup);
  message.key = key;
  return message;
}

MapMessage MapCore::about(MapMessage::Type type, const MapKey& key, const MapEntry& entry) const {
  MapMessage message = bare(type);
  message.key = key;
  message.primary = entry.primary;
  message.nodes = entry.nodes;
  message.version = entry.version;
  message.content = entry.content;
  message.base = entry.held;
  return message;
}

MapMessage MapCore::removal(const MapKey& key, const Slot& slot) const {
  MapMessage message = bare(MapMessage::Type::kRemove);
  message.key = key;
  message.primary = view_.local_member();
  if (!slot.removed) return message;
  message.primary = slot.removed->by;
  message.version = slot.removed->version;
  return message;
}

void MapCore::act(const MapKey& key, decltype(MapAction::what) what) {
  actions_.push_back({key, std::move(what)});
}

void MapCore::notice(const MapKey& key, MapNotice::Kind kind, MapValuePtr value, MapOwner::Gone why,
                     Bytes diff) {
  if (value) act(key, MapNotice{kind, std::move(value), why, std::move(diff)});
}

void MapCore::send(const Members& to, const MapKey& key, MapMessage message,
                   MapSend::Payload payload, MapValuePtr value, SendEnd end) {
  if (to.empty()) return end({});
  const std::uint64_t ticket = ++next_ticket_;
  sends_.emplace(ticket, std::move(end));
  act(key, MapSend{ticket, to, std::move(message), payload, std::move(value)});
}

void MapCore::call(const Members& to, const MapKey& key, MapMessage message, RpcOption option,
                   std::chrono::milliseconds timeout, CallEnd end) {
  if (to.empty()) {
    MapAnswers nobody;
    return end(nobody);
  }
  const std::uint64_t ticket = ++next_ticket_;
  calls_.emplace(ticket, std::move(end));
  act(key, MapCall{ticket, to, std::move(message), option, timeout});
}

void MapCore::sent(std::uint64_t ticket, const SendReport& report) {
  if (auto waiting = sends_.extract(ticket)) waiting.mapped()(report);
}

void MapCore::answered(std::uint64_t ticket, MapAnswers answers) {
  if (auto waiting = calls_.extract(ticket)) waiting.mapped()(answers);
}

void MapCore::take_actions(std::vector<MapAction>& actions) {
  pump();
  account();
  actions_.swap(actions);
}

const MapEntry* MapCore::find(const MapKey& key) const {
  const auto at = slots_.find(key);
  return at != slots_.end() && at->second.entry ? &*at->second.entry : nullptr;
}

std::vector<MapKey> MapCore::keys() const {
  std::vector<MapKey> all;
  for (const auto& [key, one] : slots_) {
    if (one.entry) all.push_back(key);
  }
  return all;
}

}  // namespace serval::tribes
