#include "cluster/ha/tcp/register_ha.h"

#include <memory>

#include "cluster/ha/authenticator/cluster_single_sign_on.h"
#include "cluster/ha/backend/heartbeat_listener.h"
#include "cluster/ha/context/replicated_context.h"
#include "cluster/ha/deploy/farm_war_deployer.h"
#include "cluster/ha/registries.h"
#include "cluster/ha/session/backup_manager.h"
#include "cluster/ha/session/cluster_session_listener.h"
#include "cluster/ha/session/delta_manager.h"
#include "cluster/ha/session/jvm_route_binder_valve.h"
#include "cluster/ha/tcp/library_cluster_valve.h"
#include "cluster/ha/tcp/replication_valve.h"
#include "cluster/ha/tcp/simple_tcp_cluster.h"
#include "container/session/session_id_generator.h"

namespace serval::ha {

namespace {
template <class T>
std::vector<Registry<core::Cluster>::Description> rows() {
  std::vector<Registry<core::Cluster>::Description> all;
  for (const auto& row : T::attributes()) all.push_back({row.name, row.help});
  return all;
}

template <class T>
void add_manager(Registry<core::Manager>& managers, std::string_view class_name) {
  std::vector<Registry<core::Manager>::Description> all;
  for (const auto& row : T::attributes()) all.push_back({row.name, row.help});
  managers.add(class_name, std::move(all),
               [class_name](const Element& element,
                            Diagnostics& diagnostics) -> Result<std::unique_ptr<core::Manager>> {
                 auto options = read_options<typename T::Options>(element, class_name,
                                                                  T::attributes(), diagnostics);
                 core::read_session_id_generator(element, options, diagnostics);
                 return std::make_unique<T>(std::move(options));
               });
}
}  // namespace

void register_ha(core::Registries& registries) {
  add_manager<DeltaManager>(registries.managers, "org.apache.catalina.ha.session.DeltaManager");
  add_manager<BackupManager>(registries.managers, "org.apache.catalina.ha.session.BackupManager");
  registries.valves.add<ReplicationValve>("org.apache.catalina.ha.tcp.ReplicationValve");
  registries.valves.add<JvmRouteBinderValve>("org.apache.catalina.ha.session.JvmRouteBinderValve");

  registries.valves.add<ClusterSingleSignOn>(
      "org.apache.catalina.ha.authenticator.ClusterSingleSignOn");

  registries.library_kinds[ApplicationTable::Kind::kClusterValve] = add_library_cluster_valve;

  registries.listeners.add<HeartbeatListener>("org.apache.catalina.ha.backend.HeartbeatListener");
  registries.contexts.add<ReplicatedContext>("org.apache.catalina.ha.context.ReplicatedContext");

  const auto ha = std::make_shared<HaRegistries>();
  ha->listeners.add<ClusterSessionListener>(
      "org.apache.catalina.ha.session.ClusterSessionListener");
  ha->deployers.add<FarmWarDeployer>("org.apache.catalina.ha.deploy.FarmWarDeployer");
  registries.clusters.add("org.apache.catalina.ha.tcp.SimpleTcpCluster", rows<SimpleTcpCluster>(),
                          [&registries, ha](const Element& element, Diagnostics& diagnostics) {
                            return SimpleTcpCluster::from_element(element, diagnostics, registries,
                                                                  *ha);
                          });
}

}  // namespace serval::ha
