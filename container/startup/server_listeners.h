// container/startup/server_listeners.h
#pragma once
#include "container/core/registries.h"

namespace serval::core {

/// The listeners that a server.xml may name: VersionLoggerListener, and those of Tomcat's stock
/// file that have no work outside a JVM (each says so in one FINE line).
void register_server_listeners(Registries& registries);

}  // namespace serval::core
