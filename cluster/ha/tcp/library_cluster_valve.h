// cluster/ha/tcp/library_cluster_valve.h
#pragma once
#include "container/core/library_class.h"
#include "container/core/registries.h"

namespace serval::ha {

/// Registers a class of the kind kClusterValve: a ClusterValve that hands its requests to the
/// object, the members' ACKs being waited for by the answer as with ReplicationValve.
/// Requires: its name is free.
void add_library_cluster_valve(core::Registries& registries, const core::LibraryClass& of);

}  // namespace serval::ha
