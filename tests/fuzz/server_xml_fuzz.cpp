#include <cstddef>
#include <cstdint>
#include <string_view>

#include "container/base/error.h"
#include "container/config/juli_config.h"
#include "container/config/nesting.h"
#include "container/config/tomcat_names.h"
#include "container/config/tomcat_users.h"
#include "container/config/web_xml.h"
#include "container/config/xml_reader.h"

namespace serval {
namespace {

const Properties& properties() {
  static const Properties all = [] {
    Properties p = Properties::with_defaults("/home", "/base");
    p.set("a", "${a}");
    return p;
  }();
  return all;
}

void check_places(const Element& e, const Element* parent) {
  SERVAL_ASSERT(e.origin.line > 0 && e.origin.column > 0, "every element has a place");
  SERVAL_ASSERT(!parent || e.origin.line >= parent->origin.line,
                "children stand after their parent");
  SERVAL_ASSERT(e.path.ends_with(e.name), "a path ends with the name");
  for (const Element& child : e.children) check_places(child, &e);
}

/// A tree as server.xml and as context.xml: whatever stands in it, the checks come to an end.
void check_tree(const Element& tree) {
  check_places(tree, nullptr);
  for (const char* root : {"Server", "Context"}) {
    Element copy = tree;
    Diagnostics diagnostics(tomcat_names_9());
    check_nesting(copy, root, diagnostics);
    check_attribute_names(copy, "org.apache.catalina.core.StandardContext", diagnostics);
  }
}

void fuzz(std::string_view text) {
  const auto tree = read_xml(text, "fuzz.xml", {.properties = &properties()});
  if (tree)
    check_tree(*tree);
  else
    SERVAL_ASSERT(tree.error().message.starts_with("fuzz.xml:"), "errors begin with the place");

  if (auto web = parse_web_xml(text, "web.xml", properties())) {
    const WebXml defaults = *web;
    merge_defaults(*web, defaults);
    SERVAL_ASSERT(web->servlets.size() == defaults.servlets.size(),
                  "merging with itself adds none");
    if (auto checked = check_web_xml(*web); !checked)
      SERVAL_ASSERT(!checked.error().message.empty(), "a problem has a text");
  }
  if (const auto users = parse_tomcat_users(text, "users.xml", properties())) {
    for (const auto& user : users->users) (void)users->roles_of(user);  // must not end the process
  }
  if (const auto settings = parse_java_properties(text, "f.properties")) {
    std::vector<std::string> warnings;
    (void)read_juli_config(*settings, "f.properties", properties(), warnings);  // likewise
  }
}

}  // namespace
}  // namespace serval

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  serval::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
