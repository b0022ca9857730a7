#include "container/startup/server_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/base/ascii.h"
#include "container/base/java_pattern.h"
#include "container/config/nesting.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "container/core/service.h"
#include "container/startup/container_options.h"
#include "container/webapp/host_config.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kUserDatabase = "org.apache.catalina.UserDatabase";

/// Walks the tree once; every part that cannot be built is reported and left out.
class Builder {
 public:
  Builder(const Registries& registries, const Properties& properties, Diagnostics& diagnostics)
      : registries_(registries), properties_(properties), diagnostics_(diagnostics) {}

  BuiltServer build(const Element& tree);

 private:
  void check_class(const Element& e, std::string_view only);
  void add_listeners(const Element& e, Lifecycle& to);
  void add_user_database(const Element& e);
  void add_service(const Element& e);
  void add_connector(const Element& e, const Element& service_element, Service& service);
  std::shared_ptr<Engine> make_engine(const Element& e);
  std::shared_ptr<Host> make_host(const Element& e, const Engine& engine);
  /// What Engine and Host both may have: Cluster, Realm, Valve, Listener.
  void add_common(const Element& e, Container& to);
  void add_error_report_valve(const Element& e, Host& host);
  void add_context(const Element& e, Host& host);

  const Registries& registries_;
  const Properties& properties_;
  Diagnostics& diagnostics_;
  BuiltServer built_;
};

BuiltServer Builder::build(const Element& tree) {
  check_class(tree, "org.apache.catalina.core.StandardServer");
  built_.user_databases = std::make_shared<BuiltServer::Databases>();
  RealmEnvironment realms;
  realms.user_database =
      [all = built_.user_databases](std::string_view name) -> std::shared_ptr<UserDatabase> {
    const auto found = all->find(name);
    return found == all->end() ? nullptr : found->second;
  };
  realms.catalina_base = properties_.catalina_base();
  realms.properties = &properties_;
  built_.environment = std::make_unique<ApplicationEnvironment>(
      registries_, properties_, diagnostics_.tomcat(), std::move(realms));
  built_.server =
      std::make_unique<Server>(read_server_options(tree, diagnostics_), properties_.catalina_home(),
                               properties_.catalina_base());
  add_listeners(tree, *built_.server);
  for (const Element& child : tree.children) {
    if (child.name == "GlobalNamingResources") {
      for (const Element* resource : child.children_named("Resource")) {
        add_user_database(*resource);
        built_.environment->data_sources.read(*resource, diagnostics_);
      }
    } else if (child.name == "Service") {
      add_service(child);
    }
  }
  return std::move(built_);
}

/// These elements are always of the one class that Serval has for them.
void Builder::check_class(const Element& e, std::string_view only) {
  const std::string_view named = e.class_name(only);
  if (named == only) return;
  diagnostics_.error(
      e.origin,
      diagnostics_.tomcat().knows_class(named)
          ? fmt::format("{}: className '{}' is known from Tomcat, but this version of Serval does "
                        "not have it yet",
                        e.path, named)
          : fmt::format("{}: unknown className '{}', Serval has '{}'", e.path, named, only));
}

void Builder::add_listeners(const Element& e, Lifecycle& to) {
  for (const Element* listener : e.children_named("Listener")) {
    const bool optional = same_ignoring_case(listener->attribute_or("optional", ""), "true");
    if (optional && !registries_.listeners.contains(listener->class_name())) {
      diagnostics_.info(listener->origin, fmt::format("{}: the optional listener [{}] is left out",
                                                      listener->path, listener->class_name()));
      continue;
    }
    if (auto made = registries_.listeners.create(*listener, diagnostics_))
      to.add_lifecycle_listener(*std::move(made));
  }
}

void Builder::add_user_database(const Element& e) {
  if (e.attribute_or("type", "") != kUserDatabase) return;
  const std::string name(e.attribute_or("name", ""));
  const auto options = read_user_database_options(e, diagnostics_);
  auto database = std::make_shared<UserDatabase>(
      UserDatabase::Options{properties_.in_base(options.pathname), options.watch_source},
      properties_);
  if (auto opened = database->open(); !opened) {
    // As in Tomcat the resource is not there then, and its realm lets nobody in.
    diagnostics_.warning(e.origin, fmt::format("UserDatabase [{}] cannot be used: {}", name,
                                               opened.error().message));
    return;
  }
  built_.user_databases->insert_or_assign(name, std::move(database));
}

void Builder::add_service(const Element& e) {
  check_class(e, "org.apache.catalina.core.StandardService");
  auto service = std::make_unique<Service>(read_service_name(e, diagnostics_));
  add_listeners(e, *service);
  const Element* const engine = e.child("Engine");
  if (!engine) {
    diagnostics_.error(e.origin, fmt::format("[{}] has no <Engine>", e.path));
    return;
  }
  for (const Element* executor : e.children_named("Executor"))
    check_executor(*executor, diagnostics_);
  service->server = built_.server.get();
  service->set_engine(make_engine(*engine));
  for (const Element* connector : e.children_named("Connector"))
    add_connector(*connector, e, *service);
  built_.server->add_service(std::move(service));
}

void Builder::add_connector(const Element& e, const Element& service_element, Service& service) {
  Element by_protocol = e;
  std::string protocol(e.attribute_or("protocol", "HTTP/1.1"));
  if (protocol == "AJP/1.3") protocol = "org.apache.coyote.ajp.AjpNioProtocol";
  std::erase_if(by_protocol.attributes,
                [](const auto& a) { return a.name == "className" || a.name == "protocol"; });
  use_executor(by_protocol, service_element, diagnostics_);
  by_protocol.attributes.push_back({"className", std::move(protocol)});
  auto made = registries_.connectors.create(by_protocol, diagnostics_);
  if (!made) return;
  add_listeners(e, **made);
  built_.connectors.push_back({made->get(), std::string(e.attribute_or("address", ""))});
  service.add_connector(*std::move(made));
}

void Builder::add_common(const Element& e, Container& to) {
  // What cannot be made is in the diagnostics, and nothing starts then.
  for (const Element& child : e.children) {
    if (child.name == "Realm") {
      if (auto made = registries_.realms.create(child, diagnostics_, built_.environment->realms))
        to.set_realm(*std::move(made));
    } else if (child.name == "Cluster") {
      if (auto made = registries_.clusters.create(child, diagnostics_))
        to.set_cluster(*std::move(made));
    } else if (child.name == "Valve") {
      if (auto made = registries_.valves.create(child, diagnostics_))
        to.pipeline().add(*std::move(made));
    }
  }
  add_listeners(e, to);
}

std::shared_ptr<Engine> Builder::make_engine(const Element& e) {
  check_class(e, "org.apache.catalina.core.StandardEngine");
  auto options = read_engine_options(e, diagnostics_);
  if (!e.attribute("jvmRoute")) options.jvm_route = properties_.value_or("jvmRoute", "");
  auto engine = std::make_shared<Engine>(std::move(options));
  add_common(e, *engine);
  for (const Element* child : e.children_named("Host")) {
    const auto host = make_host(*child, *engine);
    if (!host) continue;
    if (engine->find_child(host->name())) {
      diagnostics_.error(child->origin,
                         fmt::format("addChild: Child name [{}] is not unique", host->name()));
      continue;
    }
    engine->add_child(host, false);
  }
  const std::string default_host = lower_case(engine->options().default_host);
  if (!default_host.empty() && !engine->find_child(default_host))
    diagnostics_.warning(e.origin, fmt::format("Unknown default host [{}] for service",
                                               engine->options().default_host));
  return engine;
}

std::shared_ptr<Host> Builder::make_host(const Element& e, const Engine& engine) {
  check_class(e, "org.apache.catalina.core.StandardHost");
  auto options = read_host_options(e, diagnostics_);
  if (options.name.empty()) {
    diagnostics_.error(e.origin, "Host name is required");
    return nullptr;
  }
  if (auto pattern = JavaPattern::compile(options.deploy_ignore); !pattern)
    diagnostics_.error(e.origin, fmt::format("[{}] deployIgnore [{}]: {}", e.path,
                                             options.deploy_ignore, pattern.error().message));
  auto host = std::make_shared<Host>(std::move(options));
  const Host::Options& o = host->options();
  const fs::path own = fs::path(engine.name()) / host->name();
  host->app_base = properties_.in_base(o.app_base).lexically_normal();
  if (!host->app_base.has_filename()) host->app_base = host->app_base.parent_path();
  host->xml_base =
      properties_.in_base(o.xml_base.empty() ? fs::path("conf") / own : fs::path(o.xml_base));
  host->work_dir =
      properties_.in_base(o.work_dir.empty() ? fs::path("work") / own : fs::path(o.work_dir));
  for (const Element* alias : e.children_named("Alias")) host->aliases.push_back(alias->text);
  add_common(e, *host);
  add_error_report_valve(e, *host);
  for (const Element* context : e.children_named("Context")) add_context(*context, *host);
  HostConfig::attach(*built_.environment, *host);
  return host;
}

void Builder::add_error_report_valve(const Element& e, Host& host) {
  const std::string& class_name = host.options().error_report_valve_class;
  if (class_name.empty()) return;
  Element valve;
  valve.name = "Valve";
  valve.path = e.path + "/Valve";
  valve.origin = e.origin;
  valve.attributes.push_back({"className", class_name});
  if (!registries_.valves.contains(class_name)) {
    diagnostics_.warning(
        e.origin,
        fmt::format("Couldn't load specified error report valve class: [{}]", class_name));
    return;
  }
  if (auto made = registries_.valves.create(valve, diagnostics_))
    host.pipeline().add(*std::move(made));
}

void Builder::add_context(const Element& e, Host& host) {
  const std::string path(e.attribute_or("path", ""));
  const std::string version(e.attribute_or("webappVersion", ""));
  const ContextName names =
      ContextName::from_name(version.empty() ? path : fmt::format("{}##{}", path, version));
  const bool unpack =
      host.options().unpack_wars && same_ignoring_case(e.attribute_or("unpackWAR", "true"), "true");
  ApplicationSource source =
      locate_application(host, names, fs::path(e.attribute_or("docBase", "")), unpack);
  source.own = e;
  if (host.find_child(names.name)) {
    diagnostics_.error(e.origin,
                       fmt::format("addChild: Child name [{}] is not unique", names.name));
    return;
  }
  if (auto made = build_application(*built_.environment, host, source, diagnostics_))
    host.add_child(*std::move(made), false);
}

}  // namespace

BuiltServer build_server(const Element& tree, const Registries& registries,
                         const Properties& properties, Diagnostics& diagnostics) {
  return Builder(registries, properties, diagnostics).build(tree);
}

}  // namespace serval::core
