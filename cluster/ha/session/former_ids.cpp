#include "cluster/ha/session/former_ids.h"

namespace serval::ha {

void FormerIds::renamed(std::string_view old_id, std::string_view new_id) {
  if (old_id == new_id) return;
  const std::lock_guard lock(mutex_);
  // A session that has come back to an old id must not lead in a circle.
  renames_.erase(std::string(new_id));
  renames_.insert_or_assign(std::string(old_id), Rename{std::string(new_id), clock_.now()});
}

std::string FormerIds::current(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  std::string found;
  for (auto it = renames_.find(std::string(id)); it != renames_.end(); it = renames_.find(found)) {
    found = it->second.new_id;
  }
  return found;
}

void FormerIds::drop_old() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  std::erase_if(renames_, [&](const auto& entry) { return now - entry.second.since > kMaxAge; });
}

}  // namespace serval::ha
