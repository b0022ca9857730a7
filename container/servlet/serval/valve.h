// container/servlet/serval/valve.h
#pragma once
#include "servlet.h"

namespace serval {

/// The rest of the way: the valves behind, then the application.
class NextValve {
 public:
  /// Call at most once.
  virtual void invoke() = 0;

 protected:
  ~NextValve() = default;
};

/// A step around all requests of an Engine, a Host or a Context. server.xml and context.xml name it
/// by className; it comes from a library in CATALINA_BASE/lib or CATALINA_HOME/lib.
///
/// One object for each element serves all requests at the same time. Errors: an exception of
/// start() ends the start of the container, one of invoke() becomes a 500.
/// Threads: invoke from any, the others by the owner's.
/// Source: Tomcat org.apache.catalina.Valve.
class Valve {
 public:
  virtual ~Valve() = default;
  /// An attribute of its element, before start(). False: it has none of this name, or the value
  /// does not fit; the log says where it stands.
  virtual bool set_property(std::string_view /*name*/, std::string_view /*value*/) { return false; }
  virtual void start() {}
  virtual void stop() {}
  /// Every backgroundProcessorDelay of the container.
  virtual void background_process() {}
  /// Answers, or calls next.invoke(). Behind that call the answer may have left already.
  /// `request` may belong to no application: context() throws IllegalStateException then.
  virtual void invoke(Request& request, Response& response, NextValve& next) = 0;
};

/// What a valve can do with its cluster.
///
/// Threads: any.
class Cluster {
 public:
  virtual std::string cluster_name() const = 0;
  virtual bool has_members() const = 0;
  /// Sends the changes of the session that this request has used to the other nodes, as Tomcat's
  /// ReplicationValve does behind each request. With synchronous options the answer waits for them;
  /// this call does not. False: there was nothing to send, nobody to send it to, or no session of
  /// this cluster.
  /// Requires: `request` is the one that the valve was called with, and the call is made in
  /// invoke(), behind the rest of the way.
  virtual bool replicate(Request& request) = 0;

 protected:
  ~Cluster() = default;
};

/// A Valve that may stand inside a Cluster element, which drops all others. A Cluster with valves
/// of its own has no ReplicationValve and no JvmRouteBinderValve unless they are written too, so
/// that its valves decide what is replicated.
///
/// Source: Tomcat org.apache.catalina.ha.ClusterValve.
class ClusterValve : public Valve {
 public:
  /// Before start(): the cluster of its element, else of its container; null without one.
  void set_cluster(Cluster* cluster) { cluster_ = cluster; }

 protected:
  Cluster* cluster_ = nullptr;
};

/// Rows of SERVAL_APPLICATION (servlet.h): `name` is the className.
template <class T>
constexpr ApplicationTable::Class valve_class(const char* name) {
  return {name, ApplicationTable::Kind::kValve,
          [] { return static_cast<void*>(static_cast<Valve*>(new T)); }};
}
template <class T>
constexpr ApplicationTable::Class cluster_valve_class(const char* name) {
  return {name, ApplicationTable::Kind::kClusterValve,
          [] { return static_cast<void*>(static_cast<ClusterValve*>(new T)); }};
}

}  // namespace serval
