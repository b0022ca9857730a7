#include <algorithm>
#include <map>
#include <set>

#include "container/base/ascii.h"
#include "container/webapp/context_config.h"

namespace serval::core {
namespace {

using Parameters = std::map<std::string, std::string, std::less<>>;

Parameters to_map(const std::vector<WebXml::Parameter>& parameters) {
  Parameters map;
  for (const auto& p : parameters) map.insert_or_assign(p.name, p.value);
  return map;
}

/// context.xml's parameters; web.xml's win unless override="false".
Parameters context_parameters(const WebXml& web, const ApplicationSettings& own) {
  Parameters all = to_map(web.context_parameters);
  for (const auto& p : own.parameters) {
    if (p.override)
      all.emplace(p.name, p.value);
    else
      all.insert_or_assign(p.name, p.value);
  }
  return all;
}

SessionCookieSettings cookie_settings(const WebXml::SessionConfig& session) {
  SessionCookieSettings cookie;
  const auto& said = session.cookie;
  if (said.name && !said.name->empty()) cookie.name = *said.name;
  cookie.path = said.path.value_or("");
  cookie.domain = said.domain.value_or("");
  cookie.http_only = said.http_only.value_or(false);
  cookie.secure = said.secure.value_or(false);
  if (said.max_age && *said.max_age >= 0) cookie.max_age = *said.max_age;
  for (const auto& [name, value] : said.attributes) {
    if (same_ignoring_case(name, "SameSite"))
      cookie.same_site = value;
    else if (same_ignoring_case(name, "Partitioned"))
      cookie.partitioned = same_ignoring_case(value, "true");
    else
      cookie.attributes.emplace_back(name, value);
  }
  if (session.tracking_modes != 0) {
    cookie.use_cookies = session.tracking_modes & WebXml::kCookie;
    cookie.use_url = session.tracking_modes & WebXml::kUrl;
  }
  return cookie;
}

SecurityConstraint constraint_from(const WebXml::SecurityConstraint& from) {
  SecurityConstraint constraint{.collections = {},
                                .has_auth = from.has_auth_constraint,
                                .roles = from.roles,
                                .transport = {}};
  for (const auto& c : from.collections)
    constraint.collections.push_back({c.patterns, c.methods, c.omitted_methods});
  if (from.transport == WebXml::Transport::kIntegral) constraint.transport = "INTEGRAL";
  if (from.transport == WebXml::Transport::kConfidential) constraint.transport = "CONFIDENTIAL";
  return constraint;
}

void add_filters(const WebXml& web, ContextSettings& settings) {
  for (const auto& f : web.filters)
    settings.filters.push_back({f.name, f.class_name, to_map(f.parameters)});
  for (const auto& m : web.filter_mappings) {
    ContextSettings::FilterMapping mapping{.filter_name = m.filter,
                                           .url_pattern = {},
                                           .servlet_name = {},
                                           .on_request = (m.dispatchers & WebXml::kRequest) != 0,
                                           .on_forward = (m.dispatchers & WebXml::kForward) != 0,
                                           .on_include = (m.dispatchers & WebXml::kInclude) != 0,
                                           .on_error = (m.dispatchers & WebXml::kError) != 0};
    if (!mapping.on_request && !mapping.on_forward && !mapping.on_include && !mapping.on_error)
      continue;
    for (const auto& pattern : m.patterns) {
      settings.filter_mappings.push_back(mapping);
      settings.filter_mappings.back().url_pattern = pattern;
    }
    for (const auto& servlet : m.servlets) {
      settings.filter_mappings.push_back(mapping);
      settings.filter_mappings.back().servlet_name = servlet;
    }
  }
}

}  // namespace

ContextSettings settings_from(const WebXml& web, const ApplicationSettings& own) {
  ContextSettings s;
  s.display_name = web.display_name;
  s.parameters = context_parameters(web, own);
  s.welcome_files = web.welcome_files;
  s.mime_types = web.mime_types;
  for (const auto& page : web.error_pages)
    s.error_pages.push_back({page.code.value_or(0), page.exception_type, page.location});
  for (const auto& constraint : web.constraints)
    s.constraints.push_back(constraint_from(constraint));
  if (web.deny_uncovered_http_methods || own.deny_uncovered_http_methods)
    close_uncovered_methods(s.constraints);
  s.security_roles = web.security_roles;
  if (web.login)
    s.login = {web.login->auth_method, web.login->realm_name, web.login->login_page,
               web.login->error_page};
  s.cookie = cookie_settings(web.session);
  s.session_timeout_minutes = web.session.timeout.value_or(own.session_timeout);
  s.distributable = web.distributable || own.distributable;
  add_filters(web, s);
  for (const auto& l : web.listeners) s.listener_classes.push_back(l.class_name);
  s.request_character_encoding = web.request_character_encoding;
  s.watched_resources = own.watched_resources;
  return s;
}

void close_uncovered_methods(std::vector<SecurityConstraint>& constraints) {
  struct Cover {
    bool all = false;
    std::set<std::string> methods;
    std::optional<std::set<std::string>> omitted;  // covered: all but these
  };
  std::map<std::string, Cover> by_pattern;
  for (const auto& constraint : constraints) {
    for (const auto& c : constraint.collections) {
      for (const auto& pattern : c.patterns) {
        Cover& cover = by_pattern[pattern];
        if (c.methods.empty() && c.omitted_methods.empty()) cover.all = true;
        cover.methods.insert(c.methods.begin(), c.methods.end());
        if (c.omitted_methods.empty()) continue;
        std::set<std::string> omitted(c.omitted_methods.begin(), c.omitted_methods.end());
        if (cover.omitted)
          std::erase_if(omitted, [&](auto& m) { return !cover.omitted->contains(m); });
        cover.omitted = std::move(omitted);
      }
    }
  }
  for (const auto& [pattern, cover] : by_pattern) {
    if (cover.all) continue;
    SecurityConstraint::Collection closed{
        .patterns = {pattern}, .methods = {}, .omitted_methods = {}};
    if (cover.omitted) {
      for (const auto& method : *cover.omitted) {
        if (!cover.methods.contains(method)) closed.methods.push_back(method);
      }
      if (closed.methods.empty()) continue;
    } else {
      closed.omitted_methods.assign(cover.methods.begin(), cover.methods.end());
    }
    constraints.push_back({{std::move(closed)}, true, {}, {}});
  }
}

}  // namespace serval::core
