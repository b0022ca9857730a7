#include "cluster/ha/tcp/manager_table.h"

#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include "container/base/log.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.tcp.SimpleTcpCluster"};
}

void ManagerTable::add(std::string name, ClusterManager& manager) {
  std::shared_ptr<Entry> replaced;
  {
    const std::unique_lock lock(mutex_);
    auto& slot = entries_[name];
    replaced = std::exchange(slot, std::make_shared<Entry>(manager));
  }
  if (replaced) retire(*replaced, name);
}

void ManagerTable::remove(const ClusterManager& manager) {
  std::shared_ptr<Entry> found;
  std::string name;
  {
    const std::unique_lock lock(mutex_);
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (&it->second->manager != &manager) continue;
      name = it->first;
      found = it->second;
      entries_.erase(it);
      break;
    }
  }
  if (found) retire(*found, name);
}

void ManagerTable::retire(Entry& entry, std::string_view name) {
  using std::chrono_literals::operator""s;
  entry.gate.close();
  while (!entry.gate.wait_empty(10s)) {
    kLog.warn("Manager [{}] is still busy with a message of another member; waiting for it", name);
  }
}

bool ManagerTable::use(std::string_view name, const std::function<void(ClusterManager&)>& user) {
  std::shared_ptr<Entry> entry;
  {
    const std::shared_lock lock(mutex_);
    const auto it = entries_.find(name);
    if (it == entries_.end()) return false;
    entry = it->second;
  }
  const auto pass = entry->gate.enter();
  if (!pass) return false;
  user(entry->manager);
  return true;
}

void ManagerTable::use_each(const std::function<void(ClusterManager&)>& user) {
  std::vector<std::shared_ptr<Entry>> all;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, entry] : entries_) all.push_back(entry);
  }
  for (const auto& entry : all) {
    if (const auto pass = entry->gate.enter()) user(entry->manager);
  }
}

}  // namespace serval::ha
