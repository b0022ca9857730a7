// container/core/coyote_adapter.h
#pragma once
#include <optional>

#include "container/base/gate.h"
#include "container/core/connector.h"
#include "container/mapper/mapper.h"

namespace serval::core {

class Context;
class Service;

/// Maps a request to host, context, version and servlet, runs the Engine's pipeline with the
/// context's gate held, and writes the access logs.
///
/// Threads: any. Errors: service() never throws; whatever comes out of the pipeline is a 500.
/// Source: Tomcat org.apache.catalina.connector.CoyoteAdapter.
class CoyoteAdapter final : public Adapter {
 public:
  explicit CoyoteAdapter(Service& service) : service_(service) {}
  void service(Request& request, Response& response) override;

 private:
  using Pass = std::optional<Gate::Pass>;
  /// True: the pipeline shall run (perhaps only to make an error page). False: answered.
  bool prepare(Request& request, Response& response, Pass& pass) const;
  bool answer_special_target(Request& request, Response& response) const;
  void map_host(Request& request) const;
  void map_context(Request& request, Response& response, Pass& pass) const;
  void choose_version(const Mapper::Match& match, Request& request, Pass& pass) const;
  bool map_inside(Request& request, Response& response) const;
  void log_access(Request& request, Response& response, std::int64_t elapsed_ns) const;
  Service& service_;
};

}  // namespace serval::core
