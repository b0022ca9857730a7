// cluster/ha/session/jvm_route_binder_valve.h
#pragma once
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cluster/ha/cluster_valve.h"
#include "container/base/live_options.h"

namespace serval::core {
class StandardSession;
}

namespace serval::ha {

/// After a failover: a session whose id names another node gets an id with the route of this one,
/// so that the load balancer sends its next requests here.
///
/// Threads: as core::Valve says; the options may change while requests run.
/// Source: Tomcat org.apache.catalina.ha.session.JvmRouteBinderValve; ha-messages 10.
class JvmRouteBinderValve final : public ClusterValve {
 public:
  struct Options {
    bool enabled = true;
    std::string session_id_attribute = "org.apache.catalina.ha.session.JvmRouteOriginalSessionID";
  };
  static std::span<const Attribute<Options>> attributes();
  explicit JvmRouteBinderValve(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "JvmRouteBinderValve"; }
  Result<> start() override;
  void invoke(core::Request& request, core::Response& response, core::Next next) override;

  std::unique_ptr<Bean> bean(std::string resource) override;
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  bool is_running() const { return running_.load(std::memory_order_relaxed); }
  /// Between a stop and a start by management requests pass untouched. The stop forgets the number
  /// of sessions, as in Tomcat.
  void set_running(bool running);
  std::int64_t number_of_sessions() const { return moved_.load(std::memory_order_relaxed); }

 private:
  void take_over(core::Request& request, core::Response& response);
  void move_session(core::Request& request, const std::shared_ptr<core::StandardSession>& session,
                    const std::string& new_id);

  LiveOptions<Options> options_;
  std::atomic<bool> running_{true};
  std::atomic<std::int64_t> moved_{0};
};

}  // namespace serval::ha
