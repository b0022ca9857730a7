// cluster/ha/tcp/manager_table.h
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "container/base/gate.h"

namespace serval::ha {

class ClusterManager;

/// The managers of a cluster by name. A manager that is taken out is not in use by anybody any
/// more.
///
/// Threads: any; remove() waits for running uses, so it must not be called from within one.
class ManagerTable {
 public:
  /// A later manager of the same name takes the place.
  void add(std::string name, ClusterManager& manager);
  void remove(const ClusterManager& manager);
  /// False if there is none of this name.
  bool use(std::string_view name, const std::function<void(ClusterManager&)>& user);
  void use_each(const std::function<void(ClusterManager&)>& user);

 private:
  struct Entry {
    explicit Entry(ClusterManager& m) : manager(m) {}
    ClusterManager& manager;
    Gate gate;
  };
  static void retire(Entry& entry, std::string_view name);

  std::shared_mutex mutex_;  // guards entries_; never held while a manager is used
  std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries_;
};

}  // namespace serval::ha
