#include "container/session/session.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "container/base/ms_between.h"
#include "container/servlet/serval/error.h"
#include "container/session/manager.h"
#include "container/session/principal_value.h"

namespace serval::core {

namespace {

/// As Java's == has it: what is shared by identity, everything else by value.
bool is_same(const Value& a, const Value& b) {
  if (a.variant().index() != b.variant().index()) return false;
  const auto equals = [&](const auto& one) {
    using Type = std::remove_cvref_t<decltype(one)>;
    if constexpr (std::is_same_v<Type, NativeObject>) {
      return one.object == std::get<Type>(b.variant()).object;
    }
    if constexpr (requires { one == one; }) return one == std::get<Type>(b.variant());
    return false;
  };
  return std::visit(equals, a.variant());
}

using Attributes = StandardSession::Attributes;

/// Where the attribute is, or belongs.
auto place_of(auto& attributes, std::string_view name) {
  return std::ranges::lower_bound(attributes, name, {}, &Attributes::value_type::first);
}
auto find_in(auto& attributes, std::string_view name) {
  const auto at = place_of(attributes, name);
  return at != attributes.end() && at->first == name ? at : attributes.end();
}

}  // namespace

StandardSession::StandardSession(Manager& manager) : manager_(manager) {}

std::string StandardSession::id() const {
  const std::lock_guard lock(mutex_);
  return id_;
}

void StandardSession::set_id(std::string id) {
  const std::lock_guard lock(mutex_);
  id_ = std::move(id);
}

void StandardSession::require_valid(std::string_view call) const {
  if (!valid_ && !expiring_) {
    throw IllegalStateException(std::string(call) + ": Session already invalidated");
  }
}

bool StandardSession::valid_flag() const {
  const std::lock_guard lock(mutex_);
  return valid_ || expiring_;
}

bool StandardSession::is_valid() {
  bool over = false;
  {
    const std::lock_guard lock(mutex_);
    if (expiring_) return true;
    if (!valid_) return false;
    if (access_count_ > 0 || max_inactive_interval_ <= 0) return true;
    const std::int64_t idle = ms_between(this_accessed_time_, manager_.clock().wall_ms());
    over = idle >= std::int64_t{1000} * max_inactive_interval_ * patience();
  }
  if (over) expire(true);
  return !over;
}

bool StandardSession::is_new() const {
  const std::lock_guard lock(mutex_);
  require_valid("isNew");
  return is_new_;
}

std::int64_t StandardSession::creation_time() const {
  const std::lock_guard lock(mutex_);
  require_valid("getCreationTime");
  return creation_time_;
}

std::int64_t StandardSession::last_accessed_time() const {
  const std::lock_guard lock(mutex_);
  require_valid("getLastAccessedTime");
  return last_accessed_time_;
}

std::int64_t StandardSession::this_accessed_time() const {
  const std::lock_guard lock(mutex_);
  return this_accessed_time_;
}

int StandardSession::max_inactive_interval() const {
  const std::lock_guard lock(mutex_);
  return max_inactive_interval_;
}

void StandardSession::set_max_inactive_interval(int seconds) {
  put_max_inactive_interval(seconds, true);
}

void StandardSession::put_max_inactive_interval(int seconds, bool record) {
  {
    const std::lock_guard lock(mutex_);
    max_inactive_interval_ = seconds;
  }
  if (record) max_inactive_interval_changed(seconds);
}

void StandardSession::set_creation_time(std::int64_t ms) { set_times(ms, ms, ms); }

void StandardSession::set_times(std::int64_t creation, std::int64_t last_accessed,
                                std::int64_t this_accessed) {
  const std::lock_guard lock(mutex_);
  creation_time_ = creation;
  last_accessed_time_ = last_accessed;
  this_accessed_time_ = this_accessed;
}

void StandardSession::set_new(bool value) { put_new(value, false); }

void StandardSession::put_new(bool value, bool record) {
  {
    const std::lock_guard lock(mutex_);
    is_new_ = value;
  }
  if (record) new_changed(value);
}

void StandardSession::set_valid(bool value) {
  const std::lock_guard lock(mutex_);
  valid_ = value;
}

std::int64_t StandardSession::idle_ms(std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  return access_count_ > 0 ? 0 : ms_between(this_accessed_time_, now);
}

bool StandardSession::access() {
  const std::int64_t now = manager_.clock().wall_ms();
  const std::lock_guard lock(mutex_);
  this_accessed_time_ = now;
  ++access_count_;
  return valid_;
}

bool StandardSession::retire(int own_requests) {
  const std::lock_guard lock(mutex_);
  if (access_count_ > own_requests || expiring_) return false;
  valid_ = false;
  return true;
}

StandardSession::State StandardSession::state() const {
  const std::lock_guard lock(mutex_);
  return {creation_time_, last_accessed_time_, this_accessed_time_, is_new_, valid_};
}

void StandardSession::end_access() {
  const std::int64_t now = manager_.clock().wall_ms();
  const std::lock_guard lock(mutex_);
  is_new_ = false;
  last_accessed_time_ = this_accessed_time_;
  this_accessed_time_ = now;
  if (access_count_ > 0) --access_count_;
}

void StandardSession::invalidate() {
  {
    const std::lock_guard lock(mutex_);
    require_valid("invalidate");
  }
  expire(true);
}

void StandardSession::expire(bool notify) {
  {
    const std::lock_guard lock(mutex_);
    if (expiring_ || !valid_) return;
    expiring_ = true;
  }
  if (notify) manager_.owner().session_destroyed(*this);
  manager_.remove(*this, true);
  if (notify) {
    for (const auto& id : single_sign_ons()) manager_.owner().single_sign_on_left(*this, id);
  }
  Attributes gone;
  {
    const std::lock_guard lock(mutex_);
    valid_ = false;
    expiring_ = false;
    access_count_ = 0;
    gone.swap(attributes_);
    if (login_) {
      login_->principal.reset();
      login_->auth_type.clear();
    }
  }
  if (!notify) return;
  for (const auto& [name, value] : gone) manager_.owner().attribute_removed(*this, name, value);
}

Value StandardSession::attribute(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  require_valid("getAttribute");
  const auto at = find_in(attributes_, name);
  return at == attributes_.end() ? Value() : at->second;
}

std::vector<std::string> StandardSession::attribute_names() const {
  const std::lock_guard lock(mutex_);
  require_valid("getAttributeNames");
  std::vector<std::string> names;
  names.reserve(attributes_.size());
  for (const auto& [name, value] : attributes_) names.push_back(name);
  return names;
}

StandardSession::Attributes StandardSession::attributes() const {
  const std::lock_guard lock(mutex_);
  return attributes_;
}

bool StandardSession::refuses(std::string_view name, const Value& value) const {
  return !is_serializable(value) && manager_.owner().is_distributable() &&
         manager_.distributes(name, &value);
}

void StandardSession::put_attribute(std::string_view name, Value value, bool record, bool notify) {
  if (value.is_null()) return drop_attribute(name, record, notify);
  const bool refused = refuses(name, value);
  std::optional<Value> old;
  {
    const std::lock_guard lock(mutex_);
    require_valid("setAttribute");
    if (refused) {
      throw IllegalArgumentException("setAttribute: Non-serializable attribute [" +
                                     std::string(name) + "]");
    }
    if (const auto at = find_in(attributes_, name); at != attributes_.end()) {
      old = std::exchange(at->second, value);
    } else {
      attributes_.emplace(place_of(attributes_, name), name, value);
    }
  }
  if (record) attribute_changed(name, value);
  if (!notify) return;
  const bool always = manager_.base_options().notify_attribute_listener_on_unchanged_value;
  if (old && !always && is_same(*old, value)) return;
  if (old) {
    manager_.owner().attribute_replaced(*this, name, *old);
  } else {
    manager_.owner().attribute_added(*this, name, value);
  }
}

void StandardSession::drop_attribute(std::string_view name, bool record, bool notify) {
  Value old;
  {
    const std::lock_guard lock(mutex_);
    require_valid("removeAttribute");
    const auto at = find_in(attributes_, name);
    if (at == attributes_.end()) return;
    old = std::move(at->second);
    attributes_.erase(at);
  }
  if (record) attribute_removed(name);
  if (notify) manager_.owner().attribute_removed(*this, name, old);
}

StandardSession::Login& StandardSession::login() {
  if (!login_) login_ = std::make_unique<Login>();
  return *login_;
}

PrincipalPtr StandardSession::principal() const {
  const std::lock_guard lock(mutex_);
  return login_ ? login_->principal : nullptr;
}

void StandardSession::put_principal(const PrincipalPtr& principal, bool record) {
  {
    const std::lock_guard lock(mutex_);
    if (principal || login_) login().principal = principal;
  }
  if (record) principal_changed(principal);
}

std::string StandardSession::auth_type() const {
  const std::lock_guard lock(mutex_);
  return login_ ? login_->auth_type : std::string();
}

void StandardSession::put_auth_type(const std::string& type, bool record) {
  {
    const std::lock_guard lock(mutex_);
    if (!type.empty() || login_) login().auth_type = type;
  }
  if (record) auth_type_changed(type);
}

std::optional<std::string> StandardSession::note(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  if (!login_) return std::nullopt;
  const auto it = login_->notes.find(name);
  if (it == login_->notes.end()) return std::nullopt;
  return it->second;
}

void StandardSession::put_note(std::string_view name, std::optional<std::string> value,
                               bool record) {
  {
    const std::lock_guard lock(mutex_);
    if (value) {
      login().notes.insert_or_assign(std::string(name), *std::move(value));
    } else if (!login_ || login_->notes.erase(std::string(name)) == 0) {
      return;
    }
  }
  if (record) note_changed(name);
}

SavedRequestPtr StandardSession::saved_request() const {
  const std::lock_guard lock(mutex_);
  return login_ ? login_->saved_request : nullptr;
}

void StandardSession::put_saved_request(SavedRequestPtr request, bool record) {
  {
    const std::lock_guard lock(mutex_);
    if (!request && (!login_ || !login_->saved_request)) return;
    login().saved_request = std::move(request);
  }
  if (record) saved_request_changed();
}

bool StandardSession::put_single_sign_on(std::string_view id, bool record) {
  {
    const std::lock_guard lock(mutex_);
    auto& ids = login().single_sign_ons;
    if (std::ranges::find(ids, id) != ids.end()) return false;
    ids.emplace_back(id);
  }
  if (record) single_sign_on_joined(id);
  return true;
}

std::vector<std::string> StandardSession::single_sign_ons() const {
  const std::lock_guard lock(mutex_);
  return login_ ? login_->single_sign_ons : std::vector<std::string>();
}

ServletContext& StandardSession::context() { return manager_.owner().servlet_context(); }

}  // namespace serval::core
