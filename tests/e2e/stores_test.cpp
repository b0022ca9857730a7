// Feature table 37: sessions of two nodes in one directory; and a restart as another server.
#include "tests/e2e/pairs.h"

namespace serval::test {

namespace fs = std::filesystem;

/// Two nodes without a cluster, whose sessions go through files.
class StorePair : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.cluster_xml = " ";
  }
  Kind first() const { return GetParam().a; }
  Kind second() const { return GetParam().b; }
  /// Where a StandardManager of /demo leaves its sessions.
  static fs::path sessions_file(const Node& node) {
    return node.base() / "work/Catalina/localhost/demo/SESSIONS.ser";
  }
};
INSTANTIATE_TEST_SUITE_P(, StorePair, ::testing::ValuesIn(pairs()), pair_name);

TEST_P(StorePair, SeedRow037_SessionsInASharedDirectoryOutliveTheirNode) {
  const fs::path store = directory() / "store";
  fs::create_directories(store);
  defaults.context_xml =
      R"(<Context>
  <Manager className="org.apache.catalina.session.PersistentManager" maxIdleBackup="0">
    <Store className="org.apache.catalina.session.FileStore" directory=")" +
      store.string() + R"("/>
  </Manager>
  <Valve className="org.apache.catalina.valves.PersistentValve"/>
</Context>
)";
  Node &a = start(first()), &b = start(second());
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  ASSERT_TRUE(user.set(a, "cart", "1,ann,pen", "cart"));
  EXPECT_TRUE(fs::exists(store / (user.session_id() + ".session")));
  a.kill();
  EXPECT_EQ(user.peek(b, "x"), "1");
  const std::string cart = user.get(b, "cart");
  ASSERT_TRUE(user.set(b, "x", "2"));
  a.start();
  EXPECT_EQ(user.peek(a, "x"), "2");
  EXPECT_EQ(user.get(a, "cart"), cart);
  user.ask(a, "op=inv");
  EXPECT_EQ(user.peek(b, "x"), "no session");
  EXPECT_TRUE(fs::is_empty(store));
}

TEST_P(StorePair, SessionsOfAStoppedNodeAreTakenByTheNextServer) {
  // The default of 9.0; 10.1 keeps no sessions by itself.
  defaults.context_xml = "<Context><Manager pathname=\"SESSIONS.ser\"/></Context>\n";
  Node& a = start(first());
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  ASSERT_TRUE(user.set(a, "cart", "1,ann,pen", "cart"));
  const std::string cart = user.get(a, "cart");
  a.stop();
  ASSERT_TRUE(fs::exists(sessions_file(a))) << a.log_tail();
  Node& b = add(second());
  fs::create_directories(sessions_file(b).parent_path());
  fs::copy_file(sessions_file(a), sessions_file(b));
  b.start();
  EXPECT_EQ(user.peek(b, "x"), "1");
  EXPECT_EQ(user.get(b, "cart"), cart);
  EXPECT_FALSE(fs::exists(sessions_file(b)));
}

}  // namespace serval::test
