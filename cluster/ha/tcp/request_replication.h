// cluster/ha/tcp/request_replication.h
#pragma once
#include "cluster/ha/session/cluster_manager.h"

namespace serval::core {
class Context;
class StandardSession;
}  // namespace serval::core

namespace serval::ha {

/// The manager of a context, if it belongs to this cluster; else null.
ClusterManager* manager_in(const CatalinaCluster& cluster, const core::Context& context);

/// At the end of a request: has the changes of one of its sessions sent, or forgotten if there are
/// no members. True if something was sent.
bool replicate_session(const CatalinaCluster& cluster, ClusterManager& manager,
                       core::StandardSession& session);

}  // namespace serval::ha
