#include "container/base/ascii.h"
#include "container/core/connector.h"
#include "container/core/context.h"
#include "container/core/cookie_parser.h"
#include "container/core/host.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/servlet/serval/error.h"
#include "container/session/manager.h"

namespace serval::core {
namespace {

/// The value of ";name=" in a raw path, or nothing.
std::optional<std::string_view> path_parameter(std::string_view uri, std::string_view name) {
  for (auto at = uri.find(';'); at != std::string_view::npos; at = uri.find(';', at + 1)) {
    const std::string_view parameter = uri.substr(at + 1, uri.find_first_of(";/", at + 1) - at - 1);
    if (parameter.starts_with(name) && parameter.size() > name.size() &&
        parameter[name.size()] == '=') {
      return parameter.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

Cookie session_cookie(const Context& context, std::string_view id, bool secure) {
  Cookie cookie = context.session_cookie();
  cookie.value = id;
  cookie.secure = cookie.secure || secure;
  return cookie;
}

}  // namespace

bool Request::find_requested_id(const Context& context) {
  const SessionCookieSettings& settings = context.session_cookie();
  requested_id.reset();
  requested_id_from_cookie = requested_id_from_url = false;
  if (settings.use_url) {
    const auto id = settings.url_parameter == "jsessionid"
                        ? line.session_id_in_path
                        : path_parameter(line.uri, settings.url_parameter);
    if (id) {
      requested_id = *id;
      requested_id_from_url = true;
    }
  }
  const int limit = connector ? connector->settings().max_cookie_count : -1;
  int count = 0;
  for (const auto& field : header_fields) {
    if (!same_ignoring_case(field.name, "Cookie")) continue;
    for_each_cookie(field.value, [&](std::string_view name, std::string_view value) {
      ++count;
      if (!settings.use_cookies || name != settings.name) return;
      // The first cookie counts, unless a later one is known and it is not.
      if (!requested_id_from_cookie || !is_requested_session_id_valid()) requested_id = value;
      requested_id_from_cookie = true;
      requested_id_from_url = false;
    });
  }
  return limit < 0 || count <= limit;
}

SessionPtr Request::find_own_session() {
  Manager* const manager = mapped_context ? mapped_context->manager() : nullptr;
  if (!manager || !requested_id) return nullptr;
  auto session = manager->find_session(*requested_id);
  return session && session->is_valid() ? session : nullptr;
}

bool Request::is_requested_session_id_valid() { return find_own_session() != nullptr; }

/// A new session takes the client's id only where the cookie is shared by all applications, and
/// only if one of them knows it.
bool Request::may_take_requested_id() const {
  if (!requested_id || !requested_id_from_cookie || !host) return false;
  if (mapped_context->session_cookie().path != "/") return false;
  if (!mapped_context->options.validate_client_provided_new_session_id) return true;
  for (const auto& child : host->children()) {
    auto& other = static_cast<Context&>(*child);
    const auto inside = other.gate().enter();
    if (inside && other.manager() && other.manager()->find_session(*requested_id)) return true;
  }
  return false;
}

StandardSession* Request::internal_session(bool create) {
  if (home_ && mapped_context != home_) return visited_session(create);
  if (session_ && session_->is_valid()) return session_.get();
  Manager* const manager = mapped_context ? mapped_context->manager() : nullptr;
  session_ = manager && requested_id ? manager->access_session(*requested_id) : nullptr;
  if (session_) return session_.get();
  if (!create || !manager) return nullptr;
  const bool by_cookie = mapped_context->session_cookie().use_cookies;
  if (by_cookie && response->is_committed()) {
    throw IllegalStateException("Cannot create a session after the response has been committed");
  }
  session_ = manager->create_session(may_take_requested_id() ? requested_id : std::nullopt);
  if (by_cookie) {
    response->set_session_cookie(session_cookie(*mapped_context, session_->id(), secure));
  }
  session_->access();
  return session_.get();
}

void Request::change_requested_session_id(std::string_view id) { requested_id = id; }

void Request::session_id_changed(std::string_view new_id) {
  if (requested_id && !requested_id->empty()) requested_id = new_id;
  if (mapped_context && mapped_context->session_cookie().use_cookies && !response->is_committed()) {
    response->set_session_cookie(session_cookie(*mapped_context, new_id, secure));
  }
}

std::string Request::change_session_id() {
  const AtHome home(*this);
  if (!internal_session(false)) {
    throw IllegalStateException(
        "Cannot change session ID. There is no session associated with this request.");
  }
  std::string id = session_->manager().change_session_id(session_);
  session_id_changed(id);
  return id;
}

void Request::release_session() {
  for (const auto& visit : visits_) {
    if (visit.session) visit.session->end_access();
  }
  visits_.clear();
  home_.reset();
  if (session_) session_->end_access();
  session_.reset();
}

}  // namespace serval::core
