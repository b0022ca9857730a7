#include "cluster/ha/tcp/register_ha.h"

#include <memory>

#include "cluster/ha/deploy/farm_war_deployer.h"
#include "cluster/ha/registries.h"
#include "cluster/ha/session/cluster_session_listener.h"
#include "cluster/ha/session/delta_manager.h"
#include "cluster/ha/session/jvm_route_binder_valve.h"
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

void register_delta_manager(Registry<core::Manager>& managers) {
  static constexpr std::string_view kName = "org.apache.catalina.ha.session.DeltaManager";
  std::vector<Registry<core::Manager>::Description> all;
  for (const auto& row : DeltaManager::attributes()) all.push_back({row.name, row.help});
  managers.add(kName, std::move(all),
               [](const Element& element,
                  Diagnostics& diagnostics) -> Result<std::unique_ptr<core::Manager>> {
                 auto options = read_options<DeltaManager::Options>(
                     element, kName, DeltaManager::attributes(), diagnostics);
                 core::read_session_id_generator(element, options, diagnostics);
                 return std::make_unique<DeltaManager>(std::move(options));
               });
}
}  // namespace

void register_ha(core::Registries& registries) {
  register_delta_manager(registries.managers);
  registries.valves.add<ReplicationValve>("org.apache.catalina.ha.tcp.ReplicationValve");
  registries.valves.add<JvmRouteBinderValve>("org.apache.catalina.ha.session.JvmRouteBinderValve");

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
