// tests/support/jmx.h
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/node.h"

namespace serval::test {

/// The manager application of this repository; its web.xml works in a real Tomcat too.
std::pair<std::string, std::filesystem::path> manager_application();
/// The demo for a node of this kind as /demo, and the manager application.
Applications demo_and_manager(Kind kind);

/// Asks the beans of a node over /manager/jmxproxy, as the user "jmx" of its tomcat-users.xml.
///
/// Errors: an answer that is not 200 is a failed test.
class Jmx {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  explicit Jmx(const Node& node) : client_(node.http()) {}

  HttpResponse ask(const Parameters& parameters);
  /// The value of an attribute; the whole answer if there is none.
  std::string get(const std::string& bean, const std::string& attribute);
  /// The first line of the answer.
  std::string set(const std::string& bean, const std::string& attribute, const std::string& value);
  /// What is returned, without the line that says so; the first line if nothing is.
  std::string invoke(const std::string& bean, const std::string& operation,
                     const std::optional<std::string>& arguments = std::nullopt);
  /// Names of all beans that a pattern stands for.
  std::vector<std::string> names(const std::string& pattern);
  /// Name and value of each attribute that is listed for a bean, as they are written.
  std::vector<std::pair<std::string, std::string>> attributes(const std::string& bean);

 private:
  HttpClient client_;
};

/// Whether /demo of a node has a session of this id. Neither uses nor makes one, as a user's
/// request would, which may also move it to the node.
bool has_session(const Node& node, const std::string& id);
/// An attribute of such a session as text, without using it; what the bean answers if it is not
/// there.
std::string session_attribute(const Node& node, const std::string& id, const std::string& key);

}  // namespace serval::test
