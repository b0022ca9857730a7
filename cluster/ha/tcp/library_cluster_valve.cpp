#include "cluster/ha/tcp/library_cluster_valve.h"

#include <exception>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/cluster_valve.h"
#include "cluster/ha/request_gates.h"
#include "cluster/ha/tcp/request_replication.h"
#include "container/base/log.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/valves/library_valve.h"

namespace serval::ha {

namespace {
const Log kLog{"serval.ha.LibraryClusterValve"};

class LibraryClusterValve final : public core::LibraryValve<ClusterValve>, private serval::Cluster {
 public:
  LibraryClusterValve(serval::ClusterValve& object, core::ValveOfLibrary own)
      : LibraryValve(std::move(own)), object_(object) {}

  Result<> start() override {
    if (find_cluster()) object_.set_cluster(this);
    return LibraryValve::start();
  }
  void invoke(core::Request& request, core::Response& response, core::Next next) override {
    const RequestGates gates(response);
    LibraryValve::invoke(request, response, next);
  }

 private:
  // serval::Cluster, given away only with a cluster
  std::string cluster_name() const override { return cluster_->cluster_name(); }
  bool has_members() const override { return cluster_->has_members(); }
  bool replicate(serval::Request& request) override;

  serval::ClusterValve& object_;
};

/// What goes wrong is no reason to spoil the answer, as in ReplicationValve.
bool LibraryClusterValve::replicate(serval::Request& given) {
  auto* const request = dynamic_cast<core::Request*>(&given);
  if (!request || !request->mapped_context) return false;
  try {
    bool is_sent = false;
    const auto send = [&](const core::Context& context, core::StandardSession* session) {
      ClusterManager* const manager = manager_in(*cluster_, context);
      if (manager && session && session->is_valid())
        is_sent = replicate_session(*cluster_, *manager, *session) || is_sent;
    };
    send(*request->mapped_context, request->internal_session(false));
    for (const auto& visit : request->visits()) send(*visit.context, visit.session.get());
    return is_sent;
  } catch (const std::exception& e) {
    kLog.error("Unable to perform replication request. {}", e.what());
    return false;
  }
}
}  // namespace

void add_library_cluster_valve(core::Registries& registries, const core::LibraryClass& of) {
  registries.valves.add(of.entry.name, {},
                        [of](const Element& element,
                             Diagnostics& diagnostics) -> Result<std::unique_ptr<core::Valve>> {
                          auto made = core::make_object<serval::ClusterValve>(of.entry, "valve");
                          if (!made) return made.error();
                          serval::ClusterValve& object = **made;
                          return std::make_unique<LibraryClusterValve>(
                              object,
                              core::ValveOfLibrary(of, *std::move(made), element, diagnostics));
                        });
}

}  // namespace serval::ha
