// container/valves/health_check_valve.h
#pragma once
#include <span>
#include <string>

#include "container/base/attribute.h"
#include "container/base/live_options.h"
#include "container/core/valve.h"
#include "container/core/valve_bean.h"

namespace serval::core {

/// Answers one path with the health of its container and everything below, as JSON: 200 with UP or
/// 503 with DOWN.
///
/// Source: Tomcat org.apache.catalina.valves.HealthCheckValve.
class HealthCheckValve final : public Valve {
 public:
  struct Options {
    std::string path = "/health";
    bool check_containers_available = true;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit HealthCheckValve(Options options) : options_(std::move(options)) {}
  void invoke(Request& request, Response& response, Next next) override;
  std::string_view name() const override { return "HealthCheckValve"; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  static void add_figures(BeanTable<HealthCheckValve>& table) { show_async_supported(table); }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.valves.HealthCheckValve", std::move(resource));
  }

 private:
  LiveOptions<Options> options_;
};

}  // namespace serval::core
