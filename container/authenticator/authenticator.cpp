#include "container/authenticator/authenticator.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/base/log.h"
#include "container/core/connector.h"
#include "container/core/request.h"
#include "container/core/response.h"

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

Context& Authenticator::context() const { return static_cast<Context&>(*container_); }
Realm* Authenticator::realm() const { return container_->realm(); }

Result<> Authenticator::start() {
  constraints_ = std::make_unique<ConstraintMap>(context().settings.constraints);
  return {};
}

void Authenticator::invoke(Request& request, Response& response, Next next) {
  use_cached_user(request);
  ConstraintMap::Found constraints;
  if (!constraints_->empty()) {
    std::string path(request.servlet_path_view);
    if (request.path_info_view) path += *request.path_info_view;
    constraints = constraints_->find(path, request.method());
  }
  bool login = preemptive_ && !request.principal && request.header("Authorization");
  if (!constraints.empty()) {
    if (base_options_.disable_proxy_caching && request.method() != "POST") {
      if (base_options_.secure_pages_with_pragma) {
        response.set_header("Pragma", "No-cache");
        response.set_header("Cache-Control", "no-cache");
        response.set_header("Expires", "Thu, 01 Jan 1970 00:00:00 GMT");
      } else {
        response.set_header("Cache-Control", "private");
      }
    }
    if (!has_transport(request, response, constraints)) return;
    login = login || std::ranges::all_of(constraints, [](auto* c) { return needs_login(*c); });
  }
  if (login && !request.principal && !log_in(request, response)) return;
  if (!constraints.empty() && !may_enter(request, constraints))
    return response.send_error(403, "Access to the requested resource has been denied");
  next(request, response);
}

void Authenticator::use_cached_user(Request& request) const {
  if (!base_options_.cache || request.principal) return;
  StandardSession* const session = request.internal_session(false);
  if (!session) return;
  request.principal = session->principal();
  if (request.principal) request.auth_type_name = session->auth_type();
}

bool Authenticator::has_transport(Request& request, Response& response,
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

bool Authenticator::may_enter(const Request& request,
                              const ConstraintMap::Found& constraints) const {
  const auto& defined = context().settings.security_roles;
  const PrincipalPtr& user = request.principal;
  Realm* const own = realm();
  const auto in_role = [&](const std::string& role) { return user->has_role(role); };
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

void Authenticator::register_user(Request& request, const PrincipalPtr& principal,
                                  std::string_view auth_type) {
  kLog.debug("Authenticated [{}] with type [{}]", principal->name, auth_type);
  request.principal = principal;
  request.auth_type_name = auth_type;
  StandardSession* session = request.internal_session(false);
  if (session) {
    if (base_options_.change_session_id_on_authentication) request.change_session_id();
  } else if (base_options_.always_use_session) {
    session = request.internal_session(true);
  }
  if (session && base_options_.cache) {
    session->set_auth_type(std::string(auth_type));
    session->set_principal(principal);
  }
}

std::span<const Attribute<NonLoginAuthenticator::Options>> NonLoginAuthenticator::attributes() {
  static const auto table = authenticator_attributes<Options>();
  return table;
}

void register_authenticators(Registries& registries) {
  registries.valves.add<BasicAuthenticator>("org.apache.catalina.authenticator.BasicAuthenticator");
  registries.valves.add<NonLoginAuthenticator>(
      "org.apache.catalina.authenticator.NonLoginAuthenticator");
}

}  // namespace serval::core
