// Data sources on SQLite files.
#include "container/database/data_source.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "container/config/tomcat_names.h"
#include "container/database/data_sources.h"
#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;

/// A file with a table "t" of one column.
class DataSourceOfAFile : public ::testing::Test {
 protected:
  std::string url() const { return "jdbc:sqlite:" + (directory_ / "x.db").string(); }
  static Result<> execute(DataSource& source, const std::string& statement) {
    return source.run([&](SqlConnection& connection) -> Result<> {
      auto done = connection.execute(statement, {});
      if (!done) return std::move(done).error();
      return {};
    });
  }
  serval::test::TempDir directory_;
};

TEST_F(DataSourceOfAFile, RunsStatementsWithValuesOfEveryKind) {
  DataSource source({.url = url()}, "Resource [x] url");
  ASSERT_TRUE(execute(source, "CREATE TABLE t (n integer, s text, b blob)"));
  const std::vector<std::uint8_t> bytes{0, 1, 255};
  SqlResult read;
  const auto done = source.run([&](SqlConnection& connection) -> Result<> {
    auto written = connection.execute("INSERT INTO t VALUES ($1, $2, $3)",
                                      {std::int64_t{1} << 40, "it's", bytes});
    if (!written) return std::move(written).error();
    EXPECT_EQ(written->changed, 1);
    auto rows = connection.execute("SELECT n, s, b, NULL FROM t WHERE s = $1", {"it's"});
    if (!rows) return std::move(rows).error();
    read = *std::move(rows);
    return {};
  });
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(read.rows.size(), 1U);
  EXPECT_EQ(read.rows[0],
            (std::vector<std::string>{"1099511627776", "it's", std::string("\0\1\xff", 3), ""}));
}

TEST_F(DataSourceOfAFile, AStatementThatIsWrongIsAnErrorWithTheUrl) {
  DataSource source({.url = url() + "?synchronous=OFF"}, "Resource [x] url");
  const auto done = execute(source, "SELECT * FROM nowhere");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::kIo);
  EXPECT_EQ(done.error().message, "Resource [x] url [" + url() + "]: no such table: nowhere");
}

TEST_F(DataSourceOfAFile, WhatTheTableDoesNotTakeSaysNothingOfTheDatabase) {
  DataSource source({.url = url()}, "x");
  ASSERT_TRUE(execute(source, "CREATE TABLE t (n integer NOT NULL)"));
  const auto done = execute(source, "INSERT INTO t VALUES (NULL)");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::kInvalidArgument);
}

TEST_F(DataSourceOfAFile, ALostConnectionIsMadeAgain) {
  DataSource source({.url = url()}, "x");
  ASSERT_TRUE(execute(source, "CREATE TABLE t (n integer)"));
  fs::remove(directory_ / "x.db");
  EXPECT_TRUE(execute(source, "CREATE TABLE u (n integer)"));
  EXPECT_TRUE(fs::exists(directory_ / "x.db")) << "the old file is not written any more";
}

TEST_F(DataSourceOfAFile, AFileThatCannotBeOpenedIsNamedAndTriedAgain) {
  DataSource source({.url = "jdbc:sqlite:" + (directory_ / "none/x.db").string()}, "x");
  ASSERT_TRUE(source.open()) << "it may come";
  const auto done = execute(source, "SELECT 1");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::kIo);
  EXPECT_NE(done.error().message.find("none/x.db"), std::string::npos) << done.error().message;
  fs::create_directory(directory_ / "none");
  EXPECT_TRUE(execute(source, "SELECT 1"));
}

TEST_F(DataSourceOfAFile, ConnectionsAreKeptAndLimited) {
  using std::chrono::milliseconds;
  DataSource source({.url = url(), .max_total = 2, .max_wait = milliseconds(1)}, "x");
  std::set<SqlConnection*> seen;
  const auto third = [&](SqlConnection&) -> Result<> { return {}; };
  const auto second = [&](SqlConnection& connection) -> Result<> {
    seen.insert(&connection);
    return source.run(third);
  };
  const auto first = [&](SqlConnection& connection) -> Result<> {
    seen.insert(&connection);
    return source.run(second);
  };
  for (int i = 0; i < 3; ++i) {
    const auto done = source.run(first);
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find("all 2 connections"), std::string::npos);
  }
  EXPECT_EQ(seen.size(), 2U);
}

TEST_F(DataSourceOfAFile, ThreadsShareConnections) {
  DataSource source({.url = url() + "?journal_mode=WAL&synchronous=OFF", .max_total = 3}, "x");
  ASSERT_TRUE(execute(source, "CREATE TABLE t (n integer)"));
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        if (!execute(source, "INSERT INTO t VALUES (1)")) ++failed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  std::string count;
  EXPECT_TRUE(source.run([&](SqlConnection& connection) -> Result<> {
    const auto all = connection.execute("SELECT count(*) FROM t", {});
    if (!all) return all.error();
    count = all->rows.at(0).at(0);
    return {};
  }));
  EXPECT_EQ(count, "120");
}

TEST_F(DataSourceOfAFile, TheValidationQueryIsAskedOfANewConnection) {
  DataSource good({.url = url(), .validation_query = "SELECT 1"}, "x");
  EXPECT_TRUE(execute(good, "SELECT 1"));
  DataSource bad({.url = url(), .validation_query = "SELECT nothing"}, "x");
  const auto done = execute(bad, "SELECT 1");
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("validationQuery [SELECT nothing]"), std::string::npos);
}

TEST_F(DataSourceOfAFile, SettingsThatCannotBeUsedAreNamed) {
  struct Case {
    DataSource::Options options;
    const char* said;
  };
  const Case cases[] = {
      {{.driver_name = "com.mysql.jdbc.Driver", .url = url()}, "[com.mysql.jdbc.Driver]"},
      {{.driver_name = "org.postgresql.Driver", .url = url()}, "[org.sqlite.JDBC]"},
      {{.url = "jdbc:mysql:x"}, "url [jdbc:mysql:x]"},
      {{.url = url() + "?busy_timeout=soon"}, "busy_timeout [soon]"},
      {{.url = url(), .connection_properties = "journal_mode=a;drop"}, ""},
      {{.url = url() + "?journal_mode=a;drop"}, "journal_mode [a;drop]"},
      {{.url = "jdbc:postgresql:x?connectTimeout=soon"}, "connectTimeout [soon]"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.said);
    DataSource source(c.options, "Resource [x] url");
    const auto done = source.open();
    if (std::string_view(c.said).empty()) {
      EXPECT_TRUE(done);
      continue;
    }
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::kInvalidArgument);
    EXPECT_NE(done.error().message.find(c.said), std::string::npos) << done.error().message;
  }
}

Element element(std::string name, std::vector<Element::Attribute> attributes) {
  Element e;
  e.name = std::move(name);
  e.attributes = std::move(attributes);
  return e;
}

TEST(DataSources, AnApplicationFindsItsOwnThoseItLinksToAndGlobalOnes) {
  Diagnostics diagnostics(tomcat_names_9());
  const std::string type = "javax.sql.DataSource";
  DataSources global;
  global.read(element("Resource", {{"name", "jdbc/all"}, {"type", type}}), diagnostics);
  global.read(element("Resource", {{"name", "mail"}, {"type", "javax.mail.Session"}}), diagnostics);
  DataSources own(&global);
  own.read(element("Resource", {{"name", "jdbc/own"}, {"type", type}, {"whatever", "1"}}),
           diagnostics);
  own.read(element("ResourceLink", {{"name", "jdbc/link"}, {"global", "jdbc/all"}, {"type", type}}),
           diagnostics);
  own.read(element("ResourceLink", {{"name", "jdbc/bad"}, {"global", "none"}, {"type", type}}),
           diagnostics);

  EXPECT_TRUE(own.find("jdbc/own", true));
  EXPECT_EQ(own.find("jdbc/link", true), global.find("jdbc/all", false));
  EXPECT_EQ(own.find("jdbc/all", false), global.find("jdbc/all", false));
  EXPECT_FALSE(own.find("jdbc/all", true)) << "only what the application has";
  EXPECT_FALSE(own.find("jdbc/bad", false));
  EXPECT_FALSE(own.find("mail", false));
  EXPECT_TRUE(diagnostics.entries().empty());
}

}  // namespace
}  // namespace serval::core
