#include "cluster/ha/cluster_valve.h"

#include "cluster/ha/catalina_cluster.h"
#include "container/core/container.h"

namespace serval::ha {

CatalinaCluster* ClusterValve::find_cluster() {
  if (!cluster_ && container_) cluster_ = dynamic_cast<CatalinaCluster*>(container_->cluster());
  return cluster_;
}

}  // namespace serval::ha
