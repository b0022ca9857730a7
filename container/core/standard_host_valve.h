// container/core/standard_host_valve.h
#pragma once
#include "container/core/valve.h"
#include "container/core/valve_bean.h"

namespace serval::core {

/// Passes a request on to its Context, and afterwards an error to the application's error page.
/// What the application does not answer is left to the ErrorReportValve in front.
///
/// Errors: an exception of a valve becomes a 500.
/// Source: Tomcat org.apache.catalina.core.StandardHostValve.
class StandardHostValve final : public Valve {
 public:
  void invoke(Request& request, Response& response, Next next) override;
  std::string_view name() const override { return "StandardHostValve"; }
  static void add_figures(BeanTable<StandardHostValve>& table) { show_async_supported(table); }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.core.StandardHostValve", std::move(resource));
  }
};

}  // namespace serval::core
