// container/base/element.h
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace serval {

/// Where a setting stands. Printed as "conf/server.xml:41".
struct Origin {
  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;
  std::string text() const;
};

/// One XML element after ${property} replacement: settings, not XML. Only config/ makes them from
/// files.
struct Element {
  struct Attribute {
    std::string name, value;
  };

  std::string name;                   // "Connector"
  std::string path;                   // "Server/Service/Connector", as Tomcat's digester reports it
  std::vector<Attribute> attributes;  // document order
  std::string text;                   // body text, trimmed
  std::vector<Element> children;      // document order
  Origin origin;

  /// The value, or nullptr.
  const std::string* attribute(std::string_view attribute_name) const;
  std::string_view attribute_or(std::string_view attribute_name, std::string_view otherwise) const;
  /// className, or the given default.
  std::string_view class_name(std::string_view otherwise = {}) const {
    return attribute_or("className", otherwise);
  }
  /// First child with this name, or nullptr.
  const Element* child(std::string_view child_name) const;
  std::vector<const Element*> children_named(std::string_view child_name) const;
};

}  // namespace serval
