#include "cluster/ha/session/delta_session.h"

#include <functional>
#include <utility>

#include "cluster/ha/session/cluster_manager_base.h"
#include "cluster/ha/session/sso_listener.h"
#include "container/authenticator/login_notes.h"
#include "container/base/log.h"
#include "container/servlet/serval/error.h"
#include "container/session/principal_value.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.session.DeltaSession"};
using Type = DeltaAction::Type;
using Kind = DeltaAction::Kind;

std::uint64_t next_order_key() {
  static std::atomic<std::uint64_t> last{0};
  // Spread over all bits: the channel picks a lane by some of them.
  return (last.fetch_add(1, std::memory_order_relaxed) + 1) * 0x9E3779B97F4A7C15u;
}
}  // namespace

DeltaSession::DeltaSession(ClusterManagerBase& manager)
    : StandardSession(manager),
      order_key_(next_order_key()),
      records_all_(manager.records_all_actions()) {}

ClusterManagerBase& DeltaSession::cluster_manager() const {
  return static_cast<ClusterManagerBase&>(manager());
}

bool DeltaSession::is_over_its_time() const {
  const std::int64_t interval = max_inactive_interval();
  return interval > 0 && idle_ms(manager().clock().wall_ms()) >= interval * 1000 * patience();
}

void DeltaSession::expire(bool notify) {
  if (!valid_flag() || ending_.exchange(true)) return;
  const bool tell = cluster_manager().tells_about_end(is_primary() || !is_over_its_time());
  if (tell) cluster_manager().send_changes(*this);
  StandardSession::expire(notify);
  if (tell) cluster_manager().send_expired(*this);
}

void DeltaSession::expire_from_member(bool notify) {
  if (!ending_.exchange(true)) StandardSession::expire(notify);
}

bool DeltaSession::is_dirty() const {
  const std::lock_guard lock(mutex());
  return !changes_.empty();
}

void DeltaSession::forget_changes() {
  const std::lock_guard lock(mutex());
  changes_.clear();
}

DeltaRequest DeltaSession::take_changes() {
  std::vector<Change> taken;
  {
    const std::lock_guard lock(mutex());
    taken.swap(changes_);
  }
  DeltaRequest request(announced_id_, records_all_.load(std::memory_order_relaxed));
  for (Change& change : taken) put_change(request, change);
  return request;
}

void DeltaSession::put_change(DeltaRequest& request, Change& change) const {
  switch (change.type) {
    case Type::kAttribute:
      if (change.removed) {
        request.remove_attribute(std::move(change.name));
      } else if (change.value) {
        request.set_attribute(std::move(change.name), *std::move(change.value));
      } else {
        Value value = present_value(change.name);
        request.set_attribute(std::move(change.name), std::move(value));
      }
      break;
    case Type::kMaxInterval:
      request.set_max_inactive_interval(max_inactive_interval());
      break;
    case Type::kPrincipal:
      request.set_principal(value_of(principal()));
      break;
    case Type::kAuthType: {
      auto type = auth_type();
      request.set_auth_type(type.empty() ? std::nullopt : std::optional(std::move(type)));
      break;
    }
    case Type::kIsNew:
      request.set_new(change.value && *change.value->get_if<bool>());
      break;
    case Type::kListener:
      request.add_session_listener(sso_listener(change.name));
      break;
    case Type::kNote:
      if (const Value value = present_note(change.name, cluster_manager().note_form());
          value.is_null()) {
        request.remove_note(std::move(change.name));
      } else {
        request.set_note(std::move(change.name), value);
      }
      break;
  }
}

Value DeltaSession::present_value(std::string_view name) const {
  try {
    return attribute(name);
  } catch (const IllegalStateException&) {
    return {};  // ended meanwhile; the members hear of that next
  }
}

Value DeltaSession::present_note(std::string_view name, NoteForm form) const {
  if (name == kRequestNote) return value_of(saved_request(), form);
  const auto text = note(name);
  return text ? Value(*text) : Value();
}

void DeltaSession::record(Change change) {
  if (ending_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex());
  if (!records_all_.load(std::memory_order_relaxed)) {
    std::erase_if(changes_, [&](const Change& earlier) {
      return earlier.type == change.type && earlier.name == change.name;
    });
  }
  changes_.push_back(std::move(change));
}

void DeltaSession::attribute_changed(std::string_view name, const Value& value) {
  if (!cluster_manager().distributes(name, &value)) return;
  Change change{Type::kAttribute, false, std::string(name), std::nullopt};
  if (records_all_.load(std::memory_order_relaxed)) change.value = value;
  record(std::move(change));
}

void DeltaSession::attribute_removed(std::string_view name) {
  if (!cluster_manager().distributes(name, nullptr)) return;
  record({Type::kAttribute, true, std::string(name), std::nullopt});
}

void DeltaSession::max_inactive_interval_changed(int) { record({Type::kMaxInterval}); }
void DeltaSession::principal_changed(const core::PrincipalPtr&) { record({Type::kPrincipal}); }
void DeltaSession::auth_type_changed(std::string_view) { record({Type::kAuthType}); }
void DeltaSession::new_changed(bool value) { record({Type::kIsNew, false, {}, Value(value)}); }
void DeltaSession::single_sign_on_joined(std::string_view id) {
  record({Type::kListener, false, std::string(id)});
}

void DeltaSession::note_changed(std::string_view name) {
  if (cluster_manager().note_form() == NoteForm::kNone) return;
  record({Type::kNote, false, std::string(name)});
}
void DeltaSession::saved_request_changed() { note_changed(kRequestNote); }

bool DeltaSession::apply(const DeltaRequest& changes) {
  records_all_.store(changes.records_all_actions(), std::memory_order_relaxed);
  const bool notify = cluster_manager().notifies_listeners_on_replication();
  struct Access {
    explicit Access(DeltaSession& s) : session(s) { session.access(); }
    ~Access() { session.end_access(); }
    DeltaSession& session;
  } const access(*this);
  try {
    for (const DeltaAction& action : changes.actions()) apply_action(action, notify);
  } catch (const IllegalStateException&) {
    if (valid_flag()) throw;  // a listener's
    return false;
  }
  return true;
}

void DeltaSession::apply_action(const DeltaAction& action, bool notify) {
  const bool remove = action.kind == Kind::kRemove || action.value.is_null();
  switch (action.type) {
    case Type::kAttribute:
      if (!cluster_manager().distributes(action.name, remove ? nullptr : &action.value)) return;
      if (remove) {
        drop_attribute(action.name, false, notify);
      } else {
        put_attribute(action.name, action.value, false, notify);
      }
      return;
    case Type::kPrincipal:
      return put_principal(remove ? nullptr : core::principal_of(action.value), false);
    case Type::kIsNew:
      if (const auto* value = action.value.get_if<bool>()) put_new(*value, false);
      return;
    case Type::kMaxInterval:
      if (const auto* seconds = action.value.get_if<std::int32_t>()) {
        put_max_inactive_interval(*seconds, false);
      }
      return;
    case Type::kAuthType: {
      const auto* type = action.value.get_if<std::string>();
      return put_auth_type(type && !remove ? *type : std::string(), false);
    }
    case Type::kListener:
      if (const auto id = sso_id_of(action.value); id && action.kind == Kind::kSet) {
        put_single_sign_on(*id, false);
      }
      return;
    case Type::kNote:
      if (action.name == kRequestNote) {
        return put_saved_request(remove ? nullptr : saved_request_of(action.value), false);
      }
      if (const auto* text = action.value.get_if<std::string>(); text || remove) {
        return put_note(action.name, remove ? std::nullopt : std::optional(*text), false);
      }
      break;
  }
  kLog.debug("Session change of type {} [{}] has no meaning here, ignored",
             static_cast<int>(action.type), action.name);
}

SessionContent DeltaSession::content(NoteForm notes) const {
  const State now = state();
  SessionContent content;  // of a session that ends: who gets it hears of the end, too
  content.creation_time = now.creation_time;
  content.last_accessed_time = now.last_accessed_time;
  content.max_inactive_interval = max_inactive_interval();
  content.is_new = now.is_new;
  content.this_accessed_time = now.this_accessed_time;
  content.principal = value_of(principal());
  content.id = id();
  if (notes != NoteForm::kNone) {
    content.notes = {present_note(core::kSessionIdNote, notes), present_note(kRequestNote, notes)};
  }
  for (auto& [name, value] : attributes()) {
    if (cluster_manager().distributes(name, &value)) content.attributes.emplace_back(name, value);
  }
  for (const auto& id : single_sign_ons()) content.listeners.push_back(sso_listener(id));
  return content;
}

void DeltaSession::load(SessionContent content) {
  set_times(content.creation_time, content.last_accessed_time, content.this_accessed_time);
  put_max_inactive_interval(content.max_inactive_interval, false);
  set_valid(true);
  access();
  end_access();
  put_new(content.is_new, false);
  if (!content.principal.is_null()) put_principal(core::principal_of(content.principal), false);
  for (auto& [name, value] : content.attributes) {
    if (cluster_manager().distributes(name, &value)) {
      put_attribute(name, std::move(value), false, false);
    }
  }
  if (content.notes) {
    if (const auto* expected = content.notes->session_id.get_if<std::string>()) {
      put_note(core::kSessionIdNote, *expected, false);
    }
    put_saved_request(saved_request_of(content.notes->saved_request), false);
  }
  for (const Value& listener : content.listeners) {
    if (const auto id = sso_id_of(listener)) put_single_sign_on(*id, false);
  }
  announced_id_ = content.id;
  set_id(std::move(content.id));
}

}  // namespace serval::ha
