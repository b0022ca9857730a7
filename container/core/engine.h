// container/core/engine.h
#pragma once
#include <string>

#include "container/core/container.h"

namespace serval::core {

class Host;
class Service;

/// All hosts of a Service.
///
/// Source: Tomcat org.apache.catalina.core.StandardEngine.
class Engine final : public Container {
 public:
  struct Options {
    std::string name, default_host, jvm_route;
    int background_processor_delay = 10;
  };
  explicit Engine(Options options);
  const Options& options() const { return options_; }
  const std::string& jvm_route() const { return options_.jvm_route; }
  Service* service = nullptr;
  /// The child called defaultHost, or null.
  std::shared_ptr<Host> default_host() const;
  bool is_default_host(const Host& host) const;

 protected:
  Result<> do_start() override;
  std::string_view class_name() const override { return "StandardEngine"; }

 private:
  const Options options_;
  const std::string default_host_;  // lower case
};

}  // namespace serval::core
