// Feature table 38: sessions of two nodes in one table; and a database that is not there for a
// while.
#include <algorithm>
#include <chrono>

#include "tests/e2e/pairs.h"
#include "tests/support/postgresql.h"

namespace serval::test {
namespace {

namespace fs = std::filesystem;

std::string context(const std::string& inner, const std::string& store,
                    const std::string& manager_attributes = "") {
  return "<Context>\n" + inner +
         "  <Manager className=\"org.apache.catalina.session.PersistentManager\" "
         "maxIdleBackup=\"0\" " +
         manager_attributes + ">\n    <Store className=\"org.apache.catalina.session." + store +
         "/>\n  </Manager>\n"
         "  <Valve className=\"org.apache.catalina.valves.PersistentValve\"/>\n</Context>\n";
}

std::string resource(const std::string& name, const std::string& attributes) {
  return "  <Resource name=\"" + name +
         "\" auth=\"Container\" type=\"javax.sql.DataSource\" maxTotal=\"4\" maxIdle=\"2\" "
         "maxWaitMillis=\"10000\" " +
         attributes + "/>\n";
}

constexpr const char* kUser = R"(connectionName="tomcat" connectionPassword="secret")";

/// An application, and the table where its sessions are.
struct Story {
  std::string name;
  DemoUser user{};
};

}  // namespace

/// Two nodes without a cluster, each with three applications, whose sessions are in a table of
/// PostgreSQL by JDBCStore with names of its own, in one by DataSourceStore with Tomcat's names,
/// and in a file of SQLite. Tomcat 10.1 has no JDBCStore: there it is a DataSourceStore with the
/// same table.
class DatabasePair : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    database_.query(
        "CREATE TABLE jdbc_sessions (nr varchar(100) NOT NULL PRIMARY KEY, place varchar(255), "
        "content bytea, usable char(1) NOT NULL, seconds int NOT NULL, used bigint NOT NULL); "
        "CREATE TABLE tomcat$sessions (id varchar(100) NOT NULL PRIMARY KEY, app varchar(255), "
        "data bytea, valid char(1) NOT NULL, maxinactive int NOT NULL, lastaccess bigint NOT "
        "NULL)");
    sqlite(
        "CREATE TABLE tomcat$sessions (id text PRIMARY KEY, app text, data blob, valid char(1), "
        "maxinactive int, lastaccess int)");
    defaults.cluster_xml = " ";
    defaults.class_path = "/usr/share/java/postgresql.jar:/usr/share/java/sqlite-jdbc.jar";
    defaults.global_resources =
        resource("jdbc/all",
                 R"(driverClassName="org.postgresql.Driver" username="tomcat" password="secret" )"
                 R"(validationQuery="SELECT 1" url=")" +
                     database_.url() + "\"");
  }
  Node& make(Kind kind) {
    return add(kind, [&](NodeOptions& options) {
      const fs::path war = demo_war(kind);
      options.applications = {{"jdbc", war}, {"source", war}, {"lite", war}};
      options.descriptors = {
          {"jdbc", jdbc_context(kind)}, {"source", source_context()}, {"lite", lite_context(kind)}};
    });
  }
  std::string jdbc_context(Kind kind) const {
    const std::string names =
        R"( sessionTable="jdbc_sessions" sessionIdCol="nr" sessionAppCol="place" )"
        R"(sessionDataCol="content" sessionValidCol="usable" sessionMaxInactiveCol="seconds" )"
        R"(sessionLastAccessedCol="used")";
    if (kind == Kind::kTomcat10) {
      return context(resource("own", "username=\"tomcat\" password=\"secret\" url=\"" +
                                         database_.url() + "\""),
                     R"(DataSourceStore" dataSourceName="own" localDataSource="true")" + names);
    }
    return context("", R"(JDBCStore" driverName="org.postgresql.Driver" connectionURL=")" +
                           database_.url() + "\" " + kUser + names);
  }
  static std::string source_context() {
    return context(
        "  <ResourceLink name=\"jdbc/sessions\" global=\"jdbc/all\" "
        "type=\"javax.sql.DataSource\"/>\n",
        R"(DataSourceStore" dataSourceName="jdbc/sessions")");
  }
  std::string lite_context(Kind kind) const {
    const std::string url = "jdbc:sqlite:" + file_.string();
    if (kind == Kind::kTomcat10) {
      return context(resource("lite", "driverClassName=\"org.sqlite.JDBC\" url=\"" + url + "\""),
                     R"(DataSourceStore" dataSourceName="lite")");
    }
    return context("", R"(JDBCStore" driverName="org.sqlite.JDBC" connectionURL=")" + url + "\"");
  }
  std::string sqlite(const std::string& statement) const {
    const auto done = run_command({"sqlite3", file_.string(), ".timeout 5000", statement});
    EXPECT_EQ(done.status, 0) << done.output;
    return done.output.substr(0, done.output.find('\n'));
  }
  /// Cells of the story's row: id, application, valid, whether it has data, interval.
  std::string row(const Story& story) const {
    if (story.name == "jdbc") {
      return database_.query(
          "SELECT nr, place, usable, length(content) > 0, seconds FROM jdbc_sessions");
    }
    const std::string statement =
        "SELECT id, app, valid, length(data) > 0, maxinactive FROM tomcat$sessions";
    return story.name == "lite" ? sqlite(statement) : database_.query(statement);
  }

  Postgresql database_;
  const fs::path file_ = directory() / "sessions.db";
};
INSTANTIATE_TEST_SUITE_P(, DatabasePair, ::testing::ValuesIn(pairs()), pair_name);

TEST_P(DatabasePair, SeedRow038_SessionsInASharedTableOutliveTheirNode) {
  Node &a = make(GetParam().a), &b = make(GetParam().b);
  a.start();
  b.start();
  Story stories[] = {{"jdbc"}, {"source"}, {"lite"}};
  for (Story& story : stories) {
    SCOPED_TRACE(story.name);
    story.user.path = "/" + story.name + "/s";
    ASSERT_TRUE(story.user.set(a, "x", "1"));
    ASSERT_TRUE(story.user.set(a, "cart", "1,ann,pen", "cart"));
    const std::string id = story.user.browser.cookie("JSESSIONID", story.user.path);
    EXPECT_EQ(row(story), id + "|/Catalina/localhost/" + story.name + "|1|" +
                              (story.name == "lite" ? "1" : "t") + "|1800");
  }
  a.kill();
  std::string cart;
  for (Story& story : stories) {
    SCOPED_TRACE(story.name);
    EXPECT_EQ(story.user.peek(b, "x"), "1");
    cart = story.user.get(b, "cart");
    EXPECT_NE(cart.find("pen"), std::string::npos) << cart;
    ASSERT_TRUE(story.user.set(b, "x", "2"));
  }
  a.start();
  for (Story& story : stories) {
    SCOPED_TRACE(story.name);
    EXPECT_EQ(story.user.peek(a, "x"), "2");
    EXPECT_EQ(story.user.get(a, "cart"), cart);
    story.user.ask(a, "op=inv");
    EXPECT_EQ(story.user.peek(b, "x"), "no session");
    EXPECT_EQ(row(story), "");
  }
}

#ifndef SERVAL_WITH_TOMCAT

class StoreWithoutDatabase : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.cluster_xml = " ";
    defaults.context_xml =
        context("",
                R"(JDBCStore" sessionTable="sessions" connectionURL=")" + database_.url() +
                    "?connectTimeout=2&amp;socketTimeout=2\" " + kUser,
                R"(processExpiresFrequency="100000")");
    database_.query(
        "CREATE TABLE sessions (id text PRIMARY KEY, app text, data bytea, valid char(1), "
        "maxinactive int, lastaccess bigint)");
  }
  std::string data() const { return database_.query("SELECT md5(data) FROM sessions"); }
  /// Sets x; expects an answer, and says how long it took.
  std::chrono::milliseconds time_to_set(const Node& node, int value) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(user_.set(node, "x", std::to_string(value)));
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin);
  }
  Postgresql database_;
  DemoUser user_;
};

TEST_F(StoreWithoutDatabase, SeedRow038_ARestartOfTheDatabaseIsNotNoticed) {
  Node& node = start();
  ASSERT_TRUE(user_.set(node, "x", "1"));
  const std::string before = data();
  database_.stop();
  database_.start();
  ASSERT_TRUE(user_.set(node, "x", "2"));
  EXPECT_NE(data(), before) << "saved through a new connection";
  EXPECT_FALSE(node.logged("JDBCStore fails")) << node.log_tail();
}

TEST_F(StoreWithoutDatabase, SeedRow038_RequestsGoOnAndRowsAreWrittenWhenItIsBack) {
  Node& node = start();
  ASSERT_TRUE(user_.set(node, "x", "1"));
  const std::string before = data();
  database_.stop();
  for (int i = 2; i < 20; ++i) EXPECT_TRUE(user_.set(node, "x", std::to_string(i)));
  EXPECT_EQ(user_.get(node, "x"), "19") << "in memory";
  EXPECT_EQ(node.times_logged("JDBCStore fails"), 1U) << node.log_tail();
  EXPECT_TRUE(node.logged("JDBCStore connectionURL [" + database_.url() + "]: cannot connect"));
  EXPECT_FALSE(node.logged("secret"));
  database_.start();
  EXPECT_TRUE(node.eventually_logs("JDBCStore answers again")) << node.log_tail();
  EXPECT_TRUE(eventually([&] { return user_.set(node, "x", "20") && data() != before; }));
}

TEST_F(StoreWithoutDatabase, SeedRow038_ASilentDatabaseCostsItsTimeOutOnce) {
  using namespace std::chrono_literals;
  Node& node = start();
  ASSERT_TRUE(user_.set(node, "x", "1"));
  database_.freeze();
  std::vector<std::chrono::milliseconds> times;
  for (int i = 2; i < 30; ++i) times.push_back(time_to_set(node, i));
  EXPECT_EQ(std::ranges::count_if(times, [](auto time) { return time > 1s; }), 1)
      << node.log_tail();
  EXPECT_TRUE(node.logged("no answer within 2000 ms")) << node.log_tail();
  EXPECT_EQ(user_.get(node, "x"), "29");
  database_.thaw();
  EXPECT_TRUE(node.eventually_logs("JDBCStore answers again")) << node.log_tail();
}

TEST_F(StoreWithoutDatabase, SettingsOfTheDatabaseThatAreWrongAreSaidAtTheStart) {
  defaults.context_xml =
      context("", R"(JDBCStore" connectionURL=")" + database_.url() + "\" " + kUser);
  Node& no_table = start();
  EXPECT_TRUE(no_table.eventually_logs("sessionTable [tomcat$sessions]: relation"))
      << no_table.log_tail();
  EXPECT_TRUE(user_.set(no_table, "x", "1")) << "sessions are in memory";

  defaults.context_xml = context("", R"(JDBCStore" connectionURL=")" + database_.url() +
                                         R"(" connectionName="tomcat" connectionPassword="wrong")");
  EXPECT_TRUE(start().eventually_logs("password authentication failed"));

  defaults.context_xml = context("", R"(JDBCStore" connectionURL="jdbc:mysql://db/x")");
  EXPECT_TRUE(start().eventually_logs("JDBCStore connectionURL [jdbc:mysql://db/x]"));
}

TEST_F(StoreWithoutDatabase, ANodeWithoutSuchAStoreLoadsNoLibraryOfADatabase) {
  const auto maps = [](const Node& node) {
    return read_file("/proc/" + std::to_string(node.pid()) + "/maps");
  };
  EXPECT_NE(maps(start()).find("libpq.so"), std::string::npos);
  defaults.context_xml.clear();
  const std::string without = maps(start());
  EXPECT_NE(without.find("bin/serval"), std::string::npos);
  EXPECT_EQ(without.find("libpq.so"), std::string::npos);
  EXPECT_EQ(without.find("libsqlite3.so"), std::string::npos);
}

#endif

}  // namespace serval::test
