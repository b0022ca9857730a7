// container/session/attribute_filter.h
#pragma once
#include <optional>
#include <string_view>

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

}  // namespace serval::core
