// container/session/attribute_filter.h
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "container/base/attribute.h"
#include "container/base/java_pattern.h"
#include "container/servlet/serval/value.h"

namespace serval::core {

/// Which session attributes travel: sessionAttributeNameFilter and
/// sessionAttributeValueClassNameFilter. Names that only the container uses never do.
///
/// Threads: constant, any.
/// Source: Tomcat ManagerBase.willAttributeDistribute, StandardSession.exclude.
struct AttributeFilter {
  std::optional<JavaPattern> name, value_class_name;
  bool warn = false;  // log what is left out as a warning

  /// value: null for a removal.
  bool passes(std::string_view attribute, const Value* value) const;
};

/// The rows of a manager whose options have a `filter`.
template <class Options>
std::vector<Attribute<Options>> filter_attributes() {
  const auto row = []<class T>(std::string_view name, T AttributeFilter::*field,
                               std::string_view help) {
    return Attribute<Options>{
        name, help,
        [field](Options& o, std::string_view text) { return parse_into(text, o.filter.*field); },
        [field](const Options& o) { return bean_value(o.filter.*field); }, java_type<T>()};
  };
  return {row("sessionAttributeNameFilter", &AttributeFilter::name,
              "regular expression: only attributes of these names are written or sent"),
          row("sessionAttributeValueClassNameFilter", &AttributeFilter::value_class_name,
              "regular expression: only values of these classes are written or sent"),
          row("warnOnSessionAttributeFilterFailure", &AttributeFilter::warn,
              "log what the filters leave out as a warning")};
}

}  // namespace serval::core
