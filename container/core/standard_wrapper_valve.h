// container/core/standard_wrapper_valve.h
#pragma once
#include "container/core/valve.h"

namespace serval::core {

/// Runs the filters and the servlet.
///
/// Errors: an exception of the application is logged, described in the request and becomes a 500
/// that closes the connection. A client that has gone is no error.
/// Source: Tomcat org.apache.catalina.core.StandardWrapperValve.
class StandardWrapperValve final : public Valve {
 public:
  void invoke(Request& request, Response& response, Next next) override;
  std::string_view name() const override { return "StandardWrapperValve"; }
};

}  // namespace serval::core
