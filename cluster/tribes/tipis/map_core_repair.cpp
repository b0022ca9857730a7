// What is made good later: backups that were lost with their node, messages that did not arrive,
// entries whose primary node is gone.
#include <utility>

#include "cluster/tribes/tipis/map_core.h"

namespace serval::tribes {
namespace {

/// Operations of this kind that are under way at the same time.
constexpr std::size_t kAtOnce = 64;
/// Heartbeats after which a primary node that is no member is taken for lost.
constexpr int kPatience = 2;

}  // namespace

void MapCore::lose(const MapKey& key, Slot& slot, const Member& member) {
  MapEntry& entry = *slot.entry;
  const bool had_backup = contains(entry.nodes, member);
  if (is_mine(entry)) {
    if (!had_backup) return;
    if (options_.kind == MapKind::kLazy) return later(key, OpKind::kPublish);
    erase(entry.nodes, member);
    return later(key, OpKind::kRelist);
  }
  if (entry.primary && *entry.primary == member) entry.primary = nullptr;
  if (entry.primary) return;
  const bool orphan = std::ranges::all_of(entry.nodes, [&](const MemberPtr& one) {
    return *one == member || !(members_.has(*one) || same(one, view_.local_member()));
  });
  if (entry.role == MapRole::kProxy && orphan) {
    slot.entry.reset();
    slot.is_removed = false;
    slot.remembered_until = clock_.now() + kRemembered;
  } else if (is_heir(entry)) {
    later(key, OpKind::kPromote);
  }
}

/// Whether it is up to this node to take an entry that has no primary any more.
bool MapCore::is_heir(const MapEntry& entry) const {
  if (entry.primary || !entry.value || is_mine(entry)) return false;
  const MemberPtr self = view_.local_member();
  if (options_.kind == MapKind::kLazy) {
    return entry.role == MapRole::kBackup && contains(entry.nodes, *self);
  }
  for (const MemberPtr& one : entry.nodes) {
    if (*one == *self) return true;
    if (members_.has(*one)) return false;
  }
  return is_smallest();  // none of those that were named is left: copies came later
}

bool MapCore::is_smallest() const {
  const UniqueId& self = view_.local_member()->id;
  return std::ranges::all_of(members_.all(), [&](const MemberPtr& one) { return self < one->id; });
}

void MapCore::later(const MapKey& key, OpKind kind, MemberPtr member) {
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
}

void MapCore::missed(const SendReport& report, const MapKey& key) {
  if (!options_.repairs) return;
  for (const FaultyMember& one : report.faulty) {
    if (one.remote_process || !members_.has(*one.member)) continue;
    auto& [member, keys] = missed_[one.member->id];
    member = one.member;
    keys.insert(key);
  }
}

void MapCore::tell_missed() {
  for (const auto& [id, about] : std::exchange(missed_, {})) {
    for (const MapKey& key : about.second) later(key, OpKind::kTell, about.first);
  }
}

void MapCore::sweep() {
  for (const MapKey& key : keys()) {
    if (Slot* const one = present(key)) sweep_slot(key, *one);
  }
  const Clock::Time now = clock_.now();
  std::vector<MapKey> forgotten;
  for (const auto& [key, one] : slots_) {
    if (!one.entry && one.remembered_until <= now) forgotten.push_back(key);
  }
  for (const MapKey& key : forgotten) drop_if_empty(key);
}

void MapCore::sweep_slot(const MapKey& key, Slot& slot) {
  MapEntry& entry = *slot.entry;
  if (slot.busy) return;
  if (is_mine(entry)) {
    const MemberPtr lost = [&] {
      const auto at = std::ranges::find_if(
          entry.nodes, [this](const MemberPtr& one) { return !members_.has(*one); });
      return at == entry.nodes.end() ? nullptr : *at;
    }();
    if (lost) return lose(key, slot, *lost);
    const bool bare = entry.nodes.empty() && !members_.all().empty() && entry.value &&
                      entry.value->is_serializable();
    if (bare) return later(key, OpKind::kPublish);
    const bool full = options_.kind == MapKind::kFull && options_.repairs;
    for (const MemberPtr& one : full ? members_.without(entry.nodes) : Members()) {
      later(key, OpKind::kTell, one);
    }
    return;
  }
  const bool here = entry.primary && members_.has(*entry.primary);
  slot.lost_beats = here ? 0 : slot.lost_beats + 1;
  if (slot.lost_beats >= kPatience) {
    const MemberPtr gone = entry.primary ? entry.primary : view_.local_member();
    lose(key, slot, *gone);
    // Copies may differ in who comes first. In the end somebody has to.
    const bool last_resort = slot.lost_beats >= 2 * kPatience + (is_smallest() ? 0 : kPatience);
    if (slot.entry && slot.entry->value && !slot.entry->primary && last_resort) {
      later(key, OpKind::kGet);
    }
    return drop_if_empty(key);
  }
  const bool holds = entry.role != MapRole::kProxy;
  if (here && holds && (!entry.value || entry.is_stale())) later(key, OpKind::kFetch);
}

}  // namespace serval::tribes
