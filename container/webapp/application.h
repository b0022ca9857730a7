// container/webapp/application.h
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "container/base/diagnostics.h"
#include "container/base/element.h"
#include "container/core/context.h"
#include "container/core/host.h"
#include "container/core/registries.h"
#include "container/database/data_sources.h"
#include "container/resources/static_files.h"
#include "container/webapp/descriptor_cache.h"

namespace serval::core {

/// What all applications of a server are built from. Outlives them.
struct ApplicationEnvironment {
  ApplicationEnvironment(const Registries& all, const Properties& values, const TomcatNames& known,
                         RealmEnvironment for_realms)
      : registries(all),
        properties(values),
        names(known),
        realms(std::move(for_realms)),
        descriptors(values) {}

  const Registries& registries;
  const Properties& properties;
  const TomcatNames& names;
  const RealmEnvironment realms;
  DescriptorCache descriptors;
  DataSources data_sources;  // of <GlobalNamingResources>; filled before the first application
};

/// Where an application comes from.
struct ApplicationSource {
  ContextName names;
  std::filesystem::path doc_base;  // directory
  /// If set, doc_base holds what this WAR holds, and is made from it at each start if need be.
  std::optional<std::filesystem::path> war;
  /// Its own <Context>: of META-INF/context.xml, conf/Engine/Host/name.xml or server.xml.
  std::optional<Element> own;
};

/// What context.xml says that ContextConfig needs at every start of the application.
struct ApplicationSettings {
  struct Parameter {
    std::string name, value;
    bool override = true;  // web.xml may say otherwise
  };
  std::vector<Parameter> parameters;
  std::vector<std::string> watched_resources;  // as written
  ResourceSettings resources;
  std::string alt_dd_name;
  bool distributable = false, preemptive_authentication = false,
       deny_uncovered_http_methods = false;
  int session_timeout = 30;
};

/// Builds the Context of an application, not started: the settings of conf/context.xml,
/// context.xml.default and its own descriptor together (config-reference 3.9), with Manager, Realm,
/// Valves and Listeners, and a ContextConfig that reads web.xml at each start.
///
/// Errors: what is wrong in the files is in `diagnostics`; errors there make the result fail.
Result<std::shared_ptr<Context>> build_application(ApplicationEnvironment& environment, Host& host,
                                                   const ApplicationSource& source,
                                                   Diagnostics& diagnostics);

/// Where the files of an application are whose descriptor or server.xml element says `doc_base`
/// (empty: nothing said): a directory, or a WAR that is unpacked to appBase, or to the work
/// directory when it shall not be.
ApplicationSource locate_application(const Host& host, const ContextName& names,
                                     const std::filesystem::path& doc_base, bool unpack);

/// conf/context.xml and context.xml.default of the host: what a change of redeploys.
std::vector<std::filesystem::path> default_context_files(const Host& host,
                                                         const std::filesystem::path& base);

/// Attribute names and help of <Context>, for the reference page.
std::vector<std::pair<std::string_view, std::string_view>> describe_context();

/// Writes what was found to the log: Tomcat's level, one line each.
void log_diagnostics(const Diagnostics& diagnostics);

}  // namespace serval::core
