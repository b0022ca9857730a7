#include "cluster/ha/session/cluster_session_listener.h"

#include <memory>
#include <string>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/session/cluster_manager.h"
#include "cluster/ha/session/session_message.h"
#include "container/base/log.h"
#include "container/core/container.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.session.ClusterSessionListener"};
using EventType = SessionMessage::EventType;
}  // namespace

bool ClusterSessionListener::accept(const ClusterMessage& message) const {
  return message.class_name == "org.apache.catalina.ha.session.SessionMessageImpl";
}

void ClusterSessionListener::message_received(const ClusterMessage& message) {
  const tribes::Received& received = message.received;
  auto decoded = SessionMessage::decode(*received.content);
  if (!decoded) {
    kLog.error("A session message of {} cannot be read: {}", received.sender->name(),
               decoded.error().message);
    return;
  }
  bool is_taken = false;
  const auto pass_on = [&](ClusterManager& manager) {
    is_taken = manager.uses_session_messages();
    if (is_taken) manager.message_received(*decoded, received);
  };
  if (!decoded->context_name) return cluster_->for_each_manager(pass_on);
  const std::string& name = *decoded->context_name;
  if (!cluster_->with_manager(name, pass_on)) {
    // A node that leaves has no managers any more when its members hear of it.
    const bool leaves = cluster_->container().state() == State::kStopping;
    if (!leaves) kLog.warn("Context manager doesn't exist:[{}]", name);
  } else if (!is_taken) {
    kLog.warn("Manager [{}] is of another kind than that of [{}]: they do not share sessions", name,
              received.sender->name());
  }
  if (!is_taken) refuse(*decoded, received);
}

void ClusterSessionListener::refuse(const SessionMessage& message,
                                    const tribes::Received& received) {
  if (message.event_type != EventType::kGetAllSessions) return;
  SessionMessage answer;
  answer.event_type = EventType::kAllSessionNoContextManager;
  answer.context_name = message.context_name;
  answer.session_id = "NO-CONTEXT-MANAGER";
  answer.unique_id = "NO-CONTEXT-MANAGER-" + *message.context_name;
  cluster_->send(
      {.content = std::make_shared<const tribes::Bytes>(answer.encode()), .to = received.sender});
}

}  // namespace serval::ha
