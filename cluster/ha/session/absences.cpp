#include "cluster/ha/session/absences.h"

#include <algorithm>
#include <utility>

namespace serval::ha {

void Absences::begin(const tribes::Member& member, std::int64_t since_ms) {
  const std::lock_guard lock(mutex_);
  // It may be lost again before it was told: the first time counts.
  ++absences_.try_emplace(member.id, Absence{.since_ms = since_ms}).first->second.losses;
}

std::optional<Absences::Absence> Absences::of(const tribes::Member& member) const {
  const std::lock_guard lock(mutex_);
  const auto found = absences_.find(member.id);
  return found == absences_.end() ? std::nullopt : std::optional(found->second);
}

void Absences::end(const tribes::Member& member, const Absence& told) {
  const std::lock_guard lock(mutex_);
  const auto found = absences_.find(member.id);
  if (found != absences_.end() && found->second.losses == told.losses) absences_.erase(found);
}

void Absences::keep(SessionMessage message) {
  const std::lock_guard lock(mutex_);
  kept_.push_back({clock_.wall_ms(), std::move(message)});
  if (kept_.size() > kMaxMessages) kept_.pop_front();
}

std::vector<SessionMessage> Absences::kept_since(std::int64_t ms) const {
  const std::lock_guard lock(mutex_);
  std::vector<SessionMessage> messages;
  for (const Kept& one : kept_) {
    if (one.at_ms >= ms) messages.push_back(one.message);
  }
  return messages;
}

void Absences::drop_old() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = clock_.wall_ms();
  std::erase_if(absences_, [&](const auto& one) { return one.second.since_ms < now - kMaxAgeMs; });
  std::int64_t needed = now - kUnnoticedMs;
  for (const auto& [id, absence] : absences_) needed = std::min(needed, absence.since_ms);
  while (!kept_.empty() && kept_.front().at_ms < needed) kept_.pop_front();
}

}  // namespace serval::ha
