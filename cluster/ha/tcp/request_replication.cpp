#include "cluster/ha/tcp/request_replication.h"

#include "cluster/ha/catalina_cluster.h"
#include "container/core/context.h"

namespace serval::ha {

ClusterManager* manager_in(const CatalinaCluster& cluster, const core::Context& context) {
  auto* const manager = dynamic_cast<ClusterManager*>(context.manager());
  return manager && manager->cluster() == &cluster ? manager : nullptr;
}

bool replicate_session(const CatalinaCluster& cluster, ClusterManager& manager,
                       core::StandardSession& session) {
  if (cluster.has_members()) return manager.request_completed(session);
  manager.request_completed_alone(session);
  return false;
}

}  // namespace serval::ha
