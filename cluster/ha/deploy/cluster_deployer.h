// cluster/ha/deploy/cluster_deployer.h
#pragma once
#include <filesystem>

#include "cluster/tribes/channel.h"
#include "container/base/result.h"
#include "container/core/deployer.h"

namespace serval::ha {

/// What a deployer gets from the cluster it stands in. All of it outlives the deployer's stop().
struct DeployerEnvironment {
  tribes::Channel& channel;
  core::Deployer& host;  // of the Host the cluster stands in
  tribes::Options send_options;
  std::filesystem::path catalina_base;
};

/// Brings applications to the other nodes (Tomcat org.apache.catalina.ha.ClusterDeployer). The only
/// kind: FarmWarDeployer.
///
/// Threads: start and stop by the owner; background_process() by the background thread; accept()
/// and message_received() by channel threads; member events by the membership's.
class ClusterDeployer {
 public:
  virtual ~ClusterDeployer() = default;
  virtual Result<> start(const DeployerEnvironment& environment) = 0;
  virtual void stop() = 0;
  virtual void background_process() = 0;
  /// True if the message is a deployer's.
  virtual bool accept(const tribes::Received& message) = 0;
  virtual Result<> message_received(const tribes::Received& message) = 0;
  virtual void member_added(const tribes::MemberPtr& member) = 0;
  virtual void member_disappeared(const tribes::MemberPtr& member) = 0;
};

}  // namespace serval::ha
