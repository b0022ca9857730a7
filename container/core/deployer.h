// container/core/deployer.h
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "container/base/result.h"

namespace serval::core {

/// The names of an application (container-behaviour 3): from "a#b##2.war" base_name "a#b##2", path
/// "/a/b", version "2", name
/// "/a/b##2".
struct ContextName {
  std::string base_name, path, version, name;

  /// A .war or .xml at the end is dropped.
  static ContextName from_base_name(std::string_view file_or_base_name);
  /// A directory's name is the base name as it is.
  static ContextName from_directory(std::string_view directory_name);
  /// "/a/b##2" -> the same names.
  static ContextName from_name(std::string_view name);
};

/// Deploys the applications of one Host. HostConfig implements it; the cluster's deployer uses it.
///
/// All work on a context holds its name in the "serviced" set, so that automatic deployment and the
/// farm do not meet. Threads: any. Source: Tomcat org.apache.catalina.startup.HostConfig.
class Deployer {
 public:
  virtual ~Deployer() = default;
  /// Takes the name; false if somebody else works on it.
  virtual bool try_add_serviced(std::string_view context_name) = 0;
  virtual void remove_serviced(std::string_view context_name) = 0;
  virtual bool is_deployed(std::string_view context_name) const = 0;
  /// Looks for changes of this one application now, as the background tick does for all (takes the
  /// name itself).
  virtual void check(std::string_view context_name) = 0;
  /// Stops and removes the application with its WAR and directory. Requires: the caller holds the
  /// name.
  virtual void undeploy(std::string_view context_name) = 0;
  virtual const std::filesystem::path& app_base() const = 0;
};

}  // namespace serval::core
