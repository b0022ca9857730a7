// Feature table 6: JvmRouteBinderValve.
#include <array>

#include "tests/support/cluster_test.h"

namespace serval::test {

namespace {

std::string without_route(const std::string &id) { return id.substr(0, id.find('.')); }

}  // namespace

class Binder : public ClusterTest {};

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
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  const std::string id = user.session_id();
  HttpClient without_cookies(b.http());
  const HttpResponse response =
      without_cookies.get("/demo/s;jsessionid=" + id + "?op=url&v=/demo/s%3Fa%3Db");
  EXPECT_EQ(field(response, "value"), "/demo/s;jsessionid=" + without_route(id) + ".node02?a=b");
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
