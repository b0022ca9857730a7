// container/startup/server_libraries.h
#pragma once
#include <filesystem>

#include "container/base/diagnostics.h"
#include "container/config/properties.h"
#include "container/core/registries.h"

namespace serval::core {

/// Loads lib/*.so of CATALINA_BASE, then of CATALINA_HOME, as Tomcat does with its JARs there, and
/// adds their classes to the registries. The first of a name counts, Serval's own before all.
///
/// Private copies go to `work_dir`, which is cleared first; they stay loaded as long as the
/// registries, or what they made, are there.
/// Errors: in the diagnostics, with the name of the file. What is left out (a library without the
/// table, a name that is taken, a class that belongs into an application) is a warning.
/// Source: Tomcat org.apache.catalina.startup.Bootstrap, catalina.properties common.loader.
void load_server_libraries(const Properties& properties, const std::filesystem::path& work_dir,
                           Registries& registries, Diagnostics& diagnostics);

}  // namespace serval::core
