// container/startup/server_builder.h
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/diagnostics.h"
#include "container/base/element.h"
#include "container/config/properties.h"
#include "container/core/registries.h"
#include "container/core/server.h"
#include "container/realm/user_database.h"
#include "container/webapp/application.h"

namespace serval::core {

/// A server and what it stands on.
struct BuiltServer {
  /// A connector and the address it was asked to listen on; empty: all.
  struct Opening {
    Connector* connector;
    std::string address;
  };
  using Databases = std::map<std::string, std::shared_ptr<UserDatabase>, std::less<>>;

  std::shared_ptr<Databases> user_databases;
  std::unique_ptr<ApplicationEnvironment> environment;  // outlives the server
  std::unique_ptr<Server> server;
  std::vector<Opening> connectors;
};

/// Builds the server of a server.xml: Element tree to components, nothing is started or bound.
///
/// Errors: everything that is wrong is in `diagnostics`; the server comes back all the same unless
/// the root is missing, so ask `diagnostics.has_errors()` before starting it.
/// Threads: owner's; `registries` and `properties` outlive the server.
/// Source: Tomcat org.apache.catalina.startup.Catalina; config-reference 1.6, 3.
BuiltServer build_server(const Element& tree, const Registries& registries,
                         const Properties& properties, Diagnostics& diagnostics);

/// The attributes of elements that have no registry (Server, Service, Executor, Engine, Host): kind
/// -> name and help, for the reference page.
std::map<std::string_view, std::vector<std::pair<std::string_view, std::string_view>>>
describe_containers();

/// Port, address and text of the shutdown port as <Server> says.
Server::Options read_server_options(const Element& server, Diagnostics& diagnostics);

}  // namespace serval::core
