// container/webapp/host_config.h
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/bean_registry.h"
#include "container/base/java_pattern.h"
#include "container/core/deployer.h"
#include "container/webapp/application.h"

namespace serval::core {

/// Time stamps of files, in the order in which they are looked at.
class WatchedFiles {
 public:
  using Row = std::pair<std::filesystem::path, std::int64_t>;  // milliseconds; 0: was not there
  /// Sets the time of a file, new ones at the end.
  void put(const std::filesystem::path& file, std::int64_t modified);
  void put_now(const std::filesystem::path& file);
  std::vector<Row>& rows() { return rows_; }
  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
};

/// An application that HostConfig deployed, whether it started or not.
struct DeployedApplication {
  ContextName names;
  bool has_descriptor = false;
  WatchedFiles redeploy;  // WAR, directory, descriptor, default context files
  WatchedFiles reload;    // WatchedResource
  bool warned_of_directory = false;
};

/// Deploys the applications of a Host: at its start, and by a look at the files every tick of the
/// background processor (autoDeploy).
///
/// Errors: an application that cannot be deployed or started is logged and remembered; a change of
/// its files tries again. The others go on. Threads: any; an application is worked on only by who
/// holds its name.
/// Source: container-behaviour 9; Tomcat org.apache.catalina.startup.HostConfig.
class HostConfig final : public Deployer {
 public:
  struct Timing {
    /// Files younger than this are left for the next tick: they may still be written.
    std::chrono::milliseconds file_age{1000};
    /// How long a file that has gone may take to come back (an editor that renames).
    std::chrono::milliseconds recheck{500};
  };
  HostConfig(ApplicationEnvironment& environment, Host& host, Timing timing,
             const Clock& clock = system_clock());
  HostConfig(ApplicationEnvironment& environment, Host& host)
      : HostConfig(environment, host, Timing{}) {}

  /// Makes one and gives it to the host, as deployer and listener.
  static void attach(ApplicationEnvironment& environment, Host& host);

  /// before_start: makes the directories. start: deploys. periodic: looks for changes.
  void lifecycle_event(std::string_view type);

  bool try_add_serviced(std::string_view context_name) override;
  void remove_serviced(std::string_view context_name) override;
  bool is_deployed(std::string_view context_name) const override;
  void check(std::string_view context_name) override;
  void undeploy(std::string_view context_name) override;
  const std::filesystem::path& app_base() const override { return host_.app_base; }
  /// Whether somebody holds the name.
  bool is_serviced(std::string_view context_name) const;

 private:
  using Application = std::shared_ptr<DeployedApplication>;
  enum class Kind { kDescriptor, kWar, kDirectory };

  static const BeanTable<HostConfig>& table();
  void prepare_directories();
  void check_all();
  // Deploying (host_config_deploy.cpp)
  void deploy_all();
  void deploy_one(const ContextName& names);
  void deploy_found(Kind kind, const std::filesystem::path& file, bool wait_if_young);
  void deploy_descriptor(const ContextName& names, const std::filesystem::path& file);
  void deploy_war(const ContextName& names, const std::filesystem::path& war);
  void deploy_directory(const ContextName& names, const std::filesystem::path& directory);
  bool is_ignored(const std::filesystem::path& file) const;
  bool exists(std::string_view context_name) const;
  bool has_hidden_directory(const ContextName& names);
  std::vector<std::filesystem::path> sorted_files(const std::filesystem::path& directory) const;
  std::filesystem::path unpacked_directory(const ContextName& names, bool unpack) const;
  Result<std::optional<Element>> descriptor_of_directory(const ContextName& names,
                                                         const std::filesystem::path& directory,
                                                         Diagnostics& diagnostics) const;
  Result<std::optional<Element>> descriptor_of_war(const ContextName& names,
                                                   const std::filesystem::path& war,
                                                   Diagnostics& diagnostics) const;
  Error blocked(const ContextName& names, const std::filesystem::path& descriptor) const;
  Result<> add_application(DeployedApplication& application, const ApplicationSource& source,
                           Diagnostics& diagnostics);
  void watch_resources(DeployedApplication& application, const Context* context) const;
  void watch_defaults(DeployedApplication& application) const;
  std::filesystem::path descriptor_path(const ContextName& names) const;
  // Changes (host_config_check.cpp)
  void check_application(DeployedApplication& application, bool skip_age);
  bool check_redeploy(DeployedApplication& application, bool skip_age);
  void check_reload(DeployedApplication& application, bool skip_age);
  bool is_old_enough(std::int64_t modified, bool skip_age) const;
  void remove_application(DeployedApplication& application, std::size_t first_file,
                          bool with_reload_files);
  void reload(DeployedApplication& application);
  bool may_delete(const std::filesystem::path& file) const;
  void undeploy_old_versions();

  Application find(std::string_view context_name) const;
  void remember(Application application);

  ApplicationEnvironment& environment_;
  Host& host_;
  const Timing timing_;
  const Clock& clock_;
  std::optional<JavaPattern> ignore_;
  BeanRegistry::Registration bean_;  // from the start event to the stop event
  bool can_deploy_ = true;           // owner's thread; false when appBase is missing
  mutable std::mutex mutex_;         // guards the rest
  std::vector<Application> deployed_;
  std::set<std::string, std::less<>> serviced_;
  std::set<std::string> invalid_wars_;
};

}  // namespace serval::core
