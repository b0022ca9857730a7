#include "container/serialization/handle_table.h"

namespace serval {
namespace {
std::size_t slot_of(std::uint64_t key) {
  key *= 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>(key ^ key >> 32);
}
}  // namespace

const HandleTable::Entry* HandleTable::find(std::uint64_t key) const {
  if (index_.empty()) {
    for (const Entry& entry : entries_) {
      if (entry.key == key) return &entry;
    }
    return nullptr;
  }
  const std::size_t mask = index_.size() - 1;
  for (std::size_t slot = slot_of(key) & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[index_[slot] - 1];
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

void HandleTable::add(std::uint64_t key, std::uint32_t handle, std::uint32_t extra) {
  if (entries_.empty()) entries_.reserve(kLinear);
  entries_.push_back({key, handle, extra});
  if (index_.empty()) {
    if (entries_.size() > kLinear) rebuild(64);
  } else if (entries_.size() * 2 > index_.size()) {
    rebuild(index_.size() * 4);
  } else {
    index(entries_.size() - 1);
  }
}

void HandleTable::truncate(std::size_t size) {
  if (size == entries_.size()) return;
  entries_.resize(size);
  if (size <= kLinear) {
    index_.clear();
  } else {
    rebuild(index_.size());
  }
}

void HandleTable::index(std::size_t entry) {
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = slot_of(entries_[entry].key) & mask;
  while (index_[slot] != 0) slot = (slot + 1) & mask;
  index_[slot] = static_cast<std::uint32_t>(entry + 1);
}

void HandleTable::rebuild(std::size_t capacity) {
  index_.assign(capacity, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) index(i);
}

}  // namespace serval
