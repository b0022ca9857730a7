#include "container/config/server_xml.h"

#include <algorithm>

#include "container/config/nesting.h"
#include "container/config/xml_reader.h"

namespace serval {
namespace {

Result<Element> load(const std::filesystem::path& path, std::string_view root,
                     const Properties& properties, Diagnostics& diagnostics) {
  auto tree = read_xml_file(path, {.properties = &properties});
  if (!tree) {
    // The message begins with the file already.
    diagnostics.error({}, tree.error().message);
    return tree;
  }
  check_nesting(*tree, root, diagnostics);
  return tree;
}

bool stands_once(std::string_view element) {
  return std::ranges::any_of(placements(), [&](const Placement& row) {
    return row.parent == "Context" && row.element == element && !row.many;
  });
}

void merge(Element& base, Element&& over) {
  for (auto& attribute : over.attributes) {
    const auto same = std::ranges::find(base.attributes, attribute.name, &Element::Attribute::name);
    if (same == base.attributes.end())
      base.attributes.push_back(std::move(attribute));
    else
      same->value = std::move(attribute.value);
  }
  for (auto& child : over.children) {
    if (stands_once(child.name))
      std::erase_if(base.children, [&](auto& c) { return c.name == child.name; });
    base.children.push_back(std::move(child));
  }
  base.origin = over.origin;
}

}  // namespace

Result<Element> load_server_xml(const std::filesystem::path& path, const Properties& properties,
                                Diagnostics& diagnostics) {
  return load(path, "Server", properties, diagnostics);
}

Result<Element> load_context_xml(const std::filesystem::path& path, const Properties& properties,
                                 Diagnostics& diagnostics) {
  return load(path, "Context", properties, diagnostics);
}

Element merge_contexts(std::vector<Element> trees) {
  Element merged = std::move(trees.front());
  for (std::size_t i = 1; i < trees.size(); ++i) merge(merged, std::move(trees[i]));
  return merged;
}

}  // namespace serval
