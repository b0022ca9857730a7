// cluster/ha/catalina_cluster.h
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "cluster/tribes/channel.h"
#include "container/core/cluster.h"

namespace serval::ha {

class ClusterManager;

/// What managers, valves and the deployer use of the cluster they stand in.
///
/// Errors: a failed send is logged here and goes no further, as in Tomcat.
/// Threads: any.
/// Source: Tomcat org.apache.catalina.ha.CatalinaCluster.
class CatalinaCluster : public core::Cluster {
 public:
  /// The Engine or Host it stands in.
  virtual core::Container& container() const = 0;
  virtual tribes::Channel& channel() = 0;
  /// channelSendOptions: what send() uses when the message names no options.
  virtual tribes::Options send_options() const = 0;
  virtual bool has_members() const = 0;

  struct Outgoing {
    /// One Java object stream. Shared by all receivers.
    std::shared_ptr<const tribes::Bytes> content;
    /// Null: to every member.
    tribes::MemberPtr to = nullptr;
    std::optional<tribes::Options> options = std::nullopt;
    /// Messages with equal keys reach a member in the order of sending.
    std::uint64_t order_key = 0;
  };
  /// Sends without blocking. Without members nothing happens. If this thread runs a request inside
  /// the ReplicationValve, the answer to that request waits for the end of the send (see
  /// RequestGates); otherwise nobody does. An asynchronous send ends at once, unless the queue of
  /// MessageDispatchInterceptor is full: then it ends when the message is gone.
  virtual void send(Outgoing message) = 0;

  /// Calls `use` with the manager of this name, which stays registered meanwhile. False: there is
  /// none.
  virtual bool with_manager(std::string_view name,
                            const std::function<void(ClusterManager&)>& use) = 0;
  virtual void for_each_manager(const std::function<void(ClusterManager&)>& use) = 0;
};

}  // namespace serval::ha
