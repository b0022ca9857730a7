// cluster/ha/cluster_message.h
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "cluster/tribes/channel.h"

namespace serval::ha {

class CatalinaCluster;

/// A message on its way to the cluster's listeners: the Java class it is an object of, and its
/// bytes, not decoded yet.
struct ClusterMessage {
  std::string_view class_name;
  const tribes::Received& received;
};

/// The class of the object at the beginning of a Java stream, or nothing if something else stands
/// there. A view into the stream.
std::string_view class_of_stream(std::span<const std::uint8_t> stream);

/// Gets the messages that come in through a cluster (element ClusterListener, and the deployer).
///
/// Threads: called on channel threads; messages of one sender's connection come in order, others at
/// the same time. Must not block the thread for long.
/// Source: Tomcat org.apache.catalina.ha.ClusterListener.
class ClusterListener {
 public:
  virtual ~ClusterListener() = default;
  /// Before the first message.
  virtual void set_cluster(CatalinaCluster& cluster) = 0;
  virtual bool accept(const ClusterMessage& message) const = 0;
  virtual void message_received(const ClusterMessage& message) = 0;
};

}  // namespace serval::ha
