// container/core/standard_engine_valve.h
#pragma once
#include "container/core/valve.h"
#include "container/core/valve_bean.h"

namespace serval::core {

/// Passes a request on to its Host; 404 when there is none.
///
/// Source: Tomcat org.apache.catalina.core.StandardEngineValve.
class StandardEngineValve final : public Valve {
 public:
  void invoke(Request& request, Response& response, Next next) override;
  std::string_view name() const override { return "StandardEngineValve"; }
  static void add_figures(BeanTable<StandardEngineValve>& table) { show_async_supported(table); }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.core.StandardEngineValve", std::move(resource));
  }
};

}  // namespace serval::core
