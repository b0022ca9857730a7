// container/core/cluster.h
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/lifecycle.h"
#include "container/servlet/serval/context.h"

namespace serval::core {

class Container;
class Context;
class Manager;

/// The container's only words for clustering. The implementation lives in cluster/ha; nothing here
/// knows it.
///
/// Order (config-reference 2.4): the Engine or Host starts its cluster first, then its realm,
/// children and pipeline; the cluster adds its valves to that container's pipeline when it starts.
/// Stop is the reverse. Threads: owner's thread, background_process() the background thread's, the
/// rest any. Source: Tomcat org.apache.catalina.Cluster, CatalinaCluster.
class Cluster : public Lifecycle {
 public:
  virtual void set_container(Container& container) = 0;
  virtual const std::string& cluster_name() const = 0;
  /// A manager for a distributable Context that has none of its own: a clone of the cluster's
  /// template.
  virtual std::unique_ptr<Manager> create_manager(const Context& context) = 0;
  /// Before the Context starts its manager / after it stopped it. A manager that is no cluster
  /// manager is left alone with Tomcat's warning; false then.
  virtual bool register_manager(Manager& manager, Context& context) = 0;
  virtual void remove_manager(Manager& manager) = 0;
  virtual void background_process() = 0;
  /// All members, the local one first.
  virtual std::vector<ServerStatus::Member> members() const = 0;
};

}  // namespace serval::core
