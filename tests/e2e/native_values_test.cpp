// Session attributes that are objects of the application's own classes: a struct in C++, a class in
// Java.
#include "tests/e2e/pairs.h"

namespace serval::test {

class NativeValues : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    a = &start(GetParam().a);
    b = &start(GetParam().b);
    expect_members(*a, *b);
  }
  Node *a = nullptr, *b = nullptr;
};

TEST_P(NativeValues, SeedRow094_AnObjectIsReadAndChangedOnEitherNode) {
  DemoUser user;
  for (Node* from : {a, b}) {
    Node* const to = from == a ? b : a;
    SCOPED_TRACE(from->options().name);
    for (const int n : {2, 3}) {
      const std::string number = std::to_string(n);
      ASSERT_TRUE(user.set(*from, "shirt", number, "shirt"));
      const std::string fresh = user.get(*from, "shirt");
      EXPECT_NE(fresh.find("shirt" + number), std::string::npos) << fresh;
      EXPECT_EQ(user.get(*to, "shirt"), fresh);

      // Changed where it came from the other node, and back.
      user.ask(*to, "op=edit&k=shirt&v=there");
      const std::string changed = user.get(*to, "shirt");
      EXPECT_NE(changed, fresh);
      EXPECT_EQ(user.get(*from, "shirt"), changed);
      user.ask(*from, "op=edit&k=shirt&v=back");
      EXPECT_NE(user.get(*from, "shirt"), changed);
      EXPECT_EQ(user.get(*to, "shirt"), user.get(*from, "shirt"));
    }
    user.ask(*from, "op=edit&k=cart" + from->options().name + "&v=pen");  // there was none
    EXPECT_EQ(user.get(*to, "cart" + from->options().name), "Cart{count=0,owner=null,items=[pen]}");
  }
}

TEST_P(NativeValues, SeedRow027_WhatCannotBeReplicatedIsRefused) {
  for (Node* node : {a, b}) {
    SCOPED_TRACE(node->options().name);
    Node* const other = node == a ? b : a;
    DemoUser user;
    ASSERT_TRUE(user.set(*node, "x", "1"));
    const HttpResponse refused =
        user.browser.get(node->http(), "/demo/s?op=set&k=object&t=native&v=0");
    EXPECT_EQ(refused.status, 500);
    EXPECT_NE(refused.body.find("setAttribute: Non-serializable attribute [object]"),
              std::string::npos)
        << refused.body;
    EXPECT_NE(refused.body.find("java.lang.IllegalArgumentException"), std::string::npos)
        << refused.body;
    EXPECT_EQ(user.get(*node, "object"), "null");
    EXPECT_EQ(user.get(*node, "x"), "1");
    ASSERT_TRUE(user.set(*node, "y", "2"));
    EXPECT_EQ(user.get(*other, "y"), "2");
  }
}

INSTANTIATE_TEST_SUITE_P(Nodes, NativeValues, ::testing::ValuesIn(few_pairs()), pair_name);

}  // namespace serval::test
