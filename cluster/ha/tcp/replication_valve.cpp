#include "cluster/ha/tcp/replication_valve.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/request_gates.h"
#include "cluster/ha/session/cluster_manager.h"
#include "cluster/ha/tcp/request_replication.h"
#include "container/base/clock.h"
#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/core/valve_bean.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.tcp.ReplicationValve"};
using namespace std::string_view_literals;
using Row = Attribute<ReplicationValve::Options>;
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

std::unique_ptr<Bean> ReplicationValve::bean(std::string resource) {
  using This = ReplicationValve;
  static const auto table = [] {
    BeanTable<This> made{"org.apache.catalina.ha.tcp.ReplicationValve", {}, {}};
    // Tomcat's bean knows `statistics` by another name.
    const auto& statistics = *std::ranges::find(attributes(), "statistics"sv, &Row::name);
    made.attributes.push_back({"doProcessingStats", statistics.type,
                               [](const This& v) { return v.options_->statistics; },
                               [&statistics](This& v, std::string_view text) {
                                 return v.options_.change(statistics, text);
                               }});
    made.options();
    std::erase_if(made.attributes, [](const auto& row) { return row.name == "statistics"; });
    core::show_async_supported(made)
        .read("stateName", [](const This&) { return "STARTED"sv; })
        .read("lastSendTime", [](const This& v) { return v.counters_.last_send_ms.load(); })
        .read("nrOfRequests", [](const This& v) { return v.counters_.requests.load(); })
        .read("nrOfSendRequests", [](const This& v) { return v.counters_.send_requests.load(); })
        .read("nrOfFilterRequests",
              [](const This& v) { return v.counters_.filter_requests.load(); })
        .read("nrOfCrossContextSendRequests",
              [](const This& v) { return v.counters_.cross_context_requests.load(); })
        .read("totalRequestTime", [](const This& v) { return v.counters_.total_request_us / 1000; })
        .read("totalSendTime", [](const This& v) { return v.counters_.total_send_us / 1000; })
        .run("resetStatistics", [](This& v) { v.reset_statistics(); });
    return made;
  }();
  return make_bean(*this, table, std::move(resource));
}

void ReplicationValve::reset_statistics() {
  for (auto* const counter :
       {&counters_.requests, &counters_.send_requests, &counters_.filter_requests,
        &counters_.cross_context_requests, &counters_.total_request_us, &counters_.total_send_us,
        &counters_.last_send_ms}) {
    *counter = 0;
  }
}

Result<> ReplicationValve::start() {
  if (!find_cluster()) kLog.warn("No cluster found: ReplicationValve does nothing");
  return {};
}

ClusterManager* ReplicationValve::manager_of(const core::Context& context) const {
  return cluster_ ? manager_in(*cluster_, context) : nullptr;
}

void ReplicationValve::invoke(core::Request& request, core::Response& response, core::Next next) {
  if (!request.mapped_context) return next(request, response);
  ClusterManager* const manager = manager_of(*request.mapped_context);
  const bool may_visit = cluster_ && request.mapped_context->options.cross_context;
  if (!manager && !may_visit) return next(request, response);
  const Options& options = *options_;
  const std::int64_t begin_ns = options.statistics ? now_ns() : 0;
  const RequestGates gates(response);
  if (manager && options.primary_indicator)
    mark_primary(request, *manager, options.primary_indicator_name);
  next(request, response);
  const std::int64_t send_ns = options.statistics ? now_ns() : 0;
  try {
    if (manager) replicate(request, *manager, options);
    replicate_visits(request, options.statistics);
  } catch (const std::exception& e) {
    kLog.error("Unable to perform replication request. {}", e.what());
  }
  if (options.statistics) count(begin_ns, send_ns, now_ns());
}

void ReplicationValve::mark_primary(core::Request& request, ClusterManager& manager,
                                    const std::string& indicator) {
  if (!request.requested_id || request.requested_id->empty()) return;
  if (const auto session = manager.base().find_session(*request.requested_id)) {
    request.set_attribute(indicator, Value(manager.is_primary(*session)));
  }
}

void ReplicationValve::replicate(core::Request& request, ClusterManager& manager,
                                 const Options& options) {
  auto* const session = request.internal_session(false);
  if (!session) return;
  if (options.filter && options.filter->matches(request.line.decoded_path) &&
      cluster_->has_members()) {
    if (options.statistics) ++counters_.filter_requests;
    return;
  }
  if (replicate_session(*cluster_, manager, *session) && options.statistics)
    ++counters_.send_requests;
}

void ReplicationValve::replicate_visits(const core::Request& request, bool statistics) {
  for (const auto& visit : request.visits()) {
    ClusterManager* const manager = manager_of(*visit.context);
    if (!manager || !visit.session || !visit.session->is_valid()) continue;
    const bool is_sent = replicate_session(*cluster_, *manager, *visit.session);
    if (!statistics || !cluster_->has_members()) continue;
    ++counters_.cross_context_requests;
    if (is_sent) ++counters_.send_requests;
  }
}

void ReplicationValve::count(std::int64_t begin_ns, std::int64_t send_ns, std::int64_t end_ns) {
  const std::int64_t send_us = (end_ns - send_ns) / 1000;
  counters_.total_request_us += (end_ns - begin_ns) / 1000;
  counters_.total_send_us += send_us;
  counters_.last_send_ms = system_clock().wall_ms();
  const std::int64_t requests = ++counters_.requests;
  if (requests % kReportInterval != 0) return;
  const auto average = [&](std::int64_t total_us) {
    return static_cast<double>(total_us) / static_cast<double>(requests) / 1000;
  };
  kLog.info(
      "Average request time=[{:.3f}] ms with cluster overhead time=[{:.3f}] ms for [{}] requests, "
      "[{}] send requests, [{}] cross context requests, and [{}] filter requests (Total "
      "request=[{}] ms, total cluster request=[{}] ms).",
      average(counters_.total_request_us), average(counters_.total_send_us), requests,
      counters_.send_requests.load(), counters_.cross_context_requests.load(),
      counters_.filter_requests.load(), counters_.total_request_us / 1000,
      counters_.total_send_us / 1000);
}

}  // namespace serval::ha
