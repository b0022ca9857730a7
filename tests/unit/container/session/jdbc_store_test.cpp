// JDBCStore on SQLite, read and written beside it by other connections.
#include "container/session/jdbc_store.h"

#include <gtest/gtest.h>

#include "container/config/tomcat_names.h"
#include "container/core/register_managers.h"
#include "container/session/persistent_manager.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"
#include "tests/support/vector_file.h"
#include "tests/unit/container/session/test_owner.h"

namespace serval::core {
namespace {

using serval::test::LogCapture;

class JdbcStoreOnAFile : public ::testing::Test {
 protected:
  JdbcStoreOnAFile() : database_({.url = url()}, "test") {}
  std::string url() const { return "jdbc:sqlite:" + (directory_ / "x.db").string(); }
  JdbcStore::Options options() const {
    JdbcStore::Options options;
    options.connection_url = url();
    return options;
  }
  /// Cells of all rows, with blanks between them.
  std::string ask(const std::string& statement, std::initializer_list<SqlValue> values = {}) {
    std::string text;
    const auto done = database_.run([&](SqlConnection& connection) -> Result<> {
      auto result = connection.execute(statement, values);
      if (!result) return std::move(result).error();
      for (const auto& row : result->rows) {
        for (const auto& cell : row) text += cell + " ";
      }
      return {};
    });
    EXPECT_TRUE(done) << done.error().message;
    return text;
  }
  void make_table(const std::string& name = "tomcat$sessions") {
    ask("CREATE TABLE " + name +
        " (id varchar(100) NOT NULL PRIMARY KEY, app varchar(255), data bytea, valid char(1) NOT "
        "NULL, maxinactive int NOT NULL, lastaccess bigint NOT NULL)");
  }
  std::unique_ptr<JdbcStore> open(JdbcStore::Options options, std::string app = "/C/h/app") {
    EXPECT_TRUE(JdbcStore::check(options));
    auto store = std::make_unique<JdbcStore>(std::move(options), "JDBCStore");
    const auto opened = store->open({directory_.path(), std::move(app)});
    EXPECT_TRUE(opened) << opened.error().message;
    return store;
  }
  std::unique_ptr<PersistentManager> start(test::TestOwner& owner, const Clock& clock) {
    auto manager = std::make_unique<PersistentManager>(
        PersistentManager::Options(), std::make_unique<JdbcStore>(options(), "JDBCStore"), clock);
    manager->set_owner(owner);
    EXPECT_TRUE(manager->start());
    return manager;
  }
  static StoredSession session(const std::string& id, const std::string& text) {
    StoredSession session;
    session.head.id = id;
    session.head.max_inactive_interval = 1800;
    session.head.last_accessed_time = 1'700'000'000'000;
    session.attributes.emplace_back("text", Value(text));
    return session;
  }
  static std::string text_of(const Result<std::optional<StoredSession>>& loaded) {
    if (!loaded) return loaded.error().message;
    return *loaded ? *(*loaded)->attributes.at(0).second.get_if<std::string>() : "none";
  }

  serval::test::TempDir directory_;
  DataSource database_;
};

TEST_F(JdbcStoreOnAFile, SeedRow038_ASessionIsARowAsTomcatWritesIt) {
  make_table();
  const auto store = open(options());
  ASSERT_TRUE(store->look());
  ASSERT_TRUE(store->save(session("A1", "first"), {}));
  EXPECT_EQ(ask("SELECT app, id, valid, maxinactive, lastaccess FROM tomcat$sessions"),
            "/C/h/app A1 1 1800 1700000000000 ");
  EXPECT_EQ(text_of(store->load("A1")), "first");
  ASSERT_TRUE(store->save(session("A1", "second"), {}));
  EXPECT_EQ(text_of(store->load("A1")), "second");
  EXPECT_EQ(ask("SELECT count(*) FROM tomcat$sessions"), "1 ");
  ASSERT_TRUE(store->remove("A1"));
  EXPECT_EQ(text_of(store->load("A1")), "none");
  EXPECT_TRUE(store->remove("A1")) << "nothing to remove is no error";
}

TEST_F(JdbcStoreOnAFile, ARowWithTheSessionOfARealTomcatIsTaken) {
  make_table();
  const auto bytes = serval::testing::vector_of("v9/filestore-session").bytes;
  ask("INSERT INTO tomcat$sessions VALUES ('0123456789ABCDEF0123456789ABCDEF', '/C/h/app', $1, "
      "'1', 1800, 1)",
      {bytes});
  const auto loaded = open(options())->load("0123456789ABCDEF0123456789ABCDEF");
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ((*loaded)->head.id, "0123456789ABCDEF0123456789ABCDEF");
}

TEST_F(JdbcStoreOnAFile, ApplicationsDoNotSeeEachOthersRows) {
  make_table();
  const auto a = open(options(), "/C/h/a"), b = open(options(), "/C/h/b");
  ASSERT_TRUE(a->save(session("A1", "of a"), {}));
  EXPECT_EQ(text_of(b->load("A1")), "none");
  EXPECT_TRUE(b->ids()->empty());
  EXPECT_TRUE(b->remove("A1"));
  EXPECT_EQ(*a->ids(), std::vector<std::string>{"A1"});
  const auto taken = b->save(session("A1", "of b"), {});
  ASSERT_FALSE(taken) << "the id is the key";
  EXPECT_EQ(taken.error().code, Errc::kInvalidArgument) << "which says nothing of the database";
}

TEST_F(JdbcStoreOnAFile, SeedRow038_NamesOfTableAndColumnsAreAttributes) {
  ask("CREATE TABLE \"my sessions\" (i text, a text, d blob, \"order\" text, m int, l int)");
  auto named = options();
  named.table = "main.\"my sessions\"";
  named.id_column = "i";
  named.app_column = "a";
  named.data_column = "d";
  named.valid_column = "\"order\"";
  named.max_inactive_column = "m";
  named.last_accessed_column = "l";
  const auto store = open(named);
  ASSERT_TRUE(store->save(session("A1", "here"), {}));
  EXPECT_EQ(text_of(store->load("A1")), "here");
  EXPECT_EQ(ask("SELECT i, a, \"order\", m FROM \"my sessions\""), "A1 /C/h/app 1 1800 ");
}

TEST_F(JdbcStoreOnAFile, IdsOverTheirTimeAreFoundWithoutReadingSessions) {
  make_table();
  const auto store = open(options());
  auto brief = session("brief", ""), forever = session("forever", ""), year = session("year", "");
  brief.head.max_inactive_interval = 60;
  forever.head.max_inactive_interval = -1;
  year.head.max_inactive_interval = 365 * 86400;
  for (const auto& s : {brief, forever, year}) ASSERT_TRUE(store->save(s, {}));
  const std::int64_t then = brief.head.last_accessed_time;
  EXPECT_TRUE(store->ids_over_time(then + 60'000)->empty());
  EXPECT_EQ(*store->ids_over_time(then + 60'001), std::vector<std::string>{"brief"});
  EXPECT_EQ(store->ids_over_time(then + 366LL * 86'400'000)->size(), 2U);
}

TEST_F(JdbcStoreOnAFile, WhatIsNoSessionIsAnErrorOfTheRow) {
  make_table();
  ask("INSERT INTO tomcat$sessions VALUES ('A1', '/C/h/app', 'rubbish', '1', 1800, 1)");
  ask("INSERT INTO tomcat$sessions VALUES ('A2', '/C/h/app', NULL, '1', 1800, 1)");
  const auto store = open(options());
  for (const auto* const id : {"A1", "A2"}) {
    const auto loaded = store->load(id);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Errc::kProtocol) << loaded.error().message;
  }
}

TEST_F(JdbcStoreOnAFile, ATableThatIsNotThereIsSaidWithTheStatementThatMakesIt) {
  auto other = options();
  other.table = "elsewhere";
  const auto store = open(other);
  const auto looked = store->look();
  ASSERT_FALSE(looked);
  EXPECT_EQ(looked.error().code, Errc::kIo);
  const std::string& said = looked.error().message;
  EXPECT_TRUE(said.starts_with("JDBCStore connectionURL [" + url() +
                               "]: sessionTable [elsewhere]: no such table: elsewhere. "))
      << said;
  const auto statement = said.find("CREATE TABLE");
  ASSERT_NE(statement, std::string::npos) << said;
  ask(said.substr(statement));
  EXPECT_TRUE(store->look());
  EXPECT_TRUE(store->save(session("A1", "here"), {}));
}

TEST_F(JdbcStoreOnAFile, NamesThatAreNoneAreRefusedWithTheirAttribute) {
  for (const char* const name :
       {"", "a b", "a;drop table b", "a--", "a'b", "1a", "\"", "\"\"", "\"a\"b", "\"a\"\"", "a.",
        ".a", "a.b.c.d", "a(b)", "a,b", "a.\"b\"c"}) {
    SCOPED_TRACE(name);
    auto bad = options();
    bad.table = name;
    const auto table = JdbcStore::check(bad);
    ASSERT_FALSE(table);
    EXPECT_TRUE(table.error().message.starts_with("sessionTable [" + std::string(name) + "]"));
    bad = options();
    bad.data_column = name;
    const auto column = JdbcStore::check(bad);
    ASSERT_FALSE(column);
    EXPECT_TRUE(column.error().message.starts_with("sessionDataCol [" + std::string(name) + "]"));
  }
  for (const char* const name :
       {"tomcat$sessions", "a.b", "a.b.c", "_a", "\"a b\"", "\"a\"\"b\"", "a.\"b\"", "größe"}) {
    SCOPED_TRACE(name);
    auto good = options();
    good.table = name;
    EXPECT_TRUE(JdbcStore::check(good));
  }
  auto dotted = options();
  dotted.id_column = "a.b";
  EXPECT_FALSE(JdbcStore::check(dotted));
  EXPECT_FALSE(JdbcStore::check({})) << "no connectionURL";
}

TEST_F(JdbcStoreOnAFile, ADataSourceThatNobodyHasIsNamed) {
  JdbcStore::Options options;
  options.data_source_name = "jdbc/none";
  JdbcStore store(options, "DataSourceStore");
  const auto opened = store.open({directory_.path(), "/C/h/app"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::kNotFound);
  EXPECT_TRUE(opened.error().message.starts_with("DataSourceStore: dataSourceName [jdbc/none]"))
      << opened.error().message;
}

TEST_F(JdbcStoreOnAFile, SeedRow038_SessionsOfOneManagerAreFoundByTheNext) {
  make_table();
  serval::test::ManualClock clock;
  test::TestOwner owner;
  owner.name.clear();  // ROOT
  auto first = start(owner, clock);
  const auto made = first->create_session();
  made->set_attribute("text", Value("kept"));
  first->stop();
  EXPECT_EQ(ask("SELECT app FROM tomcat$sessions"), "/Catalina/localhost/ ") << "as Tomcat's ROOT";
  auto second = start(owner, clock);
  const auto found = second->find_session(made->id());
  ASSERT_TRUE(found);
  EXPECT_EQ(*found->attribute("text").get_if<std::string>(), "kept");
  found->expire(true);
  EXPECT_EQ(ask("SELECT count(*) FROM tomcat$sessions"), "0 ");
  second->stop();
}

TEST_F(JdbcStoreOnAFile, ARowOverItsTimeEndsEvenIfItIsNoSession) {
  make_table();
  ask("INSERT INTO tomcat$sessions VALUES ('A1', '/Catalina/localhost/app', 'x', '1', 60, 1)");
  ask("INSERT INTO tomcat$sessions VALUES ('A2', '/Catalina/localhost/app', 'x', '1', -1, 1)");
  serval::test::ManualClock clock;
  test::TestOwner owner;
  const LogCapture log;
  const auto manager = start(owner, clock);
  manager->process_expires();
  EXPECT_EQ(ask("SELECT id FROM tomcat$sessions"), "A2 ");
  EXPECT_TRUE(log.contains("Session [A1] is over its time and cannot be read")) << log.text();
  manager->stop();
}

TEST_F(JdbcStoreOnAFile, ARowOverItsTimeEndsAloneIfItsSessionIsAnotherOneOrHasEnded) {
  make_table();
  const auto store = open(options(), "/Catalina/localhost/app");
  auto ended = session("ended", "");
  ended.head.is_valid = false;
  for (const auto& one : {session("here", ""), session("there", ""), ended})
    ASSERT_TRUE(store->save(one, {}));
  ask("INSERT INTO tomcat$sessions SELECT 'false', app, data, valid, maxinactive, lastaccess FROM "
      "tomcat$sessions WHERE id = 'here'");
  ask("UPDATE tomcat$sessions SET lastaccess = 9000000000000 WHERE id = 'there'");
  serval::test::ManualClock clock;
  clock.advance(std::chrono::hours(1));
  test::TestOwner owner;
  const LogCapture log;
  const auto manager = start(owner, clock);
  const auto in_use = manager->create_session("here");
  manager->process_expires();
  EXPECT_EQ(ask("SELECT id FROM tomcat$sessions ORDER BY id"), "here there ");
  EXPECT_EQ(manager->session("here"), in_use);
  EXPECT_TRUE(
      log.contains("Session [false] is over its time and cannot be read: it holds another "
                   "session. It is removed"))
      << log.text();
  EXPECT_EQ(owner.events, std::vector<std::string>{"created"}) << "nobody hears of the others";
  manager->stop();
}

TEST_F(JdbcStoreOnAFile, ADatabaseMayKeepItsTextsInAnotherEncoding) {
  ask("PRAGMA encoding = 'UTF-16'");
  make_table();
  const auto store = open(options());
  ASSERT_TRUE(store->save(session("A1", "here"), {}));
  EXPECT_EQ(*store->ids(), std::vector<std::string>{"A1"});
  EXPECT_EQ(text_of(store->load("A1")), "here");
}

TEST_F(JdbcStoreOnAFile, AManagerWhoseTableIsNotThereStartsAndSaysSo) {
  serval::test::ManualClock clock;
  test::TestOwner owner;
  const LogCapture log;
  const auto manager = start(owner, clock);
  EXPECT_TRUE(log.contains("JDBCStore fails: JDBCStore connectionURL [" + url() + "]"))
      << log.text();
  EXPECT_FALSE(manager->find_session("unknown"));
  manager->stop();
}

TEST(RegisteredStores, BothNamesMakeOneAndWhatIsWrongHasItsPlace) {
  Registries registries;
  register_managers(registries);
  for (const char* const name : {"JDBCStore", "DataSourceStore"}) {
    Diagnostics diagnostics(tomcat_names_9());
    Element e;
    e.name = "Store";
    e.path = "Context/Manager/Store";
    e.attributes = {{"className", std::string("org.apache.catalina.session.") + name},
                    {"connectionURL", "jdbc:sqlite::memory:"},
                    {"connectionPassword", "secret"},
                    {"sessionTable", "sessions"}};
    const auto made = registries.stores.create(e, diagnostics);
    ASSERT_TRUE(made);
    EXPECT_EQ((*made)->simple_name(), name);
    EXPECT_TRUE(diagnostics.entries().empty());
    e.attributes.back().value = "a b";
    EXPECT_FALSE(registries.stores.create(e, diagnostics));
    EXPECT_TRUE(diagnostics.has_errors());
  }
}

}  // namespace
}  // namespace serval::core
