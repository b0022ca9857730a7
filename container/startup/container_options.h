// container/startup/container_options.h
#pragma once
#include <string>

#include "container/base/diagnostics.h"
#include "container/base/element.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "container/core/server.h"

namespace serval::core {

// The attribute tables of the elements that are no components of a registry. What is wrong with an
// attribute is reported, and its default stays.

std::string read_service_name(const Element& service, Diagnostics& diagnostics);
Engine::Options read_engine_options(const Element& engine, Diagnostics& diagnostics);
Host::Options read_host_options(const Element& host, Diagnostics& diagnostics);

struct UserDatabaseOptions {
  std::string pathname = "conf/tomcat-users.xml";
  bool readonly = true, watch_source = true;
};
UserDatabaseOptions read_user_database_options(const Element& resource, Diagnostics& diagnostics);

void check_executor(const Element& executor, Diagnostics& diagnostics);
/// A Connector that names an <Executor> of its Service gets the limits of it. (Each such Connector
/// has threads of its own: a shard belongs to one listener.)
void use_executor(Element& connector, const Element& service, Diagnostics& diagnostics);

}  // namespace serval::core
