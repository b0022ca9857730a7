#include "container/authenticator/single_sign_on.h"

#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/session/session_id.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.authenticator.SingleSignOn"};
constexpr std::size_t kIdBytes = 16;

/// A replica hears of a time-out from the node that counted it, whose clock may be ahead.
constexpr std::int64_t kClockSlackMs = 1000;

bool is_over_its_time(const StandardSession& session) {
  const std::int64_t interval = session.max_inactive_interval();
  const std::int64_t idle = session.idle_ms(session.manager().clock().wall_ms());
  return interval > 0 && idle > 0 && idle + kClockSlackMs >= interval * 1000;
}

void show_user(Request& request, PrincipalPtr principal, std::string auth_type) {
  request.principal = std::move(principal);
  request.auth_type_name = std::move(auth_type);
}

}  // namespace

SingleSignOnSessionKey SingleSignOnSessionKey::of(const StandardSession& session) {
  const SessionOwner& owner = session.manager().owner();
  return {session.id(), owner.context_name(), owner.host_name()};
}

SingleSignOnEntry::Login SingleSignOnEntry::login() const {
  const std::lock_guard lock(mutex_);
  return login_;
}

void SingleSignOnEntry::set_login(Login login) {
  const std::lock_guard lock(mutex_);
  login_ = std::move(login);
}

std::set<SingleSignOnSessionKey> SingleSignOnEntry::sessions() const {
  const std::lock_guard lock(mutex_);
  return sessions_;
}

bool SingleSignOnEntry::add(const SingleSignOnSessionKey& session) {
  const std::lock_guard lock(mutex_);
  return sessions_.insert(session).second;
}

std::size_t SingleSignOnEntry::remove(const SingleSignOnSessionKey& session) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session);
  return sessions_.size();
}

bool SingleSignOnEntry::replace(const SingleSignOnSessionKey& old,
                                const SingleSignOnSessionKey& now) {
  const std::lock_guard lock(mutex_);
  if (sessions_.erase(old) == 0) return false;
  sessions_.insert(now);
  return true;
}

void SingleSignOn::recognise(Request& request, Response& response) {
  request.single_sign_on_id.clear();
  if (request.principal) return;
  const Options& options = single_sign_on_options();
  for (const Cookie& cookie : request.cookies()) {
    if (cookie.name != options.cookie_name) continue;
    if (const auto entry = find(cookie.value)) {
      request.single_sign_on_id = cookie.value;
      if (options.require_reauthentication) return;
      auto login = entry->login();
      show_user(request, std::move(login.principal), std::move(login.auth_type));
    } else {
      set_cookie(request, response, "REMOVE", 0);
    }
    return;
  }
}

void SingleSignOn::set_cookie(Request& request, Response& response, std::string value,
                              std::optional<long> max_age) const {
  Cookie cookie;
  const Options& options = single_sign_on_options();
  cookie.name = options.cookie_name;
  cookie.value = std::move(value);
  cookie.path = "/";
  cookie.domain = options.cookie_domain;
  cookie.max_age = max_age;
  cookie.secure = request.secure;
  const Context* const context = request.mapped_context.get();
  cookie.http_only = !context || context->session_cookie().http_only;
  cookie.partitioned = context && context->options.use_partitioned;
  response.add_cookie(cookie);
}

void SingleSignOn::log_in(Request& request, Response& response, SingleSignOnEntry::Login login) {
  // Even an application that wants no session gets one: the login ends with the last of them.
  if (!request.single_sign_on_id.empty()) {
    change(request.single_sign_on_id, [login](SingleSignOnEntry& entry) {
      if (entry.login().can_reauthenticate()) return false;
      entry.set_login(login);
      return true;
    });
    return associate(request, *request.internal_session(true));
  }
  std::string id = random_session_id(kIdBytes, {});
  set_cookie(request, response, id, {});
  StandardSession& session = *request.internal_session(true);
  put(id,
      std::make_shared<SingleSignOnEntry>(
          std::move(login), std::set<SingleSignOnSessionKey>{SingleSignOnSessionKey::of(session)}));
  session.join_single_sign_on(id);
  request.single_sign_on_id = std::move(id);
}

void SingleSignOn::associate(Request& request, StandardSession& session) {
  const std::string& id = request.single_sign_on_id;
  if (id.empty()) return;
  if (!find(id)) return;
  change(id, [key = SingleSignOnSessionKey::of(session)](SingleSignOnEntry& entry) {
    return entry.add(key);
  });
  session.join_single_sign_on(id);
}

bool SingleSignOn::reauthenticate(Realm& realm, Request& request) {
  const auto entry = request.single_sign_on_id.empty() ? nullptr : find(request.single_sign_on_id);
  if (!entry) return false;
  auto login = entry->login();
  if (!login.can_reauthenticate() || !login.user || !login.password) return false;
  auto principal = realm.authenticate(*login.user, *login.password);
  if (!principal) return false;
  show_user(request, std::move(principal), std::move(login.auth_type));
  return true;
}

void SingleSignOn::log_out(Request& request) {
  if (request.single_sign_on_id.empty()) return;
  deregister(std::exchange(request.single_sign_on_id, {}));
}

void SingleSignOn::session_ended(StandardSession& session, const std::string& id) {
  if (!place_->is_available()) return;  // the server stops; the logins live on elsewhere
  const auto entry = find(id);
  if (!entry) return;
  const bool was_last = entry->remove(SingleSignOnSessionKey::of(session)) == 0;
  const auto& context = static_cast<const Context&>(session.manager().owner().servlet_context());
  if (was_last || (context.is_available() && !is_over_its_time(session))) deregister(id);
}

void SingleSignOn::session_id_changed(StandardSession& session, std::string_view old_id) {
  const auto now = SingleSignOnSessionKey::of(session);
  auto old = now;
  old.session_id = old_id;
  for (const auto& id : session.single_sign_ons())
    change(id, [old, now](SingleSignOnEntry& entry) { return entry.replace(old, now); });
}

void SingleSignOn::deregister(const std::string& id) {
  const auto entry = take(id);
  if (!entry) return;
  for (const auto& key : entry->sessions()) expire(key);
}

void SingleSignOn::expire(const SingleSignOnSessionKey& key) const {
  const Container* top = place_;
  while (top->parent()) top = top->parent();
  const auto host = top->find_child(key.host_name);
  const auto child = host ? host->find_child(key.context_name) : nullptr;
  auto* const context = dynamic_cast<Context*>(child.get());
  const auto inside = context ? context->gate().enter() : std::nullopt;
  const auto session =
      inside && context->manager() ? context->manager()->find_session(key.session_id) : nullptr;
  if (session) return session->expire(true);
  kLog.debug("A session of host [{}], application [{}] is not here any more", key.host_name,
             key.context_name);
}

std::span<const Attribute<SingleSignOnValve::Options>> SingleSignOnValve::attributes() {
  static const auto table = single_sign_on_attributes<Options>();
  return table;
}

void SingleSignOnValve::set_container(Container& container) {
  Valve::set_container(container);
  set_place(container);
}

void SingleSignOnValve::invoke(Request& request, Response& response, Next next) {
  recognise(request, response);
  next(request, response);
}

SingleSignOnEntryPtr SingleSignOnValve::find(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second;
}

void SingleSignOnValve::put(const std::string& id, SingleSignOnEntryPtr entry) {
  const std::lock_guard lock(mutex_);
  entries_.insert_or_assign(id, std::move(entry));
}

bool SingleSignOnValve::change(const std::string& id, Change what) {
  const auto entry = find(id);
  return entry && what(*entry);
}

SingleSignOnEntryPtr SingleSignOnValve::take(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.extract(id);
  return found ? found.mapped() : nullptr;
}

SingleSignOn* single_sign_on_above(const Container& container) {
  for (const Container* c = container.parent(); c; c = c->parent()) {
    for (const auto& valve : c->pipeline().valves()) {
      auto* const found = dynamic_cast<SingleSignOn*>(valve.get());
      if (found && found->has_place()) return found;
    }
  }
  return nullptr;
}

}  // namespace serval::core
