// tests/e2e/single_sign_on.h
#pragma once
#include "tests/e2e/pairs.h"

namespace serval::test {

/// A user with a browser, who may type user and password.
class LoginUser {
 public:
  /// Status of /APP/secure/s, with credentials if there are any.
  int status(const Node& node, const std::string& app, const std::string& password = {});
  /// Name of the user as /APP/s sees it, "null" for nobody.
  std::string name(const Node& node, const std::string& app);
  /// Ends the login by /APP.
  void log_out(const Node& node, const std::string& app);
  /// Waits until /APP/secure/s has this status for who has the cookies of now.
  bool eventually_has(const Node& node, const std::string& app, int expected);
  std::string sso() const { return browser.cookie("JSESSIONIDSSO", "/x"); }

  Browser browser;
  HttpResponse last;
};

/// The tests of tests/e2e/single_sign_on.cpp run for every pair of the program: rows
/// 126 to 136 of the feature table. The nodes have the demo application as /a and /b.
class SsoPair : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  /// A node with the valve in the Cluster of its Host. `attributes` of the valve.
  Node& start_node(Kind kind, const std::string& attributes = {});
  Node& start_a() { return start_node(GetParam().a); }
  Node& start_b() { return start_node(GetParam().b); }
};

/// A Valve element.
std::string sso_valve(const std::string& attributes = {});
/// The options of a node with this valve in the Cluster of its Host, and the applications /a, /b.
void use_sso(NodeOptions& options, Kind kind, const std::string& valve);

}  // namespace serval::test
