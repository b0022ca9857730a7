// cluster/ha/registries.h
#pragma once
#include "cluster/ha/cluster_message.h"
#include "cluster/ha/deploy.h"
#include "container/base/registry.h"

namespace serval::ha {

/// Classes that only the children of a Cluster element may name.
struct HaRegistries {
  Registry<ClusterListener> listeners;
  Registry<ClusterDeployer> deployers;
};

}  // namespace serval::ha
