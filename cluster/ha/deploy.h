// cluster/ha/deploy.h
#pragma once
#include "cluster/ha/cluster_message.h"
#include "container/base/bean.h"
#include "container/base/result.h"

namespace serval::core {
class Host;
}

namespace serval::ha {

/// Distributes web applications to the members (element Deployer). The cluster owns it, starts it
/// after its channel and stops it before, and gives it the messages that it accepts (after the
/// ClusterListeners).
///
/// Errors: start() says why it cannot work; the cluster logs that and goes on without it.
/// Threads: start, stop by the owner; background_process by the background thread; messages on
/// channel threads.
/// Source: Tomcat org.apache.catalina.ha.ClusterDeployer.
class ClusterDeployer : public ClusterListener {
 public:
  /// Never called in a cluster of an Engine. Relative directories are the deployer's to resolve
  /// (against catalina.base, through the Host's Server).
  virtual Result<> start(core::Host& host) = 0;
  virtual void stop() = 0;
  /// Every tick of the background processor.
  virtual void background_process() = 0;
  /// For management, while it is started. Its directories stay what they were at start.
  virtual std::unique_ptr<Bean> bean() { return nullptr; }
};

}  // namespace serval::ha
