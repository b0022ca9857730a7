// cluster/ha/tcp/cluster_beans.h
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "cluster/tribes/channel.h"
#include "container/base/bean_registry.h"

namespace serval::core {
class Container;
}

namespace serval::ha {

/// The beans below a cluster's own: its members, the parts of its channel, its deployer.
///
/// Threads: members from the channel's threads, the rest by the owner.
class ClusterBeans {
 public:
  /// The channel and the local member; the channel runs.
  void show_channel(const core::Container& container, tribes::Channel& channel);
  void show_deployer(const core::Container& container, std::unique_ptr<Bean> bean);
  void show_member(const core::Container& container, tribes::Channel& channel,
                   const tribes::MemberPtr& member);
  void hide_member(const tribes::Member& member);
  /// What is shown now.
  void clear();

 private:
  std::vector<BeanRegistry::Registration> parts_;
  std::mutex mutex_;
  std::map<tribes::UniqueId, BeanRegistry::Registration> members_;  // guarded by mutex_
};

}  // namespace serval::ha
