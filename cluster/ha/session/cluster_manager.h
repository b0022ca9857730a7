// cluster/ha/session/cluster_manager.h
#pragma once
#include <memory>
#include <string>

#include "cluster/ha/session/session_message.h"
#include "cluster/tribes/channel.h"
#include "container/session/manager.h"

namespace serval::ha {

class CatalinaCluster;

/// A Manager whose sessions live on several nodes. Each kind derives from core::Manager and from
/// this.
///
/// Threads: set_cluster by the owner while the manager is not started; messages on channel threads;
/// the rest any.
/// Source: Tomcat org.apache.catalina.ha.ClusterManager.
class ClusterManager {
 public:
  virtual ~ClusterManager() = default;

  virtual core::Manager& base() = 0;
  /// A manager of the same kind and settings for one Context (config-reference 2.3).
  virtual std::unique_ptr<core::Manager> make_clone() const = 0;
  /// True if it lives on SessionMessages and so needs the ClusterSessionListener.
  virtual bool uses_session_messages() const = 0;

  /// The cluster it belongs to and its name there ("localhost#/app"); null: none.
  virtual void set_cluster(CatalinaCluster* cluster, std::string key) = 0;
  virtual CatalinaCluster* cluster() const = 0;
  virtual const std::string& key() const = 0;

  /// Only of a manager that uses_session_messages().
  virtual void message_received(const SessionMessage& /*message*/,
                                const tribes::Received& /*received*/) {}
  virtual void member_added(const tribes::MemberPtr& /*member*/) {}
  virtual void member_disappeared(const tribes::MemberPtr& /*member*/) {}

  /// At the end of a request: sends what the session's replicas need. True if something was sent.
  virtual bool request_completed(core::StandardSession& session) = 0;
  /// The same without members: what was recorded is forgotten, the session is primary here.
  virtual void request_completed_alone(core::StandardSession& session) = 0;
  /// Whether this node is the one that owns the session.
  virtual bool is_primary(const core::StandardSession& session) const = 0;
};

}  // namespace serval::ha
