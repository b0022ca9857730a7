#include <fmt/format.h>
#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "cluster/ha/tcp/register_ha.h"
#include "cluster/tools/tribes_command.h"
#include "container/authenticator/authenticator.h"
#include "container/connector/register_connectors.h"
#include "container/core/register_managers.h"
#include "container/core/server.h"
#include "container/realm/credential_handler.h"
#include "container/realm/realm.h"
#include "container/startup/catalina.h"
#include "container/startup/server_listeners.h"
#include "container/valves/register_valves.h"

namespace {

using serval::core::Catalina;
using serval::core::Registries;

void fill(Registries& registries) {
  serval::core::register_realms(registries.realms);
  serval::core::register_managers(registries);
  serval::core::register_valves(registries);
  serval::core::register_authenticators(registries);
  serval::core::register_server_listeners(registries);
  serval::connector::register_connectors(registries.connectors);
  serval::ha::register_ha(registries);
}

using Rows = std::vector<std::pair<std::string_view, std::string_view>>;

void print_component(std::string_view name, const Rows& rows) {
  fmt::print("  {}\n", name);
  for (const auto& [attribute, help] : rows) fmt::print("    {:<36}{}\n", attribute, help);
}

template <class SomeRegistry>
void print_registry(std::string_view kind, std::string_view wanted, const SomeRegistry& registry) {
  if (!wanted.empty() && wanted != kind) return;
  fmt::print("{}\n", kind);
  for (const auto& [name, rows] : registry.describe()) {
    Rows all;
    for (const auto& row : rows) all.emplace_back(row.attribute, row.help);
    print_component(name, all);
  }
}

/// The reference page: every element or className with its attributes.
int describe(const Registries& registries, const std::string& kind) {
  for (const auto& [name, rows] : serval::core::describe_containers()) {
    if (kind.empty() || kind == name) print_component(name, rows);
  }
  print_registry("Connector", kind, registries.connectors);
  print_registry("Cluster", kind, registries.clusters);
  print_registry("Context", kind, registries.contexts);
  print_registry("CredentialHandler", kind, serval::core::credential_handlers());
  print_registry("Listener", kind, registries.listeners);
  print_registry("Manager", kind, registries.managers);
  print_registry("Realm", kind, registries.realms);
  print_registry("Valve", kind, registries.valves);
  return 0;
}

int version() {
  utsname system{};
  ::uname(&system);
  const std::string_view info = serval::core::kServerInfo;
  fmt::print("Server version: {}\n", info);
  fmt::print("Server number:  {}\n", info.substr(info.find('/') + 1));
  fmt::print("OS Name:        {}\n", system.sysname);
  fmt::print("OS Version:     {}\n", system.release);
  fmt::print("Architecture:   {}\n", system.machine);
  return 0;
}

/// Takes the words that are not the command line's own, but a JVM's, out of the arguments.
Catalina::Arguments split_java_options(std::vector<std::string>& words) {
  Catalina::Arguments arguments;
  std::erase_if(words, [&](const std::string& word) {
    if (word.starts_with("-D")) {
      arguments.properties.push_back(word);
      return true;
    }
    if (word.starts_with("-X") || word.starts_with("-agent") || word.starts_with("-javaagent") ||
        word.starts_with("-ea") || word.starts_with("-da") || word.starts_with("-verbose") ||
        word == "-server" || word == "-client" || word.starts_with("--add-") ||
        word.starts_with("--enable-native-access") || word.starts_with("--illegal-access")) {
      arguments.ignored.push_back(word);
      return true;
    }
    return word == "-nonaming" || word == "-generateCode" || word == "-useGeneratedCode";
  });
  for (auto& word : words) {
    if (word == "-config") word = "--config";  // Tomcat's spelling
  }
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  // A command line of its own, in which no word is meant for a JVM.
  if (!words.empty() && words.front() == "tribes")
    return serval::tools::run_tribes({words.begin() + 1, words.end()});
  Catalina::Arguments arguments = split_java_options(words);

  CLI::App app{"Serval: a servlet-style HTTP server that reads Tomcat's configuration"};
  std::string config, kind;
  app.require_subcommand(0, 1);
  auto* const run = app.add_subcommand("run", "serve in this process until told to stop");
  auto* const stop = app.add_subcommand("stop", "stop the server of this configuration");
  auto* const test = app.add_subcommand("configtest", "read the configuration, say what is wrong");
  auto* const show_version = app.add_subcommand("version", "show the version");
  app.add_subcommand("tribes", "join a group by hand, or look at its traffic: tribes --help");
  for (auto* const command : {run, stop, test})
    command->add_option("--config", config, "another server.xml");
  auto* const describe_option =
      app.add_option("--describe", kind, "list elements and attributes, of one kind or all")
          ->expected(0, 1);
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  if (!config.empty()) arguments.config = config;

  Registries registries;
  fill(registries);
  if (describe_option->count() > 0) return describe(registries, kind);
  if (*show_version) return version();
  if (*run) return Catalina(std::move(arguments), registries).run();
  if (*stop) return Catalina(std::move(arguments), registries).stop();
  if (*test) return Catalina(std::move(arguments), registries).configtest();
  fmt::print("{}", app.help());
  return 1;
}
