// Feature table 6: JvmRouteBinderValve.
#include <array>

#include "tests/support/cluster_test.h"

namespace serval::test {

namespace {

std::string without_route(const std::string &id) { return id.substr(0, id.find('.')); }

}  // namespace

class Binder : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    applications = [](Kind kind) {
      return Applications{{"demo", demo_war(kind)}, {"examples", built_war("examples")}};
    };
  }
};

TEST_F(Binder, SeedRow050_AfterAFailoverTheIdHasTheNewRouteOnAllMembers) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "7", "int"));
  const std::string old_id = user.session_id(), plain = without_route(old_id);
  ASSERT_EQ(old_id, plain + ".node01");
  EXPECT_EQ(user.get(b, "x"), "7");
  EXPECT_EQ(user.session_id(), plain + ".node02");

  DemoUser later;
  later.browser.set_cookie("JSESSIONID", "/demo", plain + ".node02");
  EXPECT_EQ(later.peek(a, "x"), "7");  // the first node renamed it too
  EXPECT_EQ(later.session_id(), plain + ".node01");
}

TEST_F(Binder, SeedRow051_TheNewIdGoesIntoTheSameCookie) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  const HttpResponse response = user.ask(b, "op=get&k=x");
  const auto cookies = response.all_headers("Set-Cookie");
  ASSERT_EQ(cookies.size(), 1u);
  EXPECT_EQ(cookies[0],
            "JSESSIONID=" + without_route(user.session_id()) + ".node02; Path=/demo; HttpOnly");
}

TEST_F(Binder, SeedRow051_ARewrittenUrlHasTheNewId) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  Browser browser;
  ASSERT_EQ(browser.get(a.http(), "/examples/counter").status, 200);
  const std::string id = browser.cookie("JSESSIONID", "/examples/counter");
  HttpClient without_cookies(b.http());
  const HttpResponse redirect =
      without_cookies.request("POST", "/examples/counter;jsessionid=" + id,
                              {{"Content-Type", "application/x-www-form-urlencoded"}}, "again=1");
  ASSERT_EQ(redirect.status, 302);
  EXPECT_NE(redirect.header("Location")->find(without_route(id) + ".node02"), std::string::npos)
      << *redirect.header("Location");
}

TEST_F(Binder, SeedRow056_OnlySessionsThatAreAskedForChange) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  std::array<DemoUser, 10> users;
  for (DemoUser &user : users) ASSERT_TRUE(user.set(a, "x", "1"));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(users[i].get(b, "x"), "1");
  for (std::size_t i = 0; i < users.size(); ++i) {
    EXPECT_TRUE(users[i].session_id().ends_with(i < 3 ? ".node02" : ".node01")) << i;
    if (i < 3) continue;
    EXPECT_FALSE(users[i].ask(a, "op=get&k=x").header("Set-Cookie")) << i;
  }
}

}  // namespace serval::test
