#include "container/startup/container_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "container/base/attribute.h"
#include "container/startup/server_builder.h"

namespace serval::core {
namespace {

struct ServiceOptions {
  std::string name;
};

struct ExecutorOptions {
  std::string name, name_prefix = "tomcat-exec-";
  int max_threads = 200, min_spare_threads = 25, max_idle_time = 60000;
};

std::span<const Attribute<Server::Options>> server_attributes() {
  using O = Server::Options;
  static const std::array table{
      attribute("port", &O::port, "shutdown port, -1 for none"),
      attribute("portOffset", &O::port_offset, "added to every port of Server and Connectors"),
      attribute("address", &O::address, "address of the shutdown port"),
      attribute("shutdown", &O::shutdown, "text that stops the server"),
  };
  return table;
}

std::span<const Attribute<ServiceOptions>> service_attributes() {
  static const std::array table{attribute("name", &ServiceOptions::name, "unique name")};
  return table;
}

std::span<const Attribute<ExecutorOptions>> executor_attributes() {
  using O = ExecutorOptions;
  static const std::array table{
      attribute("name", &O::name, "what a Connector's executor names"),
      attribute("namePrefix", &O::name_prefix, "accepted; threads are named after the connector"),
      attribute("maxThreads", &O::max_threads, "threads at most"),
      attribute("minSpareThreads", &O::min_spare_threads,
                "accepted; threads are made when they are needed"),
      attribute("maxIdleTime", &O::max_idle_time, "accepted; spare threads are parked"),
  };
  return table;
}

std::span<const Attribute<Engine::Options>> engine_attributes() {
  using O = Engine::Options;
  static const std::array table{
      attribute("name", &O::name, "name in logs, paths and JMX"),
      attribute("defaultHost", &O::default_host, "host of requests for unknown names"),
      attribute("jvmRoute", &O::jvm_route, "end of the session ids of this node"),
      attribute("backgroundProcessorDelay", &O::background_processor_delay,
                "seconds between ticks of expiry and deployment"),
  };
  return table;
}

std::span<const Attribute<Host::Options>> host_attributes() {
  using O = Host::Options;
  static const std::array table{
      attribute("name", &O::name, "DNS name"),
      attribute("appBase", &O::app_base, "directory of the applications"),
      attribute("xmlBase", &O::xml_base, "directory of descriptors, default conf/ENGINE/HOST"),
      attribute("workDir", &O::work_dir, "scratch directory, default work/ENGINE/HOST"),
      attribute("autoDeploy", &O::auto_deploy, "look for changes while running"),
      attribute("deployOnStartup", &O::deploy_on_startup, "deploy what is there at start"),
      attribute("unpackWARs", &O::unpack_wars, "unpack WARs beside them"),
      attribute("deployXML", &O::deploy_xml, "take META-INF/context.xml of applications"),
      attribute("createDirs", &O::create_dirs, "make appBase and xmlBase"),
      attribute("undeployOldVersions", &O::undeploy_old_versions,
                "remove old versions without sessions"),
      attribute("deployIgnore", &O::deploy_ignore, "expression for names in appBase to skip"),
      attribute("errorReportValveClass", &O::error_report_valve_class, "valve of error pages"),
      attribute("backgroundProcessorDelay", &O::background_processor_delay,
                "seconds between ticks of its own; <= 0: with the engine"),
  };
  return table;
}

std::span<const Attribute<UserDatabaseOptions>> user_database_attributes() {
  using O = UserDatabaseOptions;
  static const std::array table{
      attribute("pathname", &O::pathname, "file of users, relative to catalina.base"),
      attribute("readonly", &O::readonly, "accepted; the file is never written"),
      attribute("watchSource", &O::watch_source, "read the file again when it changes"),
  };
  return table;
}

template <class Options>
std::vector<std::pair<std::string_view, std::string_view>> rows(
    std::span<const Attribute<Options>> table) {
  std::vector<std::pair<std::string_view, std::string_view>> all;
  for (const auto& a : table) all.emplace_back(a.name, a.help);
  return all;
}

}  // namespace

Server::Options read_server_options(const Element& server, Diagnostics& diagnostics) {
  return read_options(server, "org.apache.catalina.core.StandardServer", server_attributes(),
                      diagnostics);
}

std::string read_service_name(const Element& service, Diagnostics& diagnostics) {
  return read_options(service, "org.apache.catalina.core.StandardService", service_attributes(),
                      diagnostics)
      .name;
}

Engine::Options read_engine_options(const Element& engine, Diagnostics& diagnostics) {
  return read_options(engine, "org.apache.catalina.core.StandardEngine", engine_attributes(),
                      diagnostics);
}

Host::Options read_host_options(const Element& host, Diagnostics& diagnostics) {
  return read_options(host, "org.apache.catalina.core.StandardHost", host_attributes(),
                      diagnostics);
}

UserDatabaseOptions read_user_database_options(const Element& resource, Diagnostics& diagnostics) {
  // A resource takes any attribute: those that are not its own are kept as strings in Tomcat.
  Element own = resource;
  std::erase_if(own.attributes, [](const auto& property) {
    return std::ranges::none_of(user_database_attributes(),
                                [&](const auto& a) { return a.name == property.name; });
  });
  return read_options(own, "org.apache.catalina.users.MemoryUserDatabase",
                      user_database_attributes(), diagnostics);
}

void check_executor(const Element& executor, Diagnostics& diagnostics) {
  read_options(executor, executor.class_name("org.apache.catalina.core.StandardThreadExecutor"),
               executor_attributes(), diagnostics);
}

void use_executor(Element& connector, const Element& service, Diagnostics& diagnostics) {
  const auto named = std::ranges::find(connector.attributes, "executor", &Element::Attribute::name);
  if (named == connector.attributes.end()) return;
  const std::string name = named->value;
  for (const Element* executor : service.children_named("Executor")) {
    if (executor->attribute_or("name", "") != name) continue;
    std::erase_if(connector.attributes, [](const auto& a) {
      return a.name == "executor" || a.name == "maxThreads" || a.name == "minSpareThreads";
    });
    connector.attributes.push_back(
        {"maxThreads", std::string(executor->attribute_or("maxThreads", "200"))});
    return;
  }
  connector.attributes.erase(named);
  diagnostics.warning(connector.origin,
                      fmt::format("No executor found with name [{}], the connector has its own "
                                  "threads",
                                  name));
}

std::map<std::string_view, std::vector<std::pair<std::string_view, std::string_view>>>
describe_containers() {
  return {{"Server", rows(server_attributes())},
          {"Service", rows(service_attributes())},
          {"Executor", rows(executor_attributes())},
          {"Engine", rows(engine_attributes())},
          {"Host", rows(host_attributes())},
          {"Context", describe_context()},
          {"UserDatabase", rows(user_database_attributes())}};
}

}  // namespace serval::core
