// container/authenticator/constraint_map.h
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "container/core/context.h"

namespace serval::core {

/// Which security constraints an address and a method fall under: those of the best url-pattern
/// (exact, longest prefix, extension, default), as Tomcat chooses.
///
/// Threads: any; constant. The constraints must outlive it.
/// Source: container-behaviour 8; Tomcat org.apache.catalina.realm.RealmBase.
class ConstraintMap {
 public:
  explicit ConstraintMap(const std::vector<SecurityConstraint>& constraints);

  using Found = std::vector<const SecurityConstraint*>;
  /// `path` is relative to the context. Empty: nothing applies.
  Found find(std::string_view path, std::string_view method) const;
  bool empty() const { return rows_.empty(); }

 private:
  struct Row {
    std::string_view pattern;
    const SecurityConstraint* constraint;
    const SecurityConstraint::Collection* collection;
  };
  std::vector<Row> rows_;
};

}  // namespace serval::core
