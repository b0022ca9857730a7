// container/core/host.h
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "container/core/container.h"
#include "container/core/deployer.h"

namespace serval::core {

class Engine;

/// A virtual host. Its children are Contexts; webapp/HostConfig deploys them. The valve of
/// errorReportValveClass is added by the code that builds the server, after the host's own valves.
///
/// Source: Tomcat org.apache.catalina.core.StandardHost.
class Host final : public Container {
 public:
  struct Options {
    std::string name, app_base = "webapps", xml_base, work_dir;
    bool auto_deploy = true, deploy_on_startup = true, unpack_wars = true, deploy_xml = true,
         create_dirs = true;
    bool undeploy_old_versions = false;
    std::string deploy_ignore;
    std::string error_report_valve_class = "org.apache.catalina.valves.ErrorReportValve";
    int background_processor_delay = -1;
  };
  explicit Host(Options options);

  const Options& options() const { return options_; }
  Engine& engine() const;
  std::vector<std::string> aliases;
  /// Absolute; resolved against catalina.base before start.
  std::filesystem::path app_base, xml_base, work_dir;

  /// Set by the code that builds the server; null only in tests without deployment.
  void set_deployer(std::unique_ptr<Deployer> deployer) { deployer_ = std::move(deployer); }
  Deployer* deployer() const { return deployer_.get(); }

 protected:
  /// Makes itself known to the mapper first, so that its contexts can.
  Result<> do_start() override;
  void do_stop() override;
  bool child_may_fail() const override { return true; }
  std::string_view class_name() const override { return "StandardHost"; }

 private:
  const Options options_;
  std::unique_ptr<Deployer> deployer_;
};

}  // namespace serval::core
