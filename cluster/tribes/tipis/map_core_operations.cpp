#include <utility>

#include "cluster/tribes/tipis/map_core.h"

namespace serval::tribes {
namespace {

/// Whether the member did not take the message. One whose handler failed has it all the same.
bool reached_nobody(const SendReport& report) {
  return std::ranges::any_of(report.faulty, [](const auto& one) { return !one.remote_process; });
}

}  // namespace

void MapCore::begin_put(const MapKey& key, Op op) {
  Slot& place = slot(key);
  const bool known = place.entry.has_value();
  if (!known) place.entry.emplace();
  MapEntry& entry = *place.entry;
  if (known && entry.value && !is_mine(entry)) {
    notice(key, MapNotice::Kind::kGone, entry.value, MapOwner::Gone::kReplaced);
  }
  entry.value = op.value;
  claim(key);
  changed(entry);
  publish(key, [this, key, op]() mutable { finish(key, op, nullptr); });
}

void MapCore::settle_nodes(MapEntry& entry, Members nodes) {
  entry.nodes = std::move(nodes);
  entry.is_settled = true;
  entry.claimed_at = clock_.now();
}

void MapCore::publish(const MapKey& key, Ended done) {
  MapEntry& entry = *mine(key);
  if (!entry.value || !entry.value->is_serializable()) {
    settle_nodes(entry, {});
    return done();
  }
  if (options_.kind == MapKind::kFull) return publish_to_all(key, std::move(done));
  publish_to_next(key, members_.rotated(), 0, std::move(done));
}

void MapCore::publish_to_next(const MapKey& key, Members candidates, std::size_t index,
                              Ended done) {
  MapEntry* const entry = mine(key);
  if (!entry) return done();
  while (index < candidates.size() && !members_.has(*candidates[index])) ++index;
  if (index >= candidates.size()) {
    settle_nodes(*entry, {});
    return done();
  }
  claim(key);
  entry->sent = entry->content;
  const MemberPtr backup = candidates[index];
  MapMessage message = about(MapMessage::Type::kBackup, key, *entry);
  message.nodes = Members{backup};
  send({backup}, key, std::move(message), MapSend::Payload::kValue, entry->value,
       [this, key, candidates, index, backup, done = std::move(done)](const SendReport& report) {
         MapEntry* const now = mine(key);
         if (!now) return done();
         if (!report.ok()) {
           missed(report, key);
           return publish_to_next(key, candidates, index + 1, done);
         }
         settle_nodes(*now, {backup});
         announce(key, done);
       });
}

void MapCore::announce(const MapKey& key, Ended done) {
  send_claim(members_.without(mine(key)->nodes), MapMessage::Type::kProxy, key,
             [this, key, done = std::move(done)](const SendReport& report) {
               missed(report, key);
               done();
             });
}

void MapCore::publish_to_all(const MapKey& key, Ended done) {
  MapEntry& entry = *mine(key);
  claim(key);
  entry.sent = entry.content;
  settle_nodes(entry, members_.all());
  send(entry.nodes, key, about(MapMessage::Type::kCopy, key, entry), MapSend::Payload::kValue,
       entry.value, [this, key, done = std::move(done)](const SendReport& report) {
         missed(report, key);
         if (MapEntry* const now = mine(key)) forget_faulty(*now, report);
         done();
       });
}

void MapCore::begin_get(const MapKey& key, Op op) {
  Slot* const found = present(key);
  if (!found) return finish(key, op, nullptr);
  MapEntry& entry = *found->entry;
  if (is_mine(entry)) return finish(key, op, entry.value);
  if (!entry.value || entry.is_stale()) return retrieve(key, entry.nodes, true, std::move(op));
  claim(key);
  Ended end = used_here(key, std::move(op));
  if (options_.kind == MapKind::kLazy) return publish(key, std::move(end));
  settle_nodes(entry, members_.all());
  notify_nodes(key, std::move(end));
}

/// The end of a get() for which this node became primary.
MapCore::Ended MapCore::used_here(const MapKey& key, Op op) {
  return [this, key, op = std::move(op)]() mutable {
    const MapEntry* const now = mine(key);
    if (now) notice(key, MapNotice::Kind::kMadePrimary, now->value);
    finish(key, op, now ? now->value : nullptr);
  };
}

/// Tells those that have a copy who is primary now.
void MapCore::notify_nodes(const MapKey& key, Ended done) {
  const MapEntry& entry = *mine(key);
  send(entry.nodes, key, about(MapMessage::Type::kNotifyMapMember, key, entry),
       MapSend::Payload::kNone, nullptr,
       [this, key, done = std::move(done)](const SendReport& report) {
         missed(report, key);
         done();
       });
}

void MapCore::retrieve(const MapKey& key, Members from, bool ask_primary, Op op) {
  std::erase_if(from, [this](const MemberPtr& one) {
    return same(one, view_.local_member()) || !contains(view_.members(), *one);
  });
  MapMessage message = bare(MapMessage::Type::kRetrieveBackup);
  message.key = key;
  call(from, key, std::move(message), RpcOption::kFirstReply, options_.rpc_timeout,
       [this, key, ask_primary, op = std::move(op)](MapAnswers& answers) mutable {
         Slot* const found = present(key);
         if (!found) return finish(key, op, nullptr);
         MapEntry& entry = *found->entry;
         const bool wants_it = op.kind == OpKind::kGet;
         if (wants_it && entry.value && !entry.is_stale()) return begin_get(key, std::move(op));
         for (MapAnswer& one : answers.replies) {
           if (one.input.value) return take_over(key, std::move(one), std::move(op));
         }
         if (ask_primary && entry.primary) {
           return retrieve(key, {entry.primary}, false, std::move(op));
         }
         if (wants_it && entry.value) {  // an older content is better than none
           entry.content = entry.held = 0;
           return begin_get(key, std::move(op));
         }
         finish(key, op, nullptr);
       });
}

void MapCore::take_over(const MapKey& key, MapAnswer answer, Op op) {
  MapEntry& entry = *present(key)->entry;
  const auto version = answer.input.message.version;
  if (op.kind == OpKind::kFetch) {  // this node only wants to be the backup that others take it for
    const bool holds = entry.role != MapRole::kProxy && !is_mine(entry);
    if (holds && (!version || *version >= entry.version)) {
      entry.version = version.value_or(entry.version);
      entry.content = answer.input.message.content.value_or(0);
      take_value(key, entry, answer.input);
    }
    return finish(key, op, nullptr);
  }
  if (version) entry.version = std::max(entry.version, *version);
  entry.value = answer.input.value;
  entry.content = entry.held = answer.input.message.content.value_or(0);
  claim(key);
  std::erase_if(entry.nodes, [this](const MemberPtr& one) { return !members_.has(*one); });
  Ended end = used_here(key, std::move(op));
  if (entry.nodes.empty()) return publish(key, std::move(end));
  entry.is_settled = true;
  send(entry.nodes, key, about(MapMessage::Type::kNotifyMapMember, key, entry),
       MapSend::Payload::kNone, nullptr,
       [this, key, end = std::move(end)](const SendReport& report) {
         if (!mine(key)) return end();
         if (reached_nobody(report)) return publish(key, end);
         announce(key, end);
       });
}

void MapCore::begin_remove(const MapKey& key, Op op) {
  Slot* const found = present(key);
  if (!found) return finish(key, op, nullptr);
  op.value = found->entry->value;
  claim(key);
  MapMessage message = about(MapMessage::Type::kRemove, key, *found->entry);
  message.nodes.reset();
  message.primary = view_.local_member();
  bury(*found, found->entry->version);
  send(members_.all(), key, std::move(message), MapSend::Payload::kNone, nullptr,
       [this, key, op = std::move(op)](const SendReport& report) mutable {
         missed(report, key);
         finish(key, op, op.value);
       });
}

void MapCore::begin_replicate(const MapKey& key, Op op) {
  MapEntry* const entry = mine(key);
  const Changes& changes = op.changes;
  const bool content = changes.dirty || op.complete;
  if (!entry || !entry->value || !(content || changes.access_due)) {
    if (content) changed_elsewhere(key);
    return finish(key, op, nullptr);
  }
  if (content && !op.counted) {
    ++entry->version.revision;
    changed(*entry);
  }
  if (entry->nodes.empty()) {
    if (!content || members_.all().empty()) return finish(key, op, nullptr);
    return publish(key, [this, key, op]() mutable { finish(key, op, nullptr); });
  }
  if (content && changes.diffable && entry->sent == entry->content) {
    return finish(key, op, nullptr);  // an earlier message took the change with it
  }
  const bool lazy = options_.kind == MapKind::kLazy;
  MapMessage message = about(!content ? MapMessage::Type::kAccess
                             : lazy   ? MapMessage::Type::kBackup
                                      : MapMessage::Type::kCopy,
                             key, *entry);
  auto payload = MapSend::Payload::kNone;
  if (content) {
    payload = changes.diffable ? MapSend::Payload::kDiff : MapSend::Payload::kValue;
    message.diff = changes.diffable;
    message.base = std::exchange(entry->sent, entry->content);
  }
  send(entry->nodes, key, std::move(message), payload, entry->value,
       [this, key, op = std::move(op)](const SendReport& report) mutable {
         replicated(key, std::move(op), report);
       });
}

/// The value was changed here while another node became primary. That node's content counts.
void MapCore::changed_elsewhere(const MapKey& key) {
  Slot* const found = present(key);
  if (!found || !found->entry->value || is_mine(*found->entry)) return;
  found->entry->held = ~found->entry->content;
  later(key, OpKind::kFetch);
}

void MapCore::replicated(const MapKey& key, Op op, const SendReport& report) {
  const bool again = options_.kind == MapKind::kLazy && reached_nobody(report) && mine(key);
  if (again) return publish(key, [this, key, op]() mutable { finish(key, op, nullptr); });
  missed(report, key);
  if (MapEntry* const entry = mine(key)) forget_faulty(*entry, report);
  finish(key, op, nullptr);
}

/// Whoever missed something gets the whole value next, and then what changes.
void MapCore::forget_faulty(MapEntry& entry, const SendReport& report) {
  for (const FaultyMember& one : report.faulty) {
    if (!one.remote_process) erase(entry.nodes, *one.member);
  }
}

void MapCore::begin_relist(const MapKey& key, Op op) {
  MapEntry* const entry = mine(key);
  if (!entry) return finish(key, op, nullptr);
  claim(key);
  entry->is_settled = true;
  notify_nodes(key, [this, key, op]() mutable { finish(key, op, nullptr); });
}

void MapCore::begin_promote(const MapKey& key, Op op) {
  Slot* const found = present(key);
  if (!found || !is_heir(*found->entry)) return finish(key, op, nullptr);
  MapEntry& entry = *found->entry;
  if (entry.is_stale()) entry.content = 0;
  claim(key);
  Ended end = used_here(key, std::move(op));
  if (options_.kind == MapKind::kLazy) return publish(key, std::move(end));
  settle_nodes(entry, members_.all());
  notify_nodes(key, std::move(end));
}

void MapCore::begin_fetch(const MapKey& key, Op op) {
  Slot* const found = present(key);
  if (!found || !found->entry->primary || is_mine(*found->entry)) {
    return finish(key, op, nullptr);
  }
  retrieve(key, {found->entry->primary}, false, std::move(op));
}

void MapCore::begin_tell(const MapKey& key, const Op& given) {
  Op op = given;
  const MemberPtr to = op.member;
  const Slot& place = slot(key);
  const auto end = [this, key, op](const SendReport& report) mutable {
    missed(report, key);
    finish(key, op, nullptr);
  };
  if (!members_.has(*to)) return finish(key, op, nullptr);
  if (!place.entry) {
    if (!place.is_removed) return finish(key, op, nullptr);
    MapMessage message = bare(MapMessage::Type::kRemove);
    message.key = key;
    message.primary = view_.local_member();
    message.version = place.removed_version;
    return send({to}, key, std::move(message), MapSend::Payload::kNone, nullptr, end);
  }
  MapEntry* const entry = mine(key);
  if (!entry || !entry->value || !entry->value->is_serializable()) {
    return finish(key, op, nullptr);
  }
  const bool full = options_.kind == MapKind::kFull;
  if (full && !contains(entry->nodes, *to)) entry->nodes.push_back(to);
  const bool backup = contains(entry->nodes, *to);
  const auto type = full     ? MapMessage::Type::kCopy
                    : backup ? MapMessage::Type::kBackup
                             : MapMessage::Type::kProxy;
  send_claim({to}, type, key, end);
}

}  // namespace serval::tribes
