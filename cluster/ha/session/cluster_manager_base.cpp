#include "cluster/ha/session/cluster_manager_base.h"

#include <utility>

namespace serval::ha {

ClusterManagerBase::ClusterManagerBase(const Options& options, const Clock& clock)
    : Manager(options, clock) {}

ClusterManagerBase::~ClusterManagerBase() = default;

void ClusterManagerBase::set_cluster(CatalinaCluster* cluster, std::string key) {
  if (cluster) key_ = std::move(key);
  cluster_.store(cluster, std::memory_order_release);
}

void ClusterManagerBase::request_completed_alone(core::StandardSession& base) {
  auto& session = static_cast<DeltaSession&>(base);
  session.forget_changes();
  session.set_primary(true);
}

bool ClusterManagerBase::is_primary(const core::StandardSession& session) const {
  return static_cast<const DeltaSession&>(session).is_primary();
}

}  // namespace serval::ha
