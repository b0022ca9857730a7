// container/config/properties.h
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"

namespace serval {

/// A place where ${name} is looked up before the system properties.
///
/// Threads: value() is called from any thread.
class PropertySource {
 public:
  virtual ~PropertySource() = default;
  virtual std::optional<std::string> value(std::string_view name) const = 0;
};

/// What Java calls the system properties: -Dname=value, conf/catalina.properties and a few that
/// always exist. Filled once at start, read-only afterwards.
///
/// Errors: a file that cannot be read, a property source that does not exist; both as Result.
/// Threads: filled by one thread; afterwards find() and lookup() from any.
/// Source: config-reference 1.2, Tomcat org.apache.catalina.startup.CatalinaProperties.
class Properties {
 public:
  Properties() = default;

  /// With catalina.home, catalina.base, java.io.tmpdir (base/temp), user.home, user.dir, user.name,
  /// os.name, os.version, os.arch, line.separator, file.separator, path.separator.
  static Properties with_defaults(const std::filesystem::path& catalina_home,
                                  const std::filesystem::path& catalina_base);

  void set(std::string name, std::string value);
  /// Takes "-Dname=value" or "-Dname" (empty value). False if the argument has another form.
  bool set_from_argument(std::string_view argument);
  /// Every key of the file becomes a property; as in Tomcat it wins over an earlier -D.
  Result<> load_file(const std::filesystem::path& path);
  /// The file that property catalina.config names, else catalina.base/conf/catalina.properties if
  /// it is there; then what the properties themselves ask for: PROPERTY_SOURCE and
  /// REPLACE_SYSTEM_PROPERTIES of org.apache.tomcat.util.digester.
  Result<> load_catalina_properties();

  /// A system property, or nullptr.
  const std::string* find(std::string_view name) const;
  std::string_view value_or(std::string_view name, std::string_view otherwise) const;
  /// As ${name} sees it: the property sources in their order, then the system properties.
  std::optional<std::string> lookup(std::string_view name) const;

  /// catalina.base and catalina.home; empty if never set.
  std::filesystem::path catalina_base() const;
  std::filesystem::path catalina_home() const;
  /// A relative path resolved against catalina.base.
  std::filesystem::path in_base(const std::filesystem::path& path) const;

  const std::map<std::string, std::string, std::less<>>& all() const { return values_; }

 private:
  Result<> add_sources(std::string_view class_names);

  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::shared_ptr<const PropertySource>> sources_;
};

/// Replaces ${name} and ${name:-default}. An unknown name stays as it is written; what was put in
/// is not looked at again.
std::string replace_properties(std::string_view text, const Properties& properties);

}  // namespace serval
