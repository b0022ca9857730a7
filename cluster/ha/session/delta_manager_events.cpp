// What a DeltaManager does with the messages of other members.
#include <exception>
#include <utility>

#include "cluster/ha/session/delta_manager.h"
#include "container/base/log.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.session.DeltaManager"};

ObjectReader::Options limits_for(std::size_t stream_size) {
  // Everything in the stream takes at least a byte there, so these hold whatever is announced.
  ObjectReader::Options limits;
  limits.max_stream = stream_size;
  limits.max_handles = std::max(limits.max_handles, stream_size);
  limits.max_memory = std::max(limits.max_memory, stream_size * 32);
  return limits;
}
}  // namespace

using EventType = SessionMessage::EventType;

void DeltaManager::message_received(const SessionMessage& message,
                                    const tribes::Received& received) {
  count(received_, message.event_type);
  switch (message.event_type) {
    case EventType::kAllSessionData:
    case EventType::kAllSessionTransferComplete:
    case EventType::kAllSessionNoContextManager:
      return handle(message, received);  // what the queue waits for
    case EventType::kGetAllSessions:
      // Two nodes that wait for each other: the first to hear of it has nothing to give.
      if (const auto donor = transfer_.awaited(); donor && *donor == *received.sender) {
        return donor_.answer_empty(received.sender);
      }
      break;
    default:
      break;
  }
  if (!transfer_.hold(received)) handle(message, received);
}

void DeltaManager::handle_kept(const tribes::Received& received, std::int64_t cut_ms) {
  const auto message = SessionMessage::decode(*received.content);
  if (!message) return;  // it was decoded before it was kept
  const bool is_request = message->event_type == EventType::kGetAllSessions;
  if (!is_request && message->timestamp.value_or(0) < cut_ms) {
    ++transfer_counters_.dropped;
    kLog.warn("Manager [{}]: dropped message [{}], older than the session state", key(),
              event_type_name(message->event_type));
    return;
  }
  handle(*message, received);
}

void DeltaManager::handle(const SessionMessage& message, const tribes::Received& received) {
  if (stopping_) return;
  try {
    apply_event(message, received);
  } catch (const std::exception& e) {
    kLog.error("Manager [{}]: unable to apply message [{}] of [{}]: {}", key(),
               event_type_name(message.event_type), received.sender->name(), e.what());
  }
}

void DeltaManager::apply_event(const SessionMessage& message, const tribes::Received& received) {
  switch (message.event_type) {
    case EventType::kSessionCreated:
      return on_created(message);
    case EventType::kSessionExpired:
      return on_expired(message, received);
    case EventType::kSessionAccessed:
      return on_accessed(message);
    case EventType::kSessionDelta:
      return on_delta(message, received);
    case EventType::kChangeSessionId:
      return on_id_changed(message, received);
    case EventType::kGetAllSessions:
      return donor_.answer(received.sender);
    case EventType::kAllSessionData:
      return on_all_data(message, received);
    case EventType::kAllSessionTransferComplete:
      return transfer_.completed(*received.sender, message.timestamp.value_or(0));
    case EventType::kAllSessionNoContextManager:
      no_context_manager_received_ = true;
      kLog.warn("Manager [{}]: [{}] has no such manager and no session state", key(),
                received.sender->name());
      return transfer_.refused(*received.sender);
  }
  kLog.debug("Manager [{}]: message of unknown type {} ignored", key(),
             static_cast<int>(message.event_type));
}

DeltaSessionPtr DeltaManager::find(std::string_view id) {
  auto session = find_session(id);
  if (!session) {
    const std::string current = former_ids_.current(id);
    if (!current.empty()) session = find_session(current);
  }
  return std::static_pointer_cast<DeltaSession>(session);
}

DeltaSessionPtr DeltaManager::find_or_keep(const SessionMessage& message,
                                           const tribes::Received& received) {
  const std::string_view id = message.session_id ? *message.session_id : std::string_view();
  if (auto session = find(id)) return session;
  early_.keep(id, received);
  // It may have come just now; then nobody else would take the message out.
  auto session = find(id);
  if (session) handle_early(id);
  return nullptr;
}

void DeltaManager::handle_early(std::string_view session_id) {
  for (const auto& received : early_.take(session_id)) {
    if (const auto message = SessionMessage::decode(*received.content)) handle(*message, received);
  }
}

void DeltaManager::on_created(const SessionMessage& message) {
  if (!message.session_id) return;
  const std::int64_t creation = message.timestamp.value_or(clock().wall_ms());
  if (const auto known = find(*message.session_id)) {
    // A state transfer can bring a session before the message of its creation.
    const auto state = known->state();
    if (state.is_valid && state.creation_time >= creation) return;
    ++transfer_counters_.replaced;
  }
  const auto session = std::static_pointer_cast<DeltaSession>(new_session());
  session->set_valid(true);
  session->set_primary(false);
  session->set_creation_time(creation);
  session->put_max_inactive_interval(owner().session_timeout_minutes() * 60, false);
  session->access();
  session->set_announced_id(*message.session_id);
  session->set_id(*message.session_id);
  add(session);
  if (options_->notify_session_listeners_on_replication) owner().session_created(*session);
  session->end_access();
  handle_early(*message.session_id);
}

void DeltaManager::on_expired(const SessionMessage& message, const tribes::Received& received) {
  if (const auto session = find_or_keep(message, received)) {
    session->expire_from_member(options_->notify_session_listeners_on_replication);
  }
}

void DeltaManager::on_accessed(const SessionMessage& message) {
  if (!message.session_id) return;
  if (const auto session = find(*message.session_id)) {
    session->access();
    session->set_primary(false);
    session->end_access();
  }
}

void DeltaManager::on_delta(const SessionMessage& message, const tribes::Received& received) {
  const auto session = find_or_keep(message, received);
  if (!session || !message.session) return;
  const auto changes = DeltaRequest::decode(*message.session);
  if (!changes) {
    kLog.error("Manager [{}]: the changes of a session cannot be read: {}", key(),
               changes.error().message);
    return;
  }
  if (changes->session_id() != *message.session_id) {
    kLog.error("Manager [{}]: session changes name another session than their message, ignored",
               key());
    return;
  }
  session->set_primary(false);
  if (!session->apply(*changes)) {
    kLog.debug("Manager [{}]: changes of a session that has ended are not applied", key());
  }
}

void DeltaManager::on_id_changed(const SessionMessage& message, const tribes::Received& received) {
  const auto session = find_or_keep(message, received);
  if (!session || !message.session) return;
  auto new_id = decode_session_id(*message.session);
  if (!new_id) {
    kLog.error("Manager [{}]: a new session id cannot be read: {}", key(), new_id.error().message);
    return;
  }
  session->set_primary(false);
  const std::string old_id = session->id();
  {
    const auto order = session->sending_order();
    session->set_announced_id(*new_id);
  }
  remove(*session, false);
  session->set_id(*new_id);
  add(session);
  former_ids_.renamed(old_id, *new_id);
  if (options_->notify_session_listeners_on_replication) {
    owner().session_id_changed(*session, old_id);
  }
  handle_early(old_id);
  handle_early(*new_id);
}

void DeltaManager::on_all_data(const SessionMessage& message, const tribes::Received& received) {
  transfer_.heard_from(*received.sender);
  if (!message.session) return;
  // One that a member tells after an absence stands under its own id.
  const bool is_told = message.session_id && *message.session_id != StateDonor::kSessionState;
  if (is_told && transfer_.is_waiting() && !is_late_) return;  // it is in the state that comes
  const auto told_ms = is_told ? message.timestamp : std::nullopt;
  const auto read = read_all_sessions(
      *message.session,
      [this, told_ms](SessionContent&& content) {
        try {
          add_from_member(std::move(content), told_ms);
        } catch (const std::exception& e) {
          kLog.error("Manager [{}]: a session cannot be taken over: {}", key(), e.what());
        }
      },
      limits_for(message.session->size()));
  transfer_.heard_from(*received.sender, read ? *read : 0);
  if (!read) {
    kLog.error("Manager [{}]: the session state of [{}] cannot be read to its end: {}", key(),
               received.sender->name(), read.error().message);
    return;
  }
  kLog.debug("Manager [{}]: {} sessions received from [{}]", key(), *read, received.sender->name());
}

/// The times of a session that is told count from now: clocks may differ.
void DeltaManager::add_from_member(SessionContent content, std::optional<std::int64_t> told_ms) {
  for (const auto& name : content.unreadable) {
    kLog.warn("Manager [{}]: session attribute [{}] was not sent, its owner could not write it",
              key(), name);
  }
  const std::string id = content.id;
  const std::int64_t now = clock().wall_ms(), shift = told_ms ? now - *told_ms : 0;
  const std::int64_t created = content.creation_time, last = content.last_accessed_time + shift,
                     used = content.this_accessed_time + shift;
  const auto known = find(id);
  if (known) {
    // What is told has to be used later than what is here; a block of a state transfer that comes
    // after its time must not undo what happened here meanwhile.
    const bool is_newer_here = told_ms ? known->idle_ms(now) <= now - used
                                       : !transfer_.is_waiting() && known->is_primary();
    if (is_late_ || is_newer_here) return;
    ++transfer_counters_.replaced;
    if (!told_ms) {
      kLog.warn("Manager [{}]: a session of the state transfer is known already, replaced", key());
    }
  }
  const auto session = std::static_pointer_cast<DeltaSession>(new_session());
  session->set_primary(false);
  session->load(std::move(content));
  if (told_ms) session->set_times(created, last, used);
  add(session);
  const bool is_told_again = known && told_ms;
  if (!is_told_again && options_->notify_session_listeners_on_replication) {
    owner().session_created(*session);
  }
  handle_early(id);
}

}  // namespace serval::ha
