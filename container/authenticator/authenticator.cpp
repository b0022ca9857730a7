#include "container/authenticator/authenticator.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/authenticator/form_authenticator.h"
#include "container/authenticator/login_notes.h"
#include "container/authenticator/single_sign_on.h"
#include "container/base/log.h"
#include "container/core/connector.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/core/wrapper.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.authenticator.AuthenticatorBase"};

bool has(const std::vector<std::string>& roles, std::string_view role) {
  return std::ranges::find(roles, role) != roles.end();
}

/// Whether the constraint asks for a user at all (an empty list of roles lets nobody in).
bool needs_login(const SecurityConstraint& constraint) {
  return constraint.has_auth && !constraint.roles.empty();
}

}  // namespace

Result<> parse_into(std::string_view text, CorsPreflight& mode) {
  if (text == "never") {
    mode = CorsPreflight::kNever;
  } else if (text == "filter") {
    mode = CorsPreflight::kFilter;
  } else if (text == "always") {
    mode = CorsPreflight::kAlways;
  } else {
    return Error{Errc::kInvalidArgument, "must be one of: never, filter, always"};
  }
  return {};
}

Context& AuthenticatorBase::context() const { return static_cast<Context&>(*container_); }
Realm* AuthenticatorBase::realm() const { return container_->realm(); }

Result<> AuthenticatorBase::start() {
  constraints_ = std::make_unique<ConstraintMap>(context().settings.constraints);
  single_sign_on_ = single_sign_on_above(context());
  context().set_authenticator(this);
  return {};
}

void AuthenticatorBase::stop() {
  if (context().authenticator() == this) context().set_authenticator(nullptr);
}

void AuthenticatorBase::invoke(Request& request, Response& response, Next next) {
  use_cached_user(request);
  ConstraintMap::Found constraints;
  if (!constraints_->empty()) {
    std::string path(request.servlet_path_view);
    if (request.path_info_view) path += *request.path_info_view;
    constraints = constraints_->find(path, request.method());
  }
  bool login = continues_login(request) || (preemptive_ && brings_credentials(request));
  if (!constraints.empty()) {
    forbid_proxy_caching(request, response);
    if (!has_transport(request, response, constraints)) return;
    login = login || std::ranges::all_of(constraints, [](auto* c) { return needs_login(*c); });
  }
  if ((login || !constraints.empty()) && is_cors_preflight_allowed(request))
    return next(request, response);
  if (login && !log_in(request, response)) return;
  if (!constraints.empty() && !may_enter(request, constraints))
    return response.send_error(403, "Access to the requested resource has been denied");
  next(request, response);
}

void AuthenticatorBase::use_cached_user(Request& request) const {
  if (!base_options().cache || request.principal) return;
  StandardSession* const session = request.internal_session(false);
  if (!session) return;
  request.principal = session->principal();
  if (request.principal) request.auth_type_name = session->auth_type();
}

void AuthenticatorBase::forbid_proxy_caching(const Request& request, Response& response) const {
  const BaseOptions& options = base_options();
  if (!options.disable_proxy_caching || request.method() == "POST") return;
  if (options.secure_pages_with_pragma) {
    response.set_header("Pragma", "No-cache");
    response.set_header("Cache-Control", "no-cache");
    response.set_header("Expires", "Thu, 01 Jan 1970 00:00:00 GMT");
  } else {
    response.set_header("Cache-Control", "private");
  }
}

bool AuthenticatorBase::is_cors_preflight_allowed(const Request& request) const {
  const CorsPreflight allowed = base_options().allow_cors_preflight;
  if (allowed == CorsPreflight::kNever || request.method() != "OPTIONS" ||
      request.header("Origin").value_or("").empty() ||
      request.header("Access-Control-Request-Method").value_or("").empty())
    return false;
  if (allowed == CorsPreflight::kAlways) return true;
  const ContextSettings& settings = context().settings;
  return std::ranges::any_of(settings.filters, [&](const auto& filter) {
    return filter.filter_class == "org.apache.catalina.filters.CorsFilter" &&
           std::ranges::any_of(settings.filter_mappings, [&](const auto& mapping) {
             return mapping.filter_name == filter.name && mapping.url_pattern == "/*" &&
                    mapping.on_request;
           });
  });
}

bool AuthenticatorBase::has_transport(Request& request, Response& response,
                                      const ConstraintMap::Found& constraints) const {
  if (request.secure || std::ranges::any_of(constraints, [](auto* c) {
        return c->transport.empty() || c->transport == "NONE";
      }))
    return true;
  const int port = request.connector ? request.connector->settings().redirect_port : 0;
  if (port <= 0) {
    response.send_error(403, request.request_uri());
    return false;
  }
  std::string location = fmt::format("https://{}", request.server_name());
  if (port != 443) location += fmt::format(":{}", port);
  location += request.request_uri();  // with the session id, if it came that way
  if (const auto query = request.query_string()) location.append("?").append(*query);
  response.send_redirect(location);
  if (const Realm* const own = realm())
    response.set_status(own->base_options().transport_guarantee_redirect_status);
  return false;
}

bool AuthenticatorBase::may_enter(const Request& request,
                                  const ConstraintMap::Found& constraints) const {
  const auto& defined = context().settings.security_roles;
  const PrincipalPtr& user = request.principal;
  Realm* const own = realm();
  const auto in_role = [&](const std::string& role) {
    return user->has_role(request.wrapper ? request.wrapper->role_behind(role) : role);
  };
  bool any = false;
  for (const auto* constraint : constraints) {
    if (!constraint->has_auth) {
      any = true;
    } else if (constraint->roles.empty()) {
      return false;  // an auth-constraint without roles: nobody, whatever the others say
    } else if (user) {
      if (has(constraint->roles, "**")) any = true;
      const auto& roles = has(constraint->roles, "*") ? defined : constraint->roles;
      any = any || std::ranges::any_of(roles, in_role);
    }
  }
  if (any || !user || !own) return any;
  const AllRolesMode mode = own->base_options().all_roles_mode;
  return std::ranges::any_of(constraints, [&](auto* c) {
    return has(c->roles, "*") && (mode == AllRolesMode::kAuthOnly ||
                                  (mode == AllRolesMode::kStrictAuthOnly && defined.empty()));
  });
}

bool AuthenticatorBase::has_user(Request& request) {
  if (!request.principal &&
      !(single_sign_on_ && realm() && single_sign_on_->reauthenticate(*realm(), request)))
    return false;
  if (single_sign_on_ && !request.single_sign_on_id.empty())
    single_sign_on_->associate(request, *request.internal_session(true));
  return true;
}

void AuthenticatorBase::register_user(Request& request, const PrincipalPtr& principal,
                                      std::string_view auth_type, const Credentials& credentials) {
  const BaseOptions& options = base_options();
  kLog.debug("Authenticated [{}] with type [{}]", principal->name, auth_type);
  request.principal = principal;
  request.auth_type_name = auth_type;
  const Value forwarded = request.attribute("org.apache.tomcat.request.forwarded");
  if (const auto* by_proxy = forwarded.get_if<bool>();
      options.send_auth_info_response_headers && by_proxy && *by_proxy) {
    request.response->set_header("remote-user", principal->name);
    request.response->set_header("auth-type", auth_type);
  }
  StandardSession* session = request.internal_session(false);
  if (session) {
    if (options.change_session_id_on_authentication) {
      const std::string id = request.change_session_id();
      if (session->note(kSessionIdNote)) session->set_note(kSessionIdNote, id);
    }
  } else if (options.always_use_session) {
    session = request.internal_session(true);
  }
  if (session && options.cache) {
    session->set_auth_type(std::string(auth_type));
    session->set_principal(principal);
  }
  if (single_sign_on_)
    single_sign_on_->log_in(
        request, *request.response,
        {principal, std::string(auth_type), credentials.user, credentials.password});
}

void AuthenticatorBase::login(Request& request, std::string_view user, std::string_view password) {
  const auto principal = realm() ? realm()->authenticate(user, password) : nullptr;
  if (!principal) throw ServletException("Login failed");
  register_user(request, principal, method().empty() ? "NONE" : method(),
                {std::string(user), std::string(password)});
}

void AuthenticatorBase::logout(Request& request) {
  request.principal.reset();
  request.auth_type_name.clear();
  StandardSession* const session = request.internal_session(false);
  if (session) {
    if (base_options().cache) {
      session->set_auth_type({});
      session->set_principal(nullptr);
    }
    session->remove_note(kUserNote);
    session->remove_note(kPasswordNote);
  }
  if (single_sign_on_) single_sign_on_->log_out(request);
}

void AuthenticatorBase::single_sign_on_left(StandardSession& session, std::string_view sso_id) {
  if (single_sign_on_) single_sign_on_->session_ended(session, std::string(sso_id));
}

void AuthenticatorBase::session_id_changed(StandardSession& session, std::string_view old_id) {
  if (single_sign_on_) single_sign_on_->session_id_changed(session, old_id);
}

std::span<const Attribute<NonLoginAuthenticator::Options>> NonLoginAuthenticator::attributes() {
  static const auto table = authenticator_attributes<Options>();
  return table;
}

bool NonLoginAuthenticator::log_in(Request& request, Response&) {
  if (has_user(request) && base_options().cache)
    request.internal_session(true)->set_principal(request.principal);
  return true;
}

void register_authenticators(Registries& registries) {
  registries.valves.add<BasicAuthenticator>("org.apache.catalina.authenticator.BasicAuthenticator");
  registries.valves.add<NonLoginAuthenticator>(
      "org.apache.catalina.authenticator.NonLoginAuthenticator");
  registries.valves.add<FormAuthenticator>("org.apache.catalina.authenticator.FormAuthenticator");
  registries.valves.add<SingleSignOnValve>("org.apache.catalina.authenticator.SingleSignOn");
}

}  // namespace serval::core
