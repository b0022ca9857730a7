// container/core/standard_engine_valve.h
#pragma once
#include "container/core/valve.h"

namespace serval::core {

/// Passes a request on to its Host; 404 when there is none.
///
/// Source: Tomcat org.apache.catalina.core.StandardEngineValve.
class StandardEngineValve final : public Valve {
 public:
  void invoke(Request& request, Response& response, Next next) override;
  std::string_view name() const override { return "StandardEngineValve"; }
};

}  // namespace serval::core
