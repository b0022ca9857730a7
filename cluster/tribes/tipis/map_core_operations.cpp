#include <utility>

#include "cluster/tribes/tipis/map_core.h"

namespace serval::tribes {
namespace {

/// Whether the member did not take the message. One whose handler failed has it all the same.
bool reached_nobody(const SendReport& report) {
  return std::ranges::any_of(report.faulty, [](const auto& one) { return !one.remote_process; });
}

/// What a user did and a member did not take is above the few claims that others may be making at
/// the same time because they lost the primary node, or are cut off from it; this node may not know
/// that yet.
constexpr std::uint32_t kUnsentLead = 16;
/// Who uses an entry while others are lost, or removes it, means it: that is above all of those.
constexpr std::uint32_t kUseLead = 4 * kUnsentLead, kRemovalLead = 4 * kUseLead;
/// Who puts an entry that was here before means it too: that is above a removal of the one before
/// which this node has not heard of, because the others took it for lost.
constexpr std::uint32_t kPutLead = 2 * kRemovalLead;

}  // namespace

std::uint32_t MapCore::lead_of(const Op& op) { return op.kind == OpKind::kGet ? kUseLead : 1; }

void MapCore::raise(Slot& place, std::uint32_t lead) {
  MapEntry& entry = *place.entry;
  entry.version = {std::max(entry.version, place.highest).claim + lead, 0};
  place.highest = entry.version;
  entry.claimed_at = clock_.now();
  if (lead >= kUseLead) entry.used_at = entry.claimed_at;
}

/// This node, the primary one, has a new content. A member that is lost may live on, behind a cut,
/// and take the entry for its own: the side that uses it counts.
void MapCore::count_change(Slot& place) {
  MapEntry& entry = *place.entry;
  if (entry.used_at < last_loss_) {
    raise(place, kUseLead);
  } else {
    ++entry.version.revision;
  }
  changed(entry);
}

/// A member did not take what is new here.
void MapCore::not_taken(const MapKey& key) {
  MapEntry* const entry = mine(key);
  const bool is_used = entry && entry->used_at >= last_loss_;  // not just taken over
  if (is_used) raise(slot(key), kUnsentLead);
}

void MapCore::begin_put(const MapKey& key, Op op) {
  Slot& place = slot(key);
  const bool known = place.entry.has_value();
  if (!known) place.entry.emplace();
  MapEntry& entry = *place.entry;
  if (known && entry.value && !is_mine(entry)) {
    notice(key, MapNotice::Kind::kGone, entry.value, MapOwner::Gone::kReplaced);
  }
  entry.value = op.value;
  const bool is_change = known && is_full();
  claim(key, is_change || place.highest == MapVersion() ? 1 : kPutLead);
  if (!known) entry.used_at = entry.claimed_at;  // nobody else can have it
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
  if (is_full()) return publish_to_all(key, std::move(done));
  publish_to_next(key, members_.rotated(), 0, std::move(done));
}

/// A new claim with the whole value, which may hold changes that were not announced.
void MapCore::renew(const MapKey& key) {
  claim(key);
  MapEntry& entry = *mine(key);
  changed(entry);
  entry.sent = entry.content;
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
  renew(key);
  const MemberPtr backup = candidates[index];
  MapMessage message = about(MapMessage::Type::kBackup, key, *entry);
  message.nodes = Members{backup};
  send({backup}, key, std::move(message), MapSend::Payload::kWhole, entry->value,
       [this, key, candidates, index, backup, done = std::move(done)](const SendReport& report) {
         MapEntry* const now = mine(key);
         if (!now) return done();
         if (!report.ok()) {
           missed(report, key);
           not_taken(key);
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
  renew(key);
  settle_nodes(entry, members_.all());
  send(entry.nodes, key, about(MapMessage::Type::kCopy, key, entry), MapSend::Payload::kWhole,
       entry.value, [this, key, done = std::move(done)](const SendReport& report) {
         missed(report, key);
         if (reached_nobody(report)) not_taken(key);
         done();
       });
}

void MapCore::begin_get(const MapKey& key, Op op) {
  Slot* const found = present(key);
  if (!found) return finish(key, op, nullptr);
  const MapEntry& entry = *found->entry;
  if (is_mine(entry)) return finish(key, op, entry.value);
  if (entry.doubted_since) {
    return confirm(key, [this, key, op = std::move(op)](bool is_sure) mutable {
      is_sure ? begin_get(key, std::move(op)) : finish(key, op, nullptr);
    });
  }
  if (entry.value && !entry.is_stale()) return take(key, std::move(op));
  // Copies of a full map may be behind; a proxy asks as Tomcat does.
  Members primary;
  if (entry.primary) primary.push_back(entry.primary);
  is_full() ? retrieve(key, std::move(primary), entry.nodes, std::move(op))
            : retrieve(key, entry.nodes, std::move(primary), std::move(op));
}

/// This node has the value and becomes the primary one.
void MapCore::take(const MapKey& key, Op op) {
  claim(key, lead_of(op));
  Ended end = used_here(key, std::move(op));
  if (!is_full()) return publish(key, std::move(end));
  settle_nodes(*mine(key), members_.all());
  notify_nodes(key, std::move(end));
}

/// The end of an operation by which this node became primary.
MapCore::Ended MapCore::used_here(const MapKey& key, Op op) {
  return [this, key, op = std::move(op)]() mutable {
    const MapEntry* const now = mine(key);
    if (now) notice(key, MapNotice::Kind::kMadePrimary, now->value);
    if (!now && op.kind == OpKind::kGet && op.retries-- > 0) return begin_get(key, std::move(op));
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

/// Asks these for the value, and then those.
void MapCore::retrieve(const MapKey& key, Members first, Members then, Op op) {
  std::erase_if(first, [this](const MemberPtr& one) {
    return is_self(one) || !contains(view_.members(), *one);
  });
  const std::size_t asked = first.size();
  const auto option = op.kind == OpKind::kAdopt ? RpcOption::kAllReply : RpcOption::kFirstReply;
  call(first, key, retrieval(key), option, options_.rpc_timeout,
       [this, key, asked, then, op = std::move(op)](MapAnswers& answers) mutable {
         for (const MapAnswer& one : answers.replies) {
           if (one.input.value) return take_over(key, one, std::move(op));
         }
         if (!then.empty()) return retrieve(key, std::move(then), {}, std::move(op));
         not_retrieved(key, asked > 0 && answers.nulls == asked, std::move(op));
       });
}

void MapCore::take_over(const MapKey& key, const MapAnswer& answer, Op op) {
  Slot* const found = present(key);
  if (op.kind == OpKind::kFetch) {
    if (found) fetched(key, *found->entry, answer);
    return finish(key, op, nullptr);
  }
  if (!found) return finish(key, op, nullptr);
  MapEntry& entry = *found->entry;
  if (entry.value && !entry.is_stale()) return begin_get(key, std::move(op));  // it came meanwhile
  const MapMessage& said = answer.input.message;
  entry.version = std::max(entry.version, said.version.value_or(MapVersion()));
  entry.value = answer.input.value;
  entry.content = entry.held = said.base.value_or(0);
  if (is_full()) return take(key, std::move(op));
  claim(key, lead_of(op));
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

/// The value that this node wants because it is a backup, or has a copy.
void MapCore::fetched(const MapKey& key, MapEntry& entry, const MapAnswer& answer) {
  if (is_mine(entry) || entry.role == MapRole::kProxy) return;
  MapInput input = answer.input;
  if (!input.message.version) {  // a Tomcat's answer is the value and nothing else
    entry.content = 0;
    return take_value(key, entry, input);
  }
  // Not part of a claim that is not made yet: asked again with the heartbeat, if it is wanted then.
  if (!input.message.nodes) return;
  input.message.type = is_full() ? MapMessage::Type::kCopy : MapMessage::Type::kBackup;
  if (same(answer.source, input.message.primary)) handle_claim(answer.source, input);
}

void MapCore::not_retrieved(const MapKey& key, bool nobody_has_it, Op op) {
  Slot* const found = present(key);
  if (!found || op.kind == OpKind::kFetch) return finish(key, op, nullptr);
  MapEntry& entry = *found->entry;
  if (entry.value) {  // an older content is better than none
    entry.content = entry.held = 0;
    return begin_get(key, std::move(op));
  }
  // Those asked gave it to another node; who that is comes meanwhile.
  if (nobody_has_it && op.kind == OpKind::kGet && op.retries-- > 0) {
    return begin_get(key, std::move(op));
  }
  const bool is_dead = op.kind == OpKind::kAdopt && !entry.primary && nobody_has_it;
  if (is_dead) bury(*found, {entry.version, view_.local_member()});
  finish(key, op, nullptr);
}

void MapCore::begin_remove(const MapKey& key, Op op) {
  Slot* const found = present(key);
  if (!found) return finish(key, op, nullptr);
  op.value = found->entry->value;
  remove_everywhere(key, [this, key, op = std::move(op)]() mutable { finish(key, op, op.value); });
}

void MapCore::remove_everywhere(const MapKey& key, Ended done) {
  claim(key, kRemovalLead);
  Slot& place = slot(key);
  bury(place, {place.entry->version, view_.local_member()});
  send(members_.all(), key, removal(key, place), MapSend::Payload::kNone, nullptr,
       [this, key, done = std::move(done)](const SendReport& report) {
         missed(report, key);
         done();
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
  if (content && !op.counted) count_change(slot(key));
  if (entry->nodes.empty()) {
    if (!content || members_.all().empty()) return finish(key, op, nullptr);
    return publish(key, [this, key, op]() mutable { finish(key, op, nullptr); });
  }
  if (content && entry->sent == entry->content) {
    return finish(key, op, nullptr);  // an earlier message took the change with it
  }
  const auto with_content = is_full() ? MapMessage::Type::kCopy : MapMessage::Type::kBackup;
  MapMessage message = about(content ? with_content : MapMessage::Type::kAccess, key, *entry);
  auto payload = MapSend::Payload::kNone;
  if (content) {
    payload = changes.diffable ? MapSend::Payload::kDiff : MapSend::Payload::kWhole;
    message.diff = changes.diffable;
    const std::uint64_t before = std::exchange(entry->sent, entry->content);
    if (message.diff) message.base = before;
  }
  send(entry->nodes, key, std::move(message), payload, entry->value,
       [this, key, op = std::move(op)](const SendReport& report) mutable {
         replicated(key, std::move(op), report);
       });
}

/// The value was changed here while another node was the primary one. That node's content counts.
void MapCore::changed_elsewhere(const MapKey& key) {
  Slot* const found = present(key);
  if (!found || !found->entry->value || is_mine(*found->entry)) return;
  found->entry->held = ~found->entry->content;
  later(key, OpKind::kFetch);
}

/// A backup that did not take it is replaced at once if there is another one; if not, it is tried
/// again, but nobody waits for that.
void MapCore::replicated(const MapKey& key, Op op, const SendReport& report) {
  missed(report, key);
  const bool is_missing = reached_nobody(report);
  if (is_missing) not_taken(key);
  if (is_full() || !is_missing || !mine(key)) return finish(key, op, nullptr);
  Members others = members_.rotated();
  for (const FaultyMember& one : report.faulty) erase(others, *one.member);
  if (others.empty()) {
    later(key, OpKind::kPublish);
    return finish(key, op, nullptr);
  }
  publish_to_next(key, others, 0, [this, key, op]() mutable { finish(key, op, nullptr); });
}

/// The primary node is lost, and this one has the value.
void MapCore::begin_promote(const MapKey& key, Op op) {
  Slot* const found = present(key);
  const bool is_lost = found && !is_mine(*found->entry) && found->entry->value &&
                       !(found->entry->primary && members_.has(*found->entry->primary));
  if (!is_lost || is_being_taken(*found)) return finish(key, op, nullptr);
  MapEntry& entry = *found->entry;
  if (entry.is_stale()) entry.content = 0;
  take(key, std::move(op));
}

void MapCore::begin_fetch(const MapKey& key, Op op) {
  Slot* const found = present(key);
  if (!found || !found->entry->primary || is_mine(*found->entry)) {
    return finish(key, op, nullptr);
  }
  retrieve(key, {found->entry->primary}, {}, std::move(op));
}

}  // namespace serval::tribes
