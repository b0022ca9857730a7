// ClusterSingleSignOn with a real Tomcat in either role, and both generations at the same time.
#include <signal.h>

#include <future>

#include "tests/e2e/single_sign_on.h"

namespace serval::test {

class SsoGenerations : public ClusterTest {
 protected:
  Node& start_node(Kind kind) {
    return start(kind, [&](NodeOptions& o) { use_sso(o, kind, sso_valve()); });
  }
};

TEST_F(SsoGenerations, SeedRow127_BothTomcatsKnowALoginWhereverItWasMade) {
  Node &nine = start_node(Kind::kTomcat9), &serval = start_node(Kind::kServal),
       &ten = start_node(Kind::kTomcat10);
  expect_members(nine, serval);
  expect_members(serval, ten);
  const std::vector<Node*> all{&nine, &serval, &ten};
  for (const Node* made_on : all) {
    SCOPED_TRACE(name_of(made_on->kind()));
    LoginUser alice;
    ASSERT_EQ(alice.status(*made_on, "a", "wonder"), 200);
    for (const Node* node : all) {
      SCOPED_TRACE(name_of(node->kind()));
      EXPECT_TRUE(alice.eventually_has(*node, "b", 200)) << node->log_tail();
    }
    alice.log_out(*made_on, "a");
    for (const Node* node : all) {
      SCOPED_TRACE(name_of(node->kind()));
      EXPECT_TRUE(alice.eventually_has(*node, "b", 401)) << node->log_tail();
    }
  }
}

TEST_F(SsoGenerations, SeedRow127_ALoginOutlivesTheTomcatThatMadeIt) {
  Node &nine = start_node(Kind::kTomcat9), &serval = start_node(Kind::kServal),
       &ten = start_node(Kind::kTomcat10);
  expect_members(nine, serval);
  expect_members(serval, ten);
  LoginUser alice;
  ASSERT_EQ(alice.status(nine, "a", "wonder"), 200);
  ASSERT_TRUE(alice.eventually_has(ten, "b", 200));
  nine.kill();
  EXPECT_TRUE(alice.eventually_has(serval, "b", 200));
  EXPECT_TRUE(alice.eventually_has(ten, "b", 200)) << ten.log_tail();
}

/// A Tomcat that hears of the end of a session while it knows the login ends the login too; what it
/// says then crossed with what was on its way, and the login came back on both nodes.
TEST_F(SsoGenerations, SeedRow136_ATomcatHearsOfALogoutBeforeItHearsOfItsSessions) {
  Node &ten = start_node(Kind::kTomcat10), &serval = start_node(Kind::kServal);
  expect_members(ten, serval);
  for (int i = 0; i < 6; ++i) {
    LoginUser alice;
    ASSERT_EQ(alice.status(ten, "a", "wonder"), 200);
    ASSERT_EQ(alice.status(serval, "b"), 200);
    ASSERT_EQ(alice.name(ten, "b"), "alice");
    ten.signal(SIGSTOP);
    auto logout = std::async(std::launch::async, [&] { alice.log_out(serval, "a"); });
    EXPECT_EQ(logout.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout)
        << "the answer waits for the other node";
    ten.signal(SIGCONT);
    logout.get();
    for (const Node* node : {&ten, &serval}) {
      LoginUser only_cookie;
      only_cookie.browser.set_cookie("JSESSIONIDSSO", "/", alice.sso());
      EXPECT_EQ(only_cookie.status(*node, "b"), 401) << i << " " << node->options().name;
    }
  }
  EXPECT_EQ(ten.times_logged("SSO unable to expire session"), 0u);
}

}  // namespace serval::test
