#include "container/core/request.h"

#include <algorithm>

#include "container/base/ascii.h"
#include "container/core/authenticator.h"
#include "container/core/connector.h"
#include "container/core/context.h"
#include "container/core/cookie_parser.h"
#include "container/core/host.h"
#include "container/core/response.h"
#include "container/core/wrapper.h"
#include "container/servlet/serval/error.h"

namespace serval::core {

Request::Request() = default;
Request::~Request() = default;

void Request::recycle() {
  release_session();
  line = {};
  header_fields.clear();
  body = nullptr;
  wrapper.reset();
  mapped_context.reset();
  host.reset();
  servlet_path_view = mapped_path = {};
  path_info_view.reset();
  context_path_view.reset();
  redirect_path.clear();
  reached_servlet = false;
  path_storage.clear();
  dispatch = Dispatch::kRequest;
  requested_id.reset();
  requested_id_from_cookie = requested_id_from_url = false;
  principal.reset();
  auth_type_name.clear();
  single_sign_on_id.clear();
  character_encoding.clear();
  restored_body_.reset();
  restored_.reset();
  exception.reset();
  cookies_parsed_ = parameters_parsed_ = body_used_ = form_failed_ = false;
  cookies_.clear();
  parameters_.clear();
  parameters_in_front_.clear();
  attributes_.clear();
}

std::string_view Request::context_path() const {
  if (context_path_view) return *context_path_view;
  return mapped_context ? mapped_context->context_path() : std::string_view();
}

std::string_view Request::scheme() const {
  return connector ? std::string_view(connector->settings().scheme) : secure ? "https" : "http";
}

std::string_view Request::server_name() const {
  if (connector && !connector->settings().proxy_name.empty()) {
    return connector->settings().proxy_name;
  }
  return line.server_name.empty() ? local_addr() : line.server_name;
}

int Request::server_port() const {
  return connector && connector->settings().proxy_port != 0 ? connector->settings().proxy_port
                                                            : line.server_port;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& field : header_fields) {
    if (same_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::headers(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& field : header_fields) {
    if (same_ignoring_case(field.name, name)) values.push_back(field.value);
  }
  return values;
}

std::vector<std::string_view> Request::header_names() const {
  std::vector<std::string_view> names;
  for (const auto& field : header_fields) {
    const auto same = [&](std::string_view known) { return same_ignoring_case(known, field.name); };
    if (std::ranges::none_of(names, same)) names.push_back(field.name);
  }
  return names;
}

std::span<const Cookie> Request::cookies() {
  if (!cookies_parsed_) {
    cookies_parsed_ = true;
    for (const auto& field : header_fields) {
      if (!same_ignoring_case(field.name, "Cookie")) continue;
      for_each_cookie(field.value, [this](std::string_view name, std::string_view value) {
        Cookie cookie;
        cookie.name = name;
        cookie.value = value;
        cookies_.push_back(std::move(cookie));
      });
    }
  }
  return cookies_;
}

std::size_t Request::read(std::span<char> into) {
  body_used_ = true;
  if (!body || into.empty()) return 0;
  auto read = body->read(into);
  if (!read) throw ServletException("The request body cannot be read: " + read.error().message);
  return *read;
}

Value Request::attribute(std::string_view name) const {
  for (const auto& [known, value] : attributes_) {
    if (known == name) return value;
  }
  return {};
}

void Request::set_attribute(std::string_view name, Value value) {
  if (value.is_null()) return remove_attribute(name);
  for (auto& [known, old] : attributes_) {
    if (known == name) {
      old = std::move(value);
      return;
    }
  }
  attributes_.emplace_back(name, std::move(value));
}

void Request::remove_attribute(std::string_view name) {
  std::erase_if(attributes_, [&](const auto& attribute) { return attribute.first == name; });
}

std::optional<std::string_view> Request::remote_user() const {
  if (!principal) return std::nullopt;
  return principal->name;
}

std::optional<std::string_view> Request::auth_type() const {
  if (auth_type_name.empty()) return std::nullopt;
  return auth_type_name;
}

bool Request::is_user_in_role(std::string_view role) const {
  if (!principal || role == "*") return false;
  if (role == "**") {  // whoever has logged in, unless the application has a role of that name
    const bool is_defined =
        mapped_context && std::ranges::count(mapped_context->settings.security_roles, role) > 0;
    if (!is_defined) return true;
  }
  return principal->has_role(wrapper ? wrapper->role_behind(role) : role);
}

namespace {

Authenticator& authenticator_of(const Request& request) {
  Authenticator* const found =
      request.mapped_context ? request.mapped_context->authenticator() : nullptr;
  if (!found) throw ServletException("This application has no authenticator");
  return *found;
}

}  // namespace

bool Request::authenticate(serval::Response&) {
  const AtHome home(*this);
  if (response->is_committed()) {
    throw IllegalStateException("Cannot call authenticate() after the response has been committed");
  }
  return authenticator_of(*this).authenticate(*this, *response);
}

void Request::login(std::string_view user, std::string_view password) {
  const AtHome home(*this);
  if (principal || !auth_type_name.empty()) {
    throw ServletException("This request has already been authenticated");
  }
  authenticator_of(*this).login(*this, user, password);
}

void Request::logout() {
  const AtHome home(*this);
  authenticator_of(*this).logout(*this);
}

ServletContext& Request::context() {
  if (!mapped_context) throw IllegalStateException("This request belongs to no application");
  return *mapped_context;
}

}  // namespace serval::core
