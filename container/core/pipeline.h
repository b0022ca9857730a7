// container/core/pipeline.h
#pragma once
#include <memory>
#include <vector>

#include "container/base/bean_registry.h"
#include "container/core/valve.h"

namespace serval::core {

/// Valves in order, the basic valve last. The pipeline owns them; a valve knows no neighbour.
///
/// Threads: changed only while its container is not available; invoke() from any.
/// Source: Tomcat org.apache.catalina.core.StandardPipeline.
class Pipeline {
 public:
  explicit Pipeline(Container& container) : container_(container) {}

  void set_basic(std::unique_ptr<Valve> basic);
  /// Adds before the basic valve, after the others.
  Valve& add(std::unique_ptr<Valve> valve);
  /// Takes a valve out and stops it.
  void remove(Valve& valve);
  const std::vector<std::unique_ptr<Valve>>& valves() const { return valves_; }

  Result<> start();
  void stop();
  void background_process();
  /// The valves that are access logs.
  const std::vector<AccessLog*>& access_logs() const { return access_logs_; }
  void invoke(Request& request, Response& response) const {
    Next{std::span(valves_)}(request, response);
  }

 private:
  void show_bean(Valve& valve);

  Container& container_;
  std::vector<std::unique_ptr<Valve>> valves_;
  std::vector<AccessLog*> access_logs_;
  struct Shown {
    const Valve* valve;
    BeanRegistry::Registration bean;
  };
  std::vector<Shown> shown_;  // while started
  bool has_basic_ = false;
  bool started_ = false;
};

}  // namespace serval::core
