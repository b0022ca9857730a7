// cluster/ha/session/cluster_session_listener.h
#pragma once
#include <atomic>
#include <cstdint>
#include <span>

#include "cluster/ha/cluster_message.h"
#include "container/base/attribute.h"

namespace serval::ha {

class CatalinaCluster;
struct SessionMessage;

/// Passes session messages to the manager they name; a message without a name goes to all. Answers
/// a node that asks for the state of a manager we do not have, so that it need not wait.
///
/// Errors: a message that cannot be decoded is logged and dropped; the sender still gets its ACK.
/// Threads: channel threads.
/// Source: Tomcat org.apache.catalina.ha.session.ClusterSessionListener.
class ClusterSessionListener final : public ClusterListener {
 public:
  struct Options {};
  static std::span<const Attribute<Options>> attributes() { return {}; }
  explicit ClusterSessionListener(Options) {}

  bool accept(const ClusterMessage& message) const override;
  void message_received(const ClusterMessage& message) override;
  void set_cluster(CatalinaCluster& cluster) override { cluster_ = &cluster; }

 private:
  void refuse(const SessionMessage& message, const tribes::Received& received);
  CatalinaCluster* cluster_ = nullptr;
};

}  // namespace serval::ha
