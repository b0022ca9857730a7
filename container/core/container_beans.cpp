#include "container/core/container_beans.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "container/core/server.h"
#include "container/core/service.h"
#include "container/core/servlet_bean.h"

namespace serval::core {

namespace {
const Log kLog{"org.apache.tomcat.util.modeler.Registry"};

std::string state_text(const Lifecycle& component) {
  return std::string(state_name(component.state()));
}

/// As keys and Java's objects write it: "/" for ROOT, "/demo##2".
std::string shown_context_name(const Context& context) {
  const std::string& name = context.names().name;
  return name.starts_with('/') ? name : "/" + name;
}

/// Without the `children` and `realm` of Tomcat: those are objects there.
template <class T>
BeanTable<T> container_table(std::string_view class_name) {
  BeanTable<T> table{class_name, {}, {}, "org.apache.catalina.mbeans.ContainerMBean"};
  table.read("stateName", [](const T& c) { return state_text(c); });
  table.read("name", [](const T& c) { return c.name(); });
  table.read("backgroundProcessorDelay", [](const T& c) { return c.background_processor_delay; });
  table.read("managedResource", [](const T& c) { return c.description(); });
  return table;
}

const BeanTable<Engine>& engine_table() {
  static const auto table =
      container_table<Engine>("org.apache.catalina.core.StandardEngine")
          .read("catalinaBase", [](const Engine& e) { return e.catalina_base().string(); })
          .read("defaultHost", [](const Engine& e) { return e.options().default_host; })
          .read("jvmRoute", [](const Engine& e) { return e.jvm_route(); });
  return table;
}

BeanList names_of(const Container& container, std::string_view keys_begin) {
  BeanList names{"javax.management.ObjectName", {}};
  const auto domain = bean_domain(container);
  const auto pattern = ObjectName::parse(domain + ":" + std::string(keys_begin) + ",*");
  if (!pattern || !container.beans()) return names;
  for (const auto& name : container.beans()->names(*pattern)) names.items.push_back(name.text());
  return names;
}

const BeanTable<Host>& host_table() {
  static const auto table =
      container_table<Host>("org.apache.catalina.core.StandardHost")
          .read("appBase", [](const Host& h) { return h.options().app_base; })
          .read("autoDeploy", [](const Host& h) { return h.options().auto_deploy; })
          .read("createDirs", [](const Host& h) { return h.options().create_dirs; })
          .read("deployOnStartup", [](const Host& h) { return h.options().deploy_on_startup; })
          .read("deployXML", [](const Host& h) { return h.options().deploy_xml; })
          .read("unpackWARs", [](const Host& h) { return h.options().unpack_wars; })
          .read("undeployOldVersions",
                [](const Host& h) { return h.options().undeploy_old_versions; })
          .read("errorReportValveClass",
                [](const Host& h) { return h.options().error_report_valve_class; })
          .read("aliases", [](const Host& h) { return BeanValue(BeanList{.items = h.aliases}); })
          .read("children",
                [](const Host& h) {
                  return BeanValue(
                      names_of(h, fmt::format("j2eeType=WebModule,name=//{}/*", h.name())));
                })
          .read("valveNames", [](const Host& h) {
            BeanList names = names_of(h, "type=Valve,host=" + h.name());
            names.type = "java.lang.String";
            return BeanValue(std::move(names));
          });
  return table;
}

/// What of a Context stays as it is while its application is started anew.
const BeanTable<Context>& context_table() {
  static const auto table = [] {
    auto made = container_table<Context>("org.apache.catalina.core.StandardContext");
    made.bean_class = "org.apache.catalina.mbeans.ContextMBean";
    show_request_figures(made, totals_of_servlets);
    made.read("privileged", [](const Context& c) { return c.options.privileged; })
        .read("crossContext", [](const Context& c) { return c.options.cross_context; })
        .read("reloadable", [](const Context& c) { return c.options.reloadable; })
        .read("unloadDelay", [](const Context& c) { return c.options.unload_delay_ms; })
        .read("path", [](const Context& c) { return c.names().path; })
        .read("baseName", [](const Context& c) { return c.names().base_name; })
        .read("webappVersion", [](const Context& c) { return c.names().version; })
        .read("docBase", [](const Context& c) { return c.doc_base().string(); })
        .read("paused", [](const Context& c) { return c.is_paused(); });
    return made;
  }();
  return table;
}

const BeanTable<Server>& server_table() {
  static const auto table =
      BeanTable<Server>{"org.apache.catalina.core.StandardServer", {}, {}}
          .read("stateName", [](const Server& s) { return state_text(s); })
          .read("address", [](const Server& s) { return s.options().address; })
          .read("port", [](const Server& s) { return s.options().port; })
          .read("portOffset", [](const Server& s) { return s.options().port_offset; })
          .read("portWithOffset",
                [](const Server& s) {
                  const auto& o = s.options();
                  return o.port > 0 ? o.port + o.port_offset : o.port;
                })
          .read("shutdown", [](const Server& s) { return s.options().shutdown; })
          .read("serverInfo", [](const Server&) { return std::string(kServerInfo); });
  return table;
}

const BeanTable<Service>& service_table() {
  static const auto table = BeanTable<Service>{"org.apache.catalina.core.StandardService",
                                               {},
                                               {},
                                               "org.apache.catalina.mbeans.ServiceMBean"}
                                .read("stateName", [](const Service& s) { return state_text(s); })
                                .read("name", [](const Service& s) { return s.name(); })
                                .read("connectorNames", [](const Service& s) {
                                  BeanList names = names_of(s.engine(), "type=Connector");
                                  return BeanValue(std::move(names));
                                });
  return table;
}

const BeanTable<Connector>& connector_table() {
  static const auto table =
      BeanTable<Connector>{"org.apache.catalina.connector.Connector",
                           {},
                           {},
                           "org.apache.catalina.mbeans.ConnectorMBean"}
          .read("stateName", [](const Connector& c) { return state_text(c); })
          .read("localPort", [](const Connector& c) { return c.local_port(); })
          .read("scheme", [](const Connector& c) { return c.settings().scheme; })
          .read("secure", [](const Connector& c) { return c.settings().secure; })
          .read("redirectPort", [](const Connector& c) { return c.settings().redirect_port; })
          .read("maxPostSize", [](const Connector& c) { return c.settings().max_post_size; })
          .read("maxParameterCount",
                [](const Connector& c) { return c.settings().max_parameter_count; })
          .read("allowTrace", [](const Connector& c) { return c.settings().allow_trace; });
  return table;
}

std::string realm_keys(const Container& container, const std::string& path) {
  return "type=Realm,realmPath=" + path + bean_keys(container);
}

void show_realm(const Container& container, Realm& realm, std::string path,
                std::vector<BeanRegistry::Registration>& all) {
  Realm::Place place{std::move(path), {}, container.description()};
  const std::string keys = realm_keys(container, place.path);
  for (std::size_t i = 0; i < realm.realms().size(); ++i) {
    const std::string inner = fmt::format("{}/realm{}", place.path, i);
    place.inner.push_back(bean_domain(container) + ":" + realm_keys(container, inner));
    show_realm(container, *realm.realms()[i], inner, all);
  }
  if (auto bean = realm.shown_at(std::move(place))) {
    all.push_back(register_bean(container, keys, std::move(bean)));
  }
}

/// "type=Connector,port=8080,address="127.0.0.1"", from the connector's name.
std::string connector_keys(const Connector& connector) {
  // http-nio-127.0.0.1-8080, or http-nio-8080 on all addresses
  const std::string name = connector.name();
  const std::size_t begin = name.find('-', name.find('-') + 1) + 1, end = name.rfind('-');
  std::string keys = "type=Connector,port=" + name.substr(end + 1);
  if (begin < end) keys += ",address=" + ObjectName::quote(name.substr(begin, end - begin));
  return keys;
}
}  // namespace

std::string bean_domain(const Container& container) {
  const Container* top = &container;
  while (top->parent()) top = top->parent();
  return top->name();
}

std::string web_module(const Context& context) {
  return "//" + context.host_name() + shown_context_name(context);
}

std::string bean_keys(const Container& container) {
  if (const auto* const host = dynamic_cast<const Host*>(&container))
    return ",host=" + host->name();
  if (const auto* const context = dynamic_cast<const Context*>(&container)) {
    return ",host=" + context->host_name() + ",context=" + shown_context_name(*context);
  }
  return "";
}

BeanRegistry::Registration register_bean(BeanRegistry* beans, std::string_view domain,
                                         std::string_view keys, std::unique_ptr<Bean> bean) {
  if (!beans) return {};
  const std::string text = fmt::format("{}:{}", domain, keys);
  auto name = ObjectName::parse(text);
  if (name && !name->is_pattern()) return beans->add(*std::move(name), std::move(bean));
  kLog.warn("Failed to register object with name [{}]: {}", text,
            name ? "it is a pattern" : name.error().message);
  return {};
}

BeanRegistry::Registration register_bean(const Container& container, std::string_view keys,
                                         std::unique_ptr<Bean> bean) {
  return register_bean(container.beans(), bean_domain(container), keys, std::move(bean));
}

BeanRegistry::Registration register_container(Container& container) {
  const std::string text = container.description();
  if (auto* const engine = dynamic_cast<Engine*>(&container)) {
    return register_bean(container, "type=Engine", make_bean(*engine, engine_table(), text));
  }
  if (auto* const host = dynamic_cast<Host*>(&container)) {
    return register_bean(container, "type=Host" + bean_keys(container),
                         make_bean(*host, host_table(), text));
  }
  if (auto* const context = dynamic_cast<Context*>(&container)) {
    const std::string keys = fmt::format(
        "j2eeType=WebModule,name={},J2EEApplication=none,J2EEServer=none", web_module(*context));
    return register_bean(container, keys, make_bean(*context, context_table(), text));
  }
  if (auto* const wrapper = dynamic_cast<Wrapper*>(&container)) {
    return register_bean(container, servlet_keys(*wrapper),
                         make_bean(*wrapper, servlet_table(), text));
  }
  return {};
}

std::vector<BeanRegistry::Registration> register_realm(const Container& container, Realm& realm) {
  std::vector<BeanRegistry::Registration> all;
  show_realm(container, realm, "/realm0", all);
  return all;
}

std::vector<BeanRegistry::Registration> register_service(Service& service) {
  std::vector<BeanRegistry::Registration> all;
  if (!service.server) return all;
  const Engine& engine = service.engine();
  Server& server = *service.server;
  all.push_back(register_bean(
      engine, "type=Server",
      make_bean(server, server_table(), fmt::format("StandardServer[{}]", server.options().port))));
  all.push_back(register_bean(
      engine, "type=Service",
      make_bean(service, service_table(), fmt::format("StandardService[{}]", service.name()))));
  for (const auto& connector : service.connectors()) {
    all.push_back(register_bean(
        engine, connector_keys(*connector),
        make_bean(*connector, connector_table(), fmt::format("Connector[{}]", connector->name()))));
  }
  return all;
}

std::vector<BeanRegistry::Registration> register_running_connectors(Service& service) {
  std::vector<BeanRegistry::Registration> all;
  for (const auto& connector : service.connectors()) {
    if (!connector->is_available()) continue;
    for (auto& [type, bean] : connector->beans()) {
      all.push_back(
          register_bean(service.engine(),
                        fmt::format("type={},name={}", type, ObjectName::quote(connector->name())),
                        std::move(bean)));
    }
  }
  return all;
}

}  // namespace serval::core
