// container/core/standard_context_valve.h
#pragma once
#include "container/core/valve.h"
#include "container/core/valve_bean.h"

namespace serval::core {

/// Passes a request on to its Wrapper; 404 for /WEB-INF, /META-INF and for what no servlet takes.
///
/// Source: Tomcat org.apache.catalina.core.StandardContextValve.
class StandardContextValve final : public Valve {
 public:
  void invoke(Request& request, Response& response, Next next) override;
  std::string_view name() const override { return "StandardContextValve"; }
  static void add_figures(BeanTable<StandardContextValve>& table) { show_async_supported(table); }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.core.StandardContextValve", std::move(resource));
  }
};

}  // namespace serval::core
