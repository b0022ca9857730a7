#include "cluster/ha/session/cluster_manager_base.h"

#include <utility>

#include "cluster/ha/catalina_cluster.h"

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

NoteForm ClusterManagerBase::note_form() const {
  CatalinaCluster* const cluster = this->cluster();
  if (!cluster) return NoteForm::kNone;
  return ha::note_form(cluster->channel(), persists_authentication_notes());
}

bool ClusterManagerBase::is_primary(const core::StandardSession& session) const {
  return static_cast<const DeltaSession&>(session).is_primary();
}

}  // namespace serval::ha
