// container/database/data_sources.h
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "container/base/diagnostics.h"
#include "container/base/element.h"
#include "container/database/data_source.h"

namespace serval::core {

/// The data sources of a server, or of an application, by their JNDI name.
///
/// Threads: constant once all is read.
/// Source: Tomcat org.apache.catalina.deploy.NamingResourcesImpl.
class DataSources {
 public:
  /// `global`: those of the server, for an application; it outlives this object.
  explicit DataSources(const DataSources* global = nullptr) : global_(global) {}

  /// Takes a <Resource type="javax.sql.DataSource">, or in an application a <ResourceLink> to a
  /// global one. Any other element is left alone. What is wrong with a source is said when it is
  /// used.
  void read(const Element& e, Diagnostics& diagnostics);

  /// One of the application itself, under its name or a link's; unless `local_only` also a global
  /// one. Null if there is none.
  std::shared_ptr<DataSource> find(std::string_view name, bool local_only) const;

 private:
  const DataSources* global_;
  std::map<std::string, std::shared_ptr<DataSource>, std::less<>> sources_;
  std::map<std::string, std::string, std::less<>> links_;
};

}  // namespace serval::core
