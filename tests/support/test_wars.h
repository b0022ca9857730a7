// tests/support/test_wars.h
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/node.h"
#include "tests/support/temp_dir.h"
#include "tests/support/war_file.h"

namespace serval::test {

/// A WAR with one page: index.html.
inline std::filesystem::path page_war(const std::filesystem::path& file, const std::string& page,
                                      std::vector<WarEntry> more = {}) {
  std::vector<WarEntry> entries{{"index.html", page},
                                {"WEB-INF/web.xml", "<web-app version=\"3.1\"/>\n"}};
  entries.insert(entries.end(), more.begin(), more.end());
  return make_war(file, entries);
}

/// Compiled servlets of a built-in application: "session-demo".
inline std::string application_library(const std::string& name) {
  return read_file(std::filesystem::path(SERVAL_BINARY_DIR) / "webapps.build/lib" / (name + ".so"));
}

/// The demo for a node of this kind with another web.xml, which names its servlet (class demo.S)
/// alone, and with a META-INF/context.xml if one is given.
inline std::filesystem::path demo_war_with(Kind kind, const std::filesystem::path& file,
                                           const std::string& url_pattern, bool distributable,
                                           const std::string& context_xml = "") {
  const std::string web_xml =
      std::string("<web-app version=\"3.1\">") + (distributable ? "<distributable/>" : "") +
      "<servlet><servlet-name>s</servlet-name><servlet-class>demo.S</servlet-class></servlet>"
      "<servlet-mapping><servlet-name>s</servlet-name><url-pattern>" +
      url_pattern + "</url-pattern></servlet-mapping></web-app>\n";
  std::vector<WarEntry> entries{{"WEB-INF/web.xml", web_xml}};
  if (!context_xml.empty()) entries.push_back({"META-INF/context.xml", context_xml});
  return war_with(file, demo_war(kind), entries);
}

}  // namespace serval::test
