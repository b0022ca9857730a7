// container/config/server_xml.h
#pragma once
#include <filesystem>
#include <vector>

#include "container/base/diagnostics.h"
#include "container/base/element.h"
#include "container/base/result.h"
#include "container/config/properties.h"

namespace serval {

/// conf/server.xml as a tree: ${name} replaced, placement checked, className filled in where Tomcat
/// has a default. The tree comes back even if the diagnostics have errors, so that the components
/// can add theirs before all are printed; ask `diagnostics.has_errors()` before starting anything.
///
/// Errors: a file that cannot be read or is not XML; the error is in the diagnostics too.
/// Source: config-reference 1; Tomcat org.apache.catalina.startup.Catalina.
Result<Element> load_server_xml(const std::filesystem::path& path, const Properties& properties,
                                Diagnostics& diagnostics);

/// A context.xml (conf/context.xml, META-INF/context.xml, conf/Engine/Host/app.xml), likewise.
Result<Element> load_context_xml(const std::filesystem::path& path, const Properties& properties,
                                 Diagnostics& diagnostics);

/// What several context.xml files say together (config-reference 3.9), from the most general to the
/// application's own: a later one wins attribute by attribute, its children come after the earlier
/// ones, and a child that can stand only once (Manager, Loader, Resources, ...) replaces the
/// earlier.
///
/// Requires: at least one tree.
Element merge_contexts(std::vector<Element> trees);

}  // namespace serval
