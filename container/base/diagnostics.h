// container/base/diagnostics.h
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/element.h"

namespace serval {

/// What Tomcat itself knows: its classes and their attributes, whether or not Serval has them.
class TomcatNames {
 public:
  virtual ~TomcatNames() = default;
  virtual bool knows_class(std::string_view class_name) const = 0;
  /// All attribute names of a class; empty if the class is unknown.
  virtual std::span<const std::string_view> attributes_of(std::string_view class_name) const = 0;
};

/// Collects everything that is wrong with the configuration, so that all of it is printed together.
/// What is said twice (by the placement rules and by a component) is kept once.
///
/// Threads: one thread, while the configuration is read.
class Diagnostics {
 public:
  enum class Severity { kInfo, kWarning, kError };
  struct Entry {
    Severity severity;
    std::string text;  // begins with "file:line: "
  };

  explicit Diagnostics(const TomcatNames& names) : names_(names) {}

  void info(const Origin& origin, std::string_view text) { add(Severity::kInfo, origin, text); }
  void warning(const Origin& origin, std::string_view text) {
    add(Severity::kWarning, origin, text);
  }
  void error(const Origin& origin, std::string_view text) { add(Severity::kError, origin, text); }

  bool has_errors() const;
  const std::vector<Entry>& entries() const { return entries_; }
  const TomcatNames& tomcat() const { return names_; }

 private:
  void add(Severity severity, const Origin& origin, std::string_view text);
  const TomcatNames& names_;
  std::vector<Entry> entries_;
};

/// ", did you mean 'threshold'?" for the nearest of the names, or nothing when none is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> names);

}  // namespace serval
