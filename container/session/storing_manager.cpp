#include "container/session/storing_manager.h"

#include "container/base/log.h"
#include "container/session/principal_value.h"

namespace serval::core {
namespace {
const Log kLog{"org.apache.catalina.session.StandardSession"};
}

StoredSession StoringManager::stored(const StandardSession& session) const {
  const Options& options = storing_options();
  StoredSession stored;
  const StandardSession::State state = session.state();
  stored.head = {state.creation_time, state.last_accessed_time, session.max_inactive_interval(),
                 state.is_new,        state.is_valid,           state.this_accessed_time,
                 session.id()};
  if (options.persist_authentication && session.principal()) {
    stored.auth_type = Value(session.auth_type());
    stored.principal = value_of(session.principal());
  }
  for (auto& [name, value] : session.attributes()) {
    if (options.filter.passes(name, &value)) stored.attributes.emplace_back(name, std::move(value));
  }
  return stored;
}

SessionPtr StoringManager::revived(StoredSession stored) {
  const Options& options = storing_options();
  const StoredSession::Head& head = stored.head;
  if (!head.is_valid) return nullptr;
  for (const auto& name : stored.unreadable) {
    kLog.warn("Session [{}]: attribute [{}] was not written", head.id, name);
  }
  auto session = new_session();
  session->set_valid(true);
  session->set_id(head.id);
  session->set_new(head.is_new);
  session->set_times(head.creation_time, head.last_accessed_time, head.this_accessed_time);
  session->put_max_inactive_interval(head.max_inactive_interval, false);
  for (auto& [name, value] : stored.attributes) {
    if (options.filter.passes(name, &value))
      session->put_attribute(name, std::move(value), false, false);
  }
  const auto* const auth_type = stored.auth_type.get_if<std::string>();
  if (options.persist_authentication && auth_type && !stored.principal.is_null()) {
    session->put_auth_type(*auth_type, false);
    session->put_principal(principal_of(stored.principal), false);
  }
  return session;
}

LeftOut StoringManager::log_left_out() {
  return [](const StoredSession& session, std::string_view name, const Error& why) {
    kLog.warn("Cannot serialize session attribute [{}] for session [{}]: {}", name, session.head.id,
              why.message);
  };
}

}  // namespace serval::core
