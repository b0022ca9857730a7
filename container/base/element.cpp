#include "container/base/element.h"

namespace serval {

std::string Origin::text() const {
  if (!file) return "(no file)";
  return line > 0 ? *file + ":" + std::to_string(line) : *file;
}

const std::string* Element::attribute(std::string_view attribute_name) const {
  for (const auto& a : attributes) {
    if (a.name == attribute_name) return &a.value;
  }
  return nullptr;
}

std::string_view Element::attribute_or(std::string_view attribute_name,
                                       std::string_view otherwise) const {
  const std::string* value = attribute(attribute_name);
  return value ? std::string_view(*value) : otherwise;
}

const Element* Element::child(std::string_view child_name) const {
  for (const auto& c : children) {
    if (c.name == child_name) return &c;
  }
  return nullptr;
}

std::vector<const Element*> Element::children_named(std::string_view child_name) const {
  std::vector<const Element*> found;
  for (const auto& c : children) {
    if (c.name == child_name) found.push_back(&c);
  }
  return found;
}

}  // namespace serval
