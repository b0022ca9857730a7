#include "cluster/ha/session/session_map_value.h"

#include "cluster/ha/session/cluster_manager_base.h"
#include "container/base/log.h"
#include "container/session/manager.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.session.BackupManager"};
}

bool SessionMapValue::set_primary(bool primary) const {
  const auto order = session_->sending_order();
  if (session_->announced_id() != id_) return false;
  session_->set_primary(primary);
  return true;
}

Result<tribes::Bytes> SessionMapValue::encode(const tribes::Channel::PeerProfile& reader) const {
  const auto& manager = static_cast<const ClusterManagerBase&>(session_->manager());
  const NoteForm notes = note_form(reader, manager.persists_authentication_notes());
  SessionContent content = session_->content(notes);
  content.id = id_;
  return encode_session_object(content, logged_form(notes != NoteForm::kNone, kLog));
}

bool SessionMapValue::is_access_due() const {
  const std::int64_t interval = session_->max_inactive_interval();
  const std::int64_t now = session_->manager().clock().wall_ms();
  return interval >= 0 && now - last_replicated_ms_ > interval * 1000;
}

void SessionMapValue::set_last_time_replicated(std::int64_t) {
  last_replicated_ms_ = session_->manager().clock().wall_ms();
}

Result<tribes::Bytes> SessionMapValue::take_diff() {
  DeltaRequest changes(id_);
  {
    const auto order = session_->sending_order();
    // Otherwise they belong to the value that has its place now.
    if (session_->announced_id() == id_) changes = session_->take_changes();
  }
  return changes.encode([](const DeltaAction& action, const Error& why) {
    kLog.error("Session change [{}] cannot be sent: {}", action.name, why.message);
  });
}

Result<> SessionMapValue::apply_diff(std::span<const std::uint8_t> stream) {
  const auto changes = DeltaRequest::decode(stream);
  if (!changes) return changes.error();
  if (changes->session_id() != id_) {
    return Error{Errc::kProtocol, "session changes name another session than their message"};
  }
  if (!session_->apply(*changes)) return Error{Errc::kBadState, "the session has ended"};
  return {};
}

void SessionMapValue::access_entry() {
  session_->access();
  set_primary(false);
  session_->end_access();
}

DeltaSessionPtr session_of(const tribes::MapValuePtr& value) {
  const auto* const entry = dynamic_cast<const SessionMapValue*>(value.get());
  return entry ? entry->session() : nullptr;
}

}  // namespace serval::ha
