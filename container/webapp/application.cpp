#include "container/webapp/application.h"

#include <fmt/format.h>

#include "container/base/ascii.h"
#include "container/base/attribute.h"
#include "container/base/log.h"
#include "container/config/nesting.h"
#include "container/config/server_xml.h"
#include "container/webapp/context_config.h"
#include "container/webapp/war_unpack.h"

namespace serval::core {
namespace {

using serval::parse_into;  // of texts and numbers, not only of roles

const Log kLog{"org.apache.tomcat.util.digester.Digester"};
constexpr std::string_view kContextClass = "org.apache.catalina.core.StandardContext";

/// Everything that the attributes of <Context> set.
struct ContextAttributes {
  Context::Options options;
  ApplicationSettings settings;
  int background_processor_delay = -1;
};

template <class T>
Attribute<ContextAttributes> option(std::string_view name, T Context::Options::*field,
                                    std::string_view help) {
  return {name, help, [field](ContextAttributes& a, std::string_view text) {
            return parse_into(text, a.options.*field);
          }};
}

template <class T>
Attribute<ContextAttributes> setting(std::string_view name, T ApplicationSettings::*field,
                                     std::string_view help) {
  return {name, help, [field](ContextAttributes& a, std::string_view text) {
            return parse_into(text, a.settings.*field);
          }};
}

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const auto name = trim(text.substr(0, comma)); !name.empty()) names.emplace_back(name);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

std::span<const Attribute<ContextAttributes>> context_attributes() {
  using O = Context::Options;
  using S = ApplicationSettings;
  static const std::array table{
      option("path", &O::path, "context path; only in server.xml"),
      option("docBase", &O::doc_base, "directory or WAR, relative to appBase"),
      option("webappVersion", &O::web_app_version, "version, normally from the file name"),
      option("reloadable", &O::reloadable, "reload when a library changes"),
      option("privileged", &O::privileged, "may use the servlets that manage the server"),
      option("crossContext", &O::cross_context, "other applications may be reached"),
      option("useHttpOnly", &O::use_http_only, "HttpOnly on the session cookie"),
      option("sessionCookieName", &O::session_cookie_name, "name of the session cookie"),
      option("sessionCookiePath", &O::session_cookie_path, "path of the session cookie"),
      option("sessionCookieDomain", &O::session_cookie_domain, "domain of the session cookie"),
      option("unpackWAR", &O::unpack_war, "false: the WAR is not unpacked beside it"),
      option("unloadDelay", &O::unload_delay_ms, "ms to wait for requests when it stops"),
      option("sessionCookiePathUsesTrailingSlash", &O::session_cookie_path_uses_trailing_slash,
             "a slash at the end of the session cookie's path"),
      option("validateClientProvidedNewSessionId", &O::validate_client_provided_new_session_id,
             "a new session takes the client's id only if another application knows it"),
      option("usePartitioned", &O::use_partitioned, "Partitioned on the session cookie"),
      option("mapperContextRootRedirectEnabled", &O::mapper_context_root_redirect_enabled,
             "redirect /app to /app/"),
      option("failCtxIfServletStartFails", &O::fail_ctx_if_servlet_start_fails,
             "a load-on-startup servlet that fails stops the application"),
      Attribute<ContextAttributes>{"resourceOnlyServlets",
                                   "servlets that take welcome files only if the file exists",
                                   [](ContextAttributes& a, std::string_view text) -> Result<> {
                                     a.options.resource_only_servlets = split_names(text);
                                     return {};
                                   }},
      setting("distributable", &S::distributable, "sessions may be replicated"),
      setting("sessionTimeout", &S::session_timeout, "minutes; web.xml wins"),
      option("cookies", &O::cookies, "false: session ids in URLs only"),
      setting("altDDName", &S::alt_dd_name, "another web.xml"),
      setting("preemptiveAuthentication", &S::preemptive_authentication,
              "credentials that are sent count on open pages too"),
      setting("denyUncoveredHttpMethods", &S::deny_uncovered_http_methods,
              "403 for methods that no constraint names"),
      attribute("backgroundProcessorDelay", &ContextAttributes::background_processor_delay,
                "seconds between ticks; <= 0: with the host"),
  };
  return table;
}

Result<> parse_same_site(std::string_view text, std::string& value) {
  if (same_ignoring_case(text, "unset")) {
    value.clear();
    return {};
  }
  for (const std::string_view name : {"None", "Lax", "Strict"}) {
    if (!same_ignoring_case(text, name)) continue;
    value = name;
    return {};
  }
  return Error{Errc::kInvalidArgument, "must be one of: unset, none, lax, strict"};
}

std::span<const Attribute<Context::Options>> cookie_attributes() {
  static const std::array table{
      Attribute<Context::Options>{"sameSiteCookies", "SameSite of every cookie",
                                  [](Context::Options& o, std::string_view text) {
                                    return parse_same_site(text, o.same_site_cookies);
                                  }},
      attribute("partitioned", &Context::Options::partitioned_cookies,
                "Partitioned on every cookie that does not say so itself")};
  return table;
}

std::span<const Attribute<ResourceSettings>> resource_attributes() {
  static const std::array table{
      attribute("cachingAllowed", &ResourceSettings::caching_allowed, "keep small files"),
      attribute("allowLinking", &ResourceSettings::allow_linking, "follow symbolic links"),
      attribute("cacheMaxSize", &ResourceSettings::cache_max_size_kib, "KiB kept in all"),
      attribute("cacheObjectMaxSize", &ResourceSettings::cache_object_max_size_kib,
                "KiB of the largest file kept"),
      attribute("cacheTtl", &ResourceSettings::cache_ttl, "ms until a file is looked at again"),
  };
  return table;
}

void read_parameter(const Element& e, ApplicationSettings& settings, Diagnostics& diagnostics) {
  const auto* const name = e.attribute("name");
  const auto* const value = e.attribute("value");
  if (!name || name->empty() || !value) {
    diagnostics.error(e.origin, fmt::format("[{}] needs name and value", e.path));
    return;
  }
  ApplicationSettings::Parameter parameter{*name, *value};
  if (const auto* const text = e.attribute("override")) {
    if (auto done = parse_into(*text, parameter.override); !done)
      diagnostics.warning(e.origin, done.error().message);
  }
  settings.parameters.push_back(std::move(parameter));
}

/// One child of <Context>. What Tomcat knows and nothing here needs (naming, scanning, class
/// loading) is only checked for misspelt attributes.
void read_child(const Element& e, ApplicationEnvironment& environment, Context& context,
                ApplicationSettings& settings, Diagnostics& diagnostics) {
  const Registries& all = environment.registries;
  // A component that cannot be made is in the diagnostics; the application fails by that.
  if (e.name == "Manager") {
    if (auto made = all.managers.create(e, diagnostics)) context.set_manager(*std::move(made));
  } else if (e.name == "Realm") {
    if (auto made = all.realms.create(e, diagnostics, environment.realms))
      context.set_realm(*std::move(made));
  } else if (e.name == "Valve") {
    if (auto made = all.valves.create(e, diagnostics)) context.pipeline().add(*std::move(made));
  } else if (e.name == "Listener") {
    if (auto made = all.listeners.create(e, diagnostics))
      context.add_lifecycle_listener(*std::move(made));
  } else if (e.name == "Parameter") {
    read_parameter(e, settings, diagnostics);
  } else if (e.name == "WatchedResource") {
    if (!e.text.empty()) settings.watched_resources.push_back(e.text);
  } else if (e.name == "Resources") {
    settings.resources =
        read_options<ResourceSettings>(e, e.class_name(), resource_attributes(), diagnostics);
  } else if (e.name == "CookieProcessor") {
    const auto said =
        read_options<Context::Options>(e, e.class_name(), cookie_attributes(), diagnostics);
    context.options.same_site_cookies = said.same_site_cookies;
    context.options.partitioned_cookies = said.partitioned_cookies;
  } else {
    context.resources->read(e, diagnostics);
    check_attribute_names(e, e.class_name(), diagnostics);
  }
}

/// The part that the className of the application's own <Context> asks for; takes its attributes
/// out of `element`. Null for StandardContext.
std::unique_ptr<AttributeReplication> take_replication(const Registries& registries,
                                                       const ApplicationSource& source,
                                                       Element& element, Diagnostics& diagnostics) {
  const std::string class_name(source.own ? source.own->class_name(kContextClass) : kContextClass);
  if (class_name == kContextClass) return nullptr;
  const auto all = registries.contexts.describe();
  Element own = *source.own;
  own.attributes = {{"className", class_name}};
  if (const auto rows = all.find(class_name); rows != all.end()) {
    std::erase_if(element.attributes, [&](auto& written) {
      const bool is_its = std::ranges::any_of(rows->second, [&](const auto& row) {
        return same_attribute(row.attribute, written.name);
      });
      if (is_its) own.attributes.push_back(std::move(written));
      return is_its;
    });
  }
  auto made = registries.contexts.create(own, diagnostics);  // its failure is in the diagnostics
  return made ? *std::move(made) : nullptr;
}

/// conf/context.xml, context.xml.default and the application's own, in this order.
Result<Element> merged_settings(ApplicationEnvironment& environment, const Host& host,
                                const ApplicationSource& source, Diagnostics& diagnostics) {
  std::vector<Element> trees;
  bool use_defaults = true;
  if (source.own) {
    if (const auto* const text = source.own->attribute("override")) {
      bool own_only = false;
      if (parse_into(*text, own_only)) use_defaults = !own_only;
    }
  }
  if (use_defaults) {
    for (const auto& file : default_context_files(host, environment.properties.catalina_base())) {
      if (!std::filesystem::exists(file)) continue;
      auto tree = load_context_xml(file, environment.properties, diagnostics);
      if (!tree) return std::move(tree).error();
      trees.push_back(*std::move(tree));
    }
  }
  if (source.own) trees.push_back(*source.own);
  if (trees.empty()) return Element{};
  return merge_contexts(std::move(trees));
}

}  // namespace

std::vector<std::filesystem::path> default_context_files(const Host& host,
                                                         const std::filesystem::path& base) {
  return {base / "conf/context.xml", host.xml_base / "context.xml.default"};
}

Result<std::shared_ptr<Context>> build_application(ApplicationEnvironment& environment, Host& host,
                                                   const ApplicationSource& source,
                                                   Diagnostics& diagnostics) {
  auto element = merged_settings(environment, host, source, diagnostics);
  if (!element) return std::move(element).error();
  auto replication = take_replication(environment.registries, source, *element, diagnostics);
  auto attributes =
      read_options<ContextAttributes>(*element, kContextClass, context_attributes(), diagnostics);
  auto context = std::make_shared<Context>(source.names, source.doc_base);
  context->options = attributes.options;
  context->background_processor_delay = attributes.background_processor_delay;
  context->set_parent(&host);
  context->resources = std::make_shared<DataSources>(&environment.data_sources);
  context->set_attribute_replication(std::move(replication));
  for (const Element& child : element->children)
    read_child(child, environment, *context, attributes.settings, diagnostics);
  if (diagnostics.has_errors())
    return Error{Errc::kInvalidArgument,
                 fmt::format("The settings of application [{}] have errors",
                             source.names.path.empty() ? "/" : source.names.name)};
  context->add_lifecycle_listener(std::make_unique<ContextConfig>(
      environment, *context, std::move(attributes.settings), source.war));
  return context;
}

ApplicationSource locate_application(const Host& host, const ContextName& names,
                                     const std::filesystem::path& doc_base, bool unpack) {
  namespace fs = std::filesystem;
  const fs::path place =
      unpack ? host.app_base / names.base_name : host.work_dir / names.base_name / "war";
  ApplicationSource source{.names = names, .doc_base = place, .war = {}, .own = {}};
  std::error_code failed;
  if (doc_base.empty()) {
    const fs::path war = host.app_base / (names.base_name + ".war");
    if (fs::exists(war, failed))
      source.war = war;
    else
      source.doc_base = host.app_base / names.base_name;
    return source;
  }
  const fs::path absolute = (host.app_base / doc_base).lexically_normal();
  if (is_war(absolute) && !fs::is_directory(absolute, failed)) {
    source.war = absolute;
  } else {
    source.doc_base = absolute;
  }
  return source;
}

std::vector<std::pair<std::string_view, std::string_view>> describe_context() {
  std::vector<std::pair<std::string_view, std::string_view>> rows;
  for (const auto& a : context_attributes()) rows.emplace_back(a.name, a.help);
  return rows;
}

void log_diagnostics(const Diagnostics& diagnostics) {
  for (const auto& entry : diagnostics.entries()) {
    if (entry.severity == Diagnostics::Severity::kError)
      kLog.error("{}", entry.text);
    else if (entry.severity == Diagnostics::Severity::kWarning)
      kLog.warn("{}", entry.text);
    else
      kLog.info("{}", entry.text);
  }
}

}  // namespace serval::core
