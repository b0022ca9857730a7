// cluster/ha/tcp/replication_valve.h
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cluster/ha/cluster_valve.h"
#include "container/base/java_pattern.h"
#include "container/base/live_options.h"

namespace serval::core {
class Context;
}

namespace serval::ha {

class ClusterManager;

/// Finds the end of a request and has the changes of its session sent to the members, and those of
/// the sessions it has used in other applications (crossContext; the filter does not ask for them).
/// With synchronous send options the answer waits for all of them; the thread does not.
///
/// Errors: what goes wrong is logged and never reaches the client. A request that ends with an
/// exception is not replicated.
/// Threads: as core::Valve says; the counters are atomic.
/// Source: Tomcat org.apache.catalina.ha.tcp.ReplicationValve; ha-messages 9.
class ReplicationValve final : public ClusterValve {
 public:
  struct Options {
    std::optional<JavaPattern> filter;
    bool primary_indicator = false;
    std::string primary_indicator_name = "org.apache.catalina.ha.tcp.isPrimarySession";
    bool statistics = false;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit ReplicationValve(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "ReplicationValve"; }
  Result<> start() override;
  void invoke(core::Request& request, core::Response& response, core::Next next) override;

  std::unique_ptr<Bean> bean(std::string resource) override;
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  /// Counted only with statistics; times in microseconds.
  struct Counters {
    std::atomic<std::int64_t> requests{0}, send_requests{0}, filter_requests{0},
        cross_context_requests{0};
    std::atomic<std::int64_t> total_request_us{0}, total_send_us{0};
    std::atomic<std::int64_t> last_send_ms{0};  // wall clock
  };
  const Counters& counters() const { return counters_; }
  void reset_statistics();

 private:
  ClusterManager* manager_of(const core::Context& context) const;
  static void mark_primary(core::Request& request, ClusterManager& manager,
                           const std::string& indicator);
  void replicate(core::Request& request, ClusterManager& manager, const Options& options);
  void replicate_visits(const core::Request& request, bool statistics);
  void count(std::int64_t begin_ns, std::int64_t send_ns, std::int64_t end_ns);

  LiveOptions<Options> options_;
  Counters counters_;
};

}  // namespace serval::ha
