// container/config/nesting.h
#pragma once
#include <span>
#include <string_view>

#include "container/base/diagnostics.h"
#include "container/base/element.h"

namespace serval {

/// One row of the table of what may stand where.
struct Placement {
  /// kNone: body text only; kFixed: always this class, the file cannot name one; kDefault: this
  /// class unless the file names one; kRequired: the file must name one.
  enum class Class { kNone, kFixed, kDefault, kRequired };

  std::string_view parent;   ///< kind of the parent; "" for a root
  std::string_view element;  ///< name in the file
  std::string_view kind;     ///< what the rows of its children name as parent
  Class class_rule = Class::kNone;
  std::string_view default_class;  ///< with kFixed and kDefault
  bool many = true;                ///< false: Tomcat keeps only the last one
};

/// All rows (config-reference 1.6). A row's kind differs from its element where one name means
/// another thing below another parent: <Manager> in a Cluster has no <Store>.
std::span<const Placement> placements();

/// Checks a tree against the table and fills in the default className of every element that has
/// one. All problems of the tree are reported: unknown elements as warnings in Tomcat's words, a
/// missing className and a wrong root as errors.
///
/// Requires: `root` is the kind of a row: "Server" (server.xml), "Context" (context.xml), "Channel".
void check_nesting(Element& tree, std::string_view root, Diagnostics& diagnostics);

/// Warns of the attributes that Tomcat does not know for this class; for elements that no component
/// reads through a table of its own. Says nothing about a class that Tomcat does not have.
void check_attribute_names(const Element& element, std::string_view class_name,
                           Diagnostics& diagnostics);

}  // namespace serval
