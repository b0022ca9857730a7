#include <algorithm>
#include <map>
#include <set>

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

SessionCookieSettings cookie_settings(const WebXml::SessionConfig& session,
                                      const ApplicationSettings& own,
                                      const Context::Options& options) {
  SessionCookieSettings cookie;
  const auto& said = session.cookie;
  const auto choose = [](const std::string& first, const std::optional<std::string>& second,
                         std::string& into) {
    if (!first.empty())
      into = first;
    else if (second && !second->empty())
      into = *second;
  };
  choose(options.session_cookie_name, said.name, cookie.name);
  choose(options.session_cookie_path, said.path, cookie.path);
  choose(options.session_cookie_domain, said.domain, cookie.domain);
  cookie.http_only = options.use_http_only || said.http_only.value_or(false);
  cookie.secure = said.secure.value_or(false);
  if (said.max_age && *said.max_age >= 0) cookie.max_age = *said.max_age;
  if (session.tracking_modes != 0) {
    cookie.use_cookies = session.tracking_modes & WebXml::kCookie;
    cookie.use_url = session.tracking_modes & WebXml::kUrl;
  }
  cookie.use_cookies = cookie.use_cookies && own.cookies;
  cookie.path_uses_trailing_slash = own.cookie_path_uses_trailing_slash;
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
    if (!(m.dispatchers & WebXml::kRequest)) continue;
    for (const auto& pattern : m.patterns)
      settings.filter_mappings.push_back({m.filter, pattern, {}});
    for (const auto& servlet : m.servlets)
      settings.filter_mappings.push_back({m.filter, {}, servlet});
  }
}

}  // namespace

ContextSettings settings_from(const WebXml& web, const ApplicationSettings& own,
                              const Context::Options& options) {
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
  s.cookie = cookie_settings(web.session, own, options);
  s.session_timeout_minutes = web.session.timeout.value_or(own.session_timeout);
  s.distributable = web.distributable || own.distributable;
  add_filters(web, s);
  for (const auto& l : web.listeners) s.listener_classes.push_back(l.class_name);
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
