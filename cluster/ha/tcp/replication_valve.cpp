#include "cluster/ha/tcp/replication_valve.h"

#include <array>
#include <chrono>
#include <exception>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/request_gates.h"
#include "cluster/ha/session/cluster_manager.h"
#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.tcp.ReplicationValve"};
constexpr std::int64_t kReportInterval = 100;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
}  // namespace

std::span<const Attribute<ReplicationValve::Options>> ReplicationValve::attributes() {
  static const std::array table{
      attribute("filter", &Options::filter,
                "regular expression: requests whose URI matches it never cause replication"),
      attribute("primaryIndicator", &Options::primary_indicator,
                "tell the application whether this node owns the session"),
      attribute("primaryIndicatorName", &Options::primary_indicator_name,
                "request attribute that says so"),
      attribute("statistics", &Options::statistics,
                "collect times and log them every 100 requests"),
  };
  return table;
}

Result<> ReplicationValve::start() {
  if (!find_cluster()) kLog.warn("No cluster found: ReplicationValve does nothing");
  return {};
}

ClusterManager* ReplicationValve::manager_of(const core::Request& request) const {
  if (!cluster_ || !request.mapped_context) return nullptr;
  auto* const manager = dynamic_cast<ClusterManager*>(request.mapped_context->manager());
  return manager && manager->cluster() == cluster_ ? manager : nullptr;
}

void ReplicationValve::invoke(core::Request& request, core::Response& response, core::Next next) {
  ClusterManager* const manager = manager_of(request);
  if (!manager) return next(request, response);
  const std::int64_t begin_ns = options_.statistics ? now_ns() : 0;
  const RequestGates gates(response);
  if (options_.primary_indicator) mark_primary(request, *manager);
  next(request, response);
  const std::int64_t send_ns = options_.statistics ? now_ns() : 0;
  try {
    replicate(request, *manager);
  } catch (const std::exception& e) {
    kLog.error("Unable to perform replication request. {}", e.what());
  }
  if (options_.statistics) count(begin_ns, send_ns, now_ns());
}

void ReplicationValve::mark_primary(core::Request& request, ClusterManager& manager) const {
  if (!request.requested_id || request.requested_id->empty()) return;
  if (const auto session = manager.base().find_session(*request.requested_id)) {
    request.set_attribute(options_.primary_indicator_name, Value(manager.is_primary(*session)));
  }
}

void ReplicationValve::replicate(core::Request& request, ClusterManager& manager) {
  auto* const session = request.internal_session(false);
  if (!session) return;
  if (!cluster_->has_members()) return manager.request_completed_alone(*session);
  if (options_.filter && options_.filter->matches(request.line.decoded_path)) {
    if (options_.statistics) ++counters_.filter_requests;
    return;
  }
  if (manager.request_completed(*session) && options_.statistics) ++counters_.send_requests;
}

void ReplicationValve::count(std::int64_t begin_ns, std::int64_t send_ns, std::int64_t end_ns) {
  const std::int64_t send_us = (end_ns - send_ns) / 1000;
  counters_.total_request_us += (end_ns - begin_ns) / 1000;
  counters_.total_send_us += send_us;
  counters_.last_send_us = send_us;
  const std::int64_t requests = ++counters_.requests;
  if (requests % kReportInterval != 0) return;
  kLog.info(
      "{} requests took {} us on average, {} of them sent a session ({} us on average), {} were "
      "filtered",
      requests, counters_.total_request_us / requests, counters_.send_requests.load(),
      counters_.total_send_us / requests, counters_.filter_requests.load());
}

}  // namespace serval::ha
