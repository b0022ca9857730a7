// Feature table 13: attributes of a servlet context that all nodes have.
#include "tests/e2e/pairs.h"

namespace serval::test {

class ContextAttributes : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.host_xml = R"(
        <Context className="org.apache.catalina.ha.context.ReplicatedContext" mapSendOptions="6"
                 path="/demo" docBase="demo.war"/>
)";
  }
  /// What the servlet says an attribute is now, after a call of it; "null" without one.
  static std::string value(const Node& node, const std::string& name,
                           const std::string& call = "op=cget") {
    const HttpResponse answer = HttpClient(node.http()).get("/demo/s?" + call + "&k=" + name);
    EXPECT_EQ(answer.status, 200) << answer.body << node.log_tail();
    return field(answer, "value");
  }
  static std::string set(const Node& node, const std::string& name, const std::string& to,
                         const std::string& type = "string") {
    return value(node, name, "op=cset&t=" + type + "&v=" + to);
  }
  static void expect_value(const Node& node, const std::string& name, const std::string& wanted) {
    EXPECT_TRUE(eventually([&] { return value(node, name) == wanted; }))
        << name << " on " << node.options().name << " is " << value(node, name) << ", not "
        << wanted;
  }
};

TEST_P(ContextAttributes, SeedRow139_WhatOneNodeSetsAllNodesHave) {
  Node& a = start(GetParam().a);
  EXPECT_EQ(set(a, "early", "bird"), "bird");
  EXPECT_EQ(set(a, "cart", "2,ann,pen,ink", "cart"), "Cart{count=2,owner=ann,items=[pen, ink]}");

  Node& b = start(GetParam().b);  // gets what is there when it joins
  expect_value(b, "early", "bird");
  expect_value(b, "cart", "Cart{count=2,owner=ann,items=[pen, ink]}");

  EXPECT_EQ(set(a, "number", "7", "int"), "7");
  expect_value(b, "number", "7");
  EXPECT_EQ(set(b, "number", "8", "int"), "8");  // the other node goes on with it
  expect_value(a, "number", "8");
  EXPECT_EQ(set(a, "number", "9", "int"), "9");
  EXPECT_EQ(set(a, "number", "10", "int"), "10");
  expect_value(b, "number", "10");

  EXPECT_EQ(value(b, "early", "op=cdel"), "null");  // not the node that made it
  expect_value(a, "early", "null");
  EXPECT_EQ(value(a, "number", "op=cdel"), "null");
  expect_value(b, "number", "null");
  EXPECT_EQ(set(a, "early", "again"), "again");
  expect_value(b, "early", "again");

  a.kill();
  ASSERT_TRUE(b.eventually_logs("Received member disappeared", std::chrono::seconds(20)));
  expect_value(b, "early", "again");
  EXPECT_EQ(set(b, "alone", "yes"), "yes");
  a.start();
  expect_value(a, "alone", "yes");
  expect_value(a, "early", "again");
  expect_value(a, "number", "null");
}

INSTANTIATE_TEST_SUITE_P(Nodes, ContextAttributes, ::testing::ValuesIn(few_pairs()), pair_name);

}  // namespace serval::test
