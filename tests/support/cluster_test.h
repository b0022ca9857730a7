// tests/support/cluster_test.h
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/node.h"
#include "tests/support/temp_dir.h"

namespace serval::test {

/// A test with some nodes. They share a multicast group of their own and end with the test; when it
/// fails, the ends of their logs are printed.
class ClusterTest : public ::testing::Test {
 protected:
  /// Common to all nodes that add() makes.
  NodeOptions defaults;
  /// The applications of a node of this kind; asked where `defaults` names none.
  std::function<Applications(Kind)> applications = [](Kind kind) {
    return Applications{{"demo", demo_war(kind)}};
  };

  /// Makes a node called node01, node02 and so on, with session-demo as /demo (unless `defaults`,
  /// `applications` or `change` says otherwise).
  template <class Change>
  Node& add(Kind kind, Change&& change) {
    NodeOptions options = defaults;
    options.name = "node0" + std::to_string(nodes_.size() + 1);
    if (options.applications.empty()) options.applications = applications(kind);
    change(options);
    nodes_.push_back(make_node(kind, std::move(options), directory_.path()));
    return *nodes_.back();
  }
  Node& add(Kind kind) {
    return add(kind, [](NodeOptions&) {});
  }
  Node& add() { return add(next_kind()); }
  Node& start() { return start(next_kind()); }
  /// What the next node runs, unless its test says otherwise.
  Kind next_kind() const { return usual_kind(nodes_.size()); }
  Node& start(Kind kind) {
    Node& node = add(kind);
    node.start();
    return node;
  }
  template <class Change>
  Node& start(Kind kind, Change&& change) {
    Node& node = add(kind, std::forward<Change>(change));
    node.start();
    return node;
  }

  void SetUp() override {
    defaults.multicast = free_port();
    if (!is_isolated()) defaults.frequency = 200;
  }
  void TearDown() override {
    if (HasFailure()) {
      for (const auto& node : nodes_) std::cerr << node->log_tail() << '\n';
    }
    nodes_.clear();
  }
  const std::filesystem::path& directory() const { return directory_.path(); }

 private:
  TempDir directory_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

/// Both log the other one as a member.
inline void expect_members(const Node& a, const Node& b) {
  EXPECT_TRUE(a.eventually_logs("Replication member added")) << a.log_tail();
  EXPECT_TRUE(b.eventually_logs("Replication member added")) << b.log_tail();
}

/// Text of a field of the demo's JSON: the string without quotes, or the bare word; "" if absent.
std::string field(const HttpResponse& response, std::string_view name);

/// A user of the demo application.
class DemoUser {
 public:
  /// Answer of /demo/s with this query; expects status 200.
  HttpResponse ask(const Node& node, const std::string& query);
  bool set(const Node& node, const std::string& key, const std::string& value,
           const std::string& type = "string");
  /// Value as text, "null" without one.
  std::string get(const Node& node, const std::string& key);
  /// get() without making a session: "no session" if there is none.
  std::string peek(const Node& node, const std::string& key);
  std::string session_id() const { return browser.cookie("JSESSIONID", "/demo/s"); }
  /// Waits until the node answers with this value (asynchronous replication).
  bool eventually_gets(const Node& node, const std::string& key, const std::string& value);

  Browser browser;
  std::string path = "/demo/s";
};

}  // namespace serval::test
