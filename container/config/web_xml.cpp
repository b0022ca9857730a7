#include "container/config/web_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace serval {
namespace {

template <class Range, class Projection>
bool has_name(const Range& range, std::string_view name, Projection projection) {
  return std::ranges::find(range, name, projection) != range.end();
}

template <class T>
void fill(std::optional<T>& value, const std::optional<T>& otherwise) {
  if (!value) value = otherwise;
}
void fill(std::string& value, const std::string& otherwise) {
  if (value.empty()) value = otherwise;
}

void fill_parameters(std::vector<WebXml::Parameter>& parameters,
                     const std::vector<WebXml::Parameter>& defaults) {
  for (const auto& p : defaults)
    if (!has_name(parameters, p.name, &WebXml::Parameter::name)) parameters.push_back(p);
}

void merge_servlets(WebXml& application, const WebXml& defaults) {
  std::set<std::string, std::less<>> mapped;  // servlets that the application maps itself
  for (const auto& m : application.servlet_mappings) mapped.insert(m.servlet);
  for (const auto& m : defaults.servlet_mappings) {
    if (mapped.contains(m.servlet) ||
        has_name(application.servlet_mappings, m.pattern, &WebXml::ServletMapping::pattern))
      continue;
    application.servlet_mappings.push_back(m);
    application.servlet_mappings.back().overridable = true;
  }
  for (const auto& s : defaults.servlets) {
    const auto own = std::ranges::find(application.servlets, s.name, &WebXml::Servlet::name);
    if (own == application.servlets.end()) {
      application.servlets.push_back(s);
      application.servlets.back().overridable = true;
      continue;
    }
    if (own->class_name.empty() && own->jsp_file.empty()) {
      own->class_name = s.class_name;
      own->jsp_file = s.jsp_file;
    }
    fill_parameters(own->parameters, s.parameters);
    fill(own->load_on_startup, s.load_on_startup);
    fill(own->async_supported, s.async_supported);
    fill(own->multipart, s.multipart);
    fill(own->run_as, s.run_as);
  }
}

void merge_filters(WebXml& application, const WebXml& defaults) {
  std::set<std::string, std::less<>> mapped;
  for (const auto& m : application.filter_mappings) mapped.insert(m.filter);
  for (const auto& m : defaults.filter_mappings)
    if (!mapped.contains(m.filter)) application.filter_mappings.push_back(m);
  for (const auto& f : defaults.filters) {
    const auto own = std::ranges::find(application.filters, f.name, &WebXml::Filter::name);
    if (own == application.filters.end()) {
      application.filters.push_back(f);
      continue;
    }
    fill(own->class_name, f.class_name);
    fill_parameters(own->parameters, f.parameters);
    fill(own->async_supported, f.async_supported);
  }
}

void merge_session(WebXml::SessionConfig& session, const WebXml::SessionConfig& defaults) {
  fill(session.timeout, defaults.timeout);
  fill(session.cookie.name, defaults.cookie.name);
  fill(session.cookie.domain, defaults.cookie.domain);
  fill(session.cookie.path, defaults.cookie.path);
  fill(session.cookie.comment, defaults.cookie.comment);
  fill(session.cookie.http_only, defaults.cookie.http_only);
  fill(session.cookie.secure, defaults.cookie.secure);
  fill(session.cookie.max_age, defaults.cookie.max_age);
  fill_parameters(session.cookie.attributes, defaults.cookie.attributes);
  if (session.tracking_modes == 0) session.tracking_modes = defaults.tracking_modes;
}

void merge_security(WebXml& application, const WebXml& defaults) {
  application.constraints.insert(application.constraints.end(), defaults.constraints.begin(),
                                 defaults.constraints.end());
  for (const auto& role : defaults.security_roles)
    if (std::ranges::find(application.security_roles, role) == application.security_roles.end())
      application.security_roles.push_back(role);
  fill(application.login, defaults.login);
  application.deny_uncovered_http_methods |= defaults.deny_uncovered_http_methods;
}

}  // namespace

bool WebXml::ResourceCollection::has_method(std::string_view method) const {
  if (!methods.empty()) return std::ranges::find(methods, method) != methods.end();
  return std::ranges::find(omitted_methods, method) == omitted_methods.end();
}

const WebXml::Servlet* WebXml::servlet(std::string_view name) const {
  const auto it = std::ranges::find(servlets, name, &Servlet::name);
  return it == servlets.end() ? nullptr : &*it;
}

const WebXml::Filter* WebXml::filter(std::string_view name) const {
  const auto it = std::ranges::find(filters, name, &Filter::name);
  return it == filters.end() ? nullptr : &*it;
}

void merge_defaults(WebXml& application, const WebXml& defaults) {
  merge_servlets(application, defaults);
  merge_filters(application, defaults);
  merge_session(application.session, defaults.session);
  merge_security(application, defaults);
  fill(application.display_name, defaults.display_name);
  fill(application.request_character_encoding, defaults.request_character_encoding);
  fill(application.response_character_encoding, defaults.response_character_encoding);
  fill_parameters(application.context_parameters, defaults.context_parameters);
  for (const auto& listener : defaults.listeners)
    if (!has_name(application.listeners, listener.class_name, &WebXml::Listener::class_name))
      application.listeners.push_back(listener);
  if (application.welcome_files.empty()) application.welcome_files = defaults.welcome_files;
  for (const auto& page : defaults.error_pages) {
    const bool own = std::ranges::any_of(application.error_pages, [&](const auto& other) {
      return other.code == page.code && other.exception_type == page.exception_type;
    });
    if (!own) application.error_pages.push_back(page);
  }
  for (const auto& entry : defaults.env_entries)
    if (!has_name(application.env_entries, entry.name, &WebXml::EnvEntry::name))
      application.env_entries.push_back(entry);
  application.mime_types.insert(defaults.mime_types.begin(), defaults.mime_types.end());
  application.locale_encodings.insert(defaults.locale_encodings.begin(),
                                      defaults.locale_encodings.end());
}

Result<> check_web_xml(const WebXml& web) {
  std::vector<std::string> problems;
  for (const auto& m : web.servlet_mappings)
    if (!web.servlet(m.servlet))
      problems.push_back(fmt::format("{}: Servlet mapping specifies an unknown servlet name [{}]",
                                     m.origin.text(), m.servlet));
  for (const auto& m : web.filter_mappings)
    if (!web.filter(m.filter))
      problems.push_back(fmt::format("{}: Filter mapping specifies an unknown filter name [{}]",
                                     m.origin.text(), m.filter));
  if (problems.empty()) return {};
  return Error{Errc::kInvalidArgument, fmt::format("{}", fmt::join(problems, "\n"))};
}

}  // namespace serval
