// The How-To's story of two nodes, for any pair of servers. What each test shows is in its name;
// the number is the row of the feature table.
#include "tests/e2e/pairs.h"
#include "tests/support/test_wars.h"

namespace serval::test {

/// With BackupManager all tests show row 7 too.
class Steps : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.manager = GetParam().manager;
  }
  Node& start_a() { return start(GetParam().a); }
  Node& start_b() { return start(GetParam().b); }
};
INSTANTIATE_TEST_SUITE_P(, Steps, ::testing::ValuesIn(few_pairs()), pair_name);
INSTANTIATE_TEST_SUITE_P(WithBackupManager, Steps, ::testing::ValuesIn(few_pairs("backup")),
                         pair_name);

namespace {

HttpResponse page(const Node& node, const std::string& path) {
  return HttpClient(node.http()).get(path);
}

}  // namespace

TEST_P(Steps, SeedRow082_AWarInTheWatchedFolderIsDeployedEverywhere) {
  defaults.applications = {};
  Node& a = start(GetParam().a, [](NodeOptions& o) { o.farm = "watch"; });
  Node& b = start(GetParam().b, [](NodeOptions& o) { o.farm = "follow"; });
  expect_members(a, b);
  const auto war =
      page_war(directory() / "x.war", "farm page", {{"pad.txt", std::string(40000, 'z')}});
  std::filesystem::copy_file(war, a.base() / "farm-watch/x.war");
  EXPECT_TRUE(eventually([&] { return page(b, "/x/").body == "farm page"; }));
  EXPECT_TRUE(eventually([&] { return page(a, "/x/").body == "farm page"; }));
  EXPECT_EQ(read_file(b.webapps() / "x.war"), read_file(war));
}

TEST_P(Steps, SeedRow084_ARemovedWarIsUndeployedEverywhere) {
  defaults.applications = {};
  Node& a = start(GetParam().a, [](NodeOptions& o) { o.farm = "watch"; });
  Node& b = start(GetParam().b, [](NodeOptions& o) { o.farm = "follow"; });
  expect_members(a, b);
  std::filesystem::copy_file(page_war(directory() / "x.war", "farm page"),
                             a.base() / "farm-watch/x.war");
  ASSERT_TRUE(
      eventually([&] { return page(a, "/x/").status == 200 && page(b, "/x/").status == 200; }));
  std::filesystem::remove(a.base() / "farm-watch/x.war");
  EXPECT_TRUE(
      eventually([&] { return page(a, "/x/").status == 404 && page(b, "/x/").status == 404; }));
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(b.webapps() / "x.war"); }));
}

TEST_P(Steps, SeedRow090_TheFirstAnswerOfANewNodeKnowsTheOldSessions) {
  Node& a = start_a();
  constexpr int kSessions = 1000;
  std::vector<std::string> ids;
  for (int i = 0; i < kSessions; ++i) {
    DemoUser user;
    ASSERT_TRUE(user.set(a, "n", std::to_string(i)));
    ids.push_back(user.session_id());
  }
  Node& b = add(GetParam().b);
  b.start(false);
  // Asks for the last session until there is an answer at all.
  DemoUser user;
  user.browser.set_cookie("JSESSIONID", "/demo", ids.back());
  HttpResponse first;
  ASSERT_TRUE(eventually([&] {
    if (!is_open(b.http())) return false;
    first = user.browser.get(b.http(), "/demo/s?op=get&k=n&create=0");
    return true;
  })) << b.log_tail();
  EXPECT_EQ(field(first, "value"), std::to_string(kSessions - 1));
  for (int i = 0; i < kSessions; i += 37) {
    DemoUser other;
    other.browser.set_cookie("JSESSIONID", "/demo", ids[static_cast<std::size_t>(i)]);
    EXPECT_EQ(other.peek(b, "n"), std::to_string(i));
  }
}

TEST_P(Steps, SeedRow094_ASessionOfOneNodeIsOnTheOtherWhenTheAnswerIsThere) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  struct Case {
    const char *type, *value, *shown, *java_class;
  };
  const Case cases[] = {
      {"string", "hello", "hello", "java.lang.String"},
      {"int", "-7", "-7", "java.lang.Integer"},
      {"long", "9000000000", "9000000000", "java.lang.Long"},
      {"double", "2.5", "2.5", "java.lang.Double"},
      {"bool", "true", "true", "java.lang.Boolean"},
      {"bytes", "00ff10", "00ff10", "[B"},
      {"list", "a,b,c", "[a, b, c]", "java.util.ArrayList"},
      {"map", "k:v,x:y,lang:en", nullptr, "java.util.HashMap"},
      {"date", "1700000000123", "1700000000123", "java.util.Date"},
      {"cart", "2,ann,pen,ink", "Cart{count=2,owner=ann,items=[pen, ink]}", "demo.Cart"},
  };
  DemoUser user;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.type);
    ASSERT_TRUE(user.set(a, c.type, c.value, c.type));
    const HttpResponse there = user.ask(b, std::string("op=get&k=") + c.type);
    EXPECT_EQ(field(there, "type"), c.java_class);
    if (c.shown) {  // a HashMap has an order of its own
      EXPECT_EQ(field(there, "value"), c.shown);
    }
    EXPECT_EQ(field(there, "value"), user.get(a, c.type));
  }
  ASSERT_TRUE(user.set(a, "big", "70000", "big"));
  EXPECT_EQ(user.get(b, "big").substr(0, 10), "len=70000,");
  user.ask(b, "op=del&k=int");
  EXPECT_EQ(user.get(a, "int"), "null");
}

TEST_P(Steps, SeedRow098_ACrashedNodeIsNoticedAndLeft) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  const auto before = std::chrono::steady_clock::now();
  a.kill();
  ASSERT_TRUE(b.eventually_logs("Received member disappeared")) << b.log_tail();
  EXPECT_LT(std::chrono::steady_clock::now() - before,
            std::chrono::milliseconds(defaults.drop_time) + std::chrono::seconds(5));
  // Nothing waits for the dead one.
  DemoUser user;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(user.set(b, "x", "1"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST_P(Steps, SeedRow100_TheSurvivorServesTheSessionAndBecomesItsPrimary) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "7", "int"));
  const std::string id = user.session_id();
  ASSERT_TRUE(id.ends_with(".node01")) << id;
  a.kill();
  EXPECT_EQ(user.get(b, "x"), "7");
  EXPECT_EQ(user.session_id(), id.substr(0, id.find('.')) + ".node02");
  EXPECT_EQ(field(user.ask(b, "op=info"), "primaryIndicator"), "true");
}

TEST_P(Steps, SeedRow101_ARestartedNodeFetchesItsStateBeforeItAnswers) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "on%20A"));
  a.kill();
  ASSERT_TRUE(user.set(b, "x", "on%20B"));
  a.start(false);
  HttpResponse first;
  ASSERT_TRUE(eventually([&] {
    if (!is_open(a.http())) return false;
    first = user.browser.get(a.http(), "/demo/s?op=get&k=x&create=0");
    return true;
  }));
  EXPECT_EQ(field(first, "value"), "on B") << first.body;
}

TEST_P(Steps, SeedRow102_AnInvalidatedSessionIsGoneOnTheOtherNode) {
  Node &a = start_a(), &b = start_b();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  ASSERT_EQ(user.peek(b, "x"), "1");
  ASSERT_EQ(field(user.ask(a, "op=inv"), "invalidated"), "true");
  EXPECT_TRUE(eventually([&] { return user.peek(b, "x") == "no session"; }));
}

}  // namespace serval::test
