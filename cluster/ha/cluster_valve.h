// cluster/ha/cluster_valve.h
#pragma once
#include "container/core/valve.h"

namespace serval::ha {

class CatalinaCluster;

/// A Valve that may stand inside a Cluster element; the cluster puts it into the pipeline of its
/// container. Written elsewhere (in a Host, a Context) it uses the cluster of that container.
///
/// Source: Tomcat org.apache.catalina.ha.ClusterValve.
class ClusterValve : public core::Valve {
 public:
  void set_cluster(CatalinaCluster& cluster) { cluster_ = &cluster; }

 protected:
  /// The cluster it was given, else the one its container uses; null without one. For start().
  CatalinaCluster* find_cluster();
  CatalinaCluster* cluster_ = nullptr;
};

}  // namespace serval::ha
