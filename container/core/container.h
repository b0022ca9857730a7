// container/core/container.h
#pragma once
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/bean_registry.h"
#include "container/base/clock.h"
#include "container/base/lifecycle.h"
#include "container/core/cluster.h"
#include "container/core/pipeline.h"
#include "container/realm/realm.h"

namespace serval::core {

class Server;

/// What Engine, Host, Context and Wrapper have in common: name, parent, children, pipeline, realm,
/// cluster, background work.
///
/// Threads: set up by one thread before start; children of a Host change at run time (guarded);
/// find from any. Source: Tomcat org.apache.catalina.core.ContainerBase.
class Container : public Lifecycle {
 public:
  explicit Container(std::string name) : name_(std::move(name)), pipeline_(*this) {}
  ~Container() override;

  const std::string& name() const { return name_; }
  Container* parent() const { return parent_; }
  void set_parent(Container* parent) { parent_ = parent; }
  Pipeline& pipeline() { return pipeline_; }
  const Pipeline& pipeline() const { return pipeline_; }

  void set_realm(std::unique_ptr<Realm> realm) { realm_ = std::move(realm); }
  /// Its own, else the nearest ancestor's, else null.
  Realm* realm() const;
  void set_cluster(std::unique_ptr<Cluster> cluster);
  /// Its own, else the nearest ancestor's, else null.
  Cluster* cluster() const;
  Cluster* own_cluster() const { return cluster_.get(); }

  /// Adds a child; starts it when this container is available and `start`. A child that fails to
  /// start is logged and stays. A second child of one name is refused with a SEVERE line; the first
  /// is returned.
  Container& add_child(std::shared_ptr<Container> child, bool start = true);
  /// Stops, destroys and removes the child.
  void remove_child(std::string_view child_name);
  std::shared_ptr<Container> find_child(std::string_view child_name) const;
  /// In the order of adding.
  std::vector<std::shared_ptr<Container>> children() const;

  /// Seconds between ticks of its own background processor; <= 0: the parent's tick covers it.
  int background_processor_delay = -1;
  /// One tick: cluster, manager (Context), realm, pipeline valves, then the `periodic` event, then
  /// children without a delay of their own. Called by the Server's background thread.
  virtual void background_process();

  /// When its own delay has the next tick due; the background thread's.
  Clock::Time next_tick{};

  /// Writes the request to the access logs of this container and of all above it. False if there is
  /// none.
  bool log_access(Request& request, Response& response, std::int64_t elapsed_ns) const;

  /// "org.apache.catalina.core.ContainerBase.[Catalina].[localhost].[/demo]"
  std::string log_name() const;
  /// As messages about its beans call it: "StandardEngine[Catalina].StandardHost[localhost]".
  std::string description() const;
  /// Of the Server it stands in; the working directory without one (tests).
  std::filesystem::path catalina_base() const;
  /// Of the Server it stands in; null without one (tests).
  BeanRegistry* beans() const;

 protected:
  /// Shows the container's bean, until it is destroyed.
  Result<> do_init() override;
  /// Cluster, realm, children, pipeline, in this order.
  Result<> do_start() override;
  void do_stop() override;
  void do_destroy() override;
  /// In document order. Errors: a child's, unless child_may_fail().
  Result<> start_children();
  void stop_children();
  /// Whether the failed start of a child is only logged (a Host and its Contexts).
  virtual bool child_may_fail() const { return false; }
  /// Takes all children out, without stopping them.
  std::vector<std::shared_ptr<Container>> release_children();
  /// Tomcat's short class name, "StandardHost".
  virtual std::string_view class_name() const = 0;
  void hide_bean() { bean_.end(); }

 private:
  Server* server() const;

  const std::string name_;
  Container* parent_ = nullptr;
  Pipeline pipeline_;
  std::unique_ptr<Realm> realm_;
  std::unique_ptr<Cluster> cluster_;
  mutable std::mutex children_mutex_;
  std::vector<std::shared_ptr<Container>> children_;
  BeanRegistry::Registration bean_;
  std::vector<BeanRegistry::Registration> realm_beans_;  // while it runs
};

}  // namespace serval::core
