#include "container/database/database_url.h"

#include <gtest/gtest.h>

#include "container/database/postgresql_options.h"

namespace serval::core {
namespace {

std::string addresses_of(const DatabaseUrl& url) {
  std::string all;
  for (const auto& address : url.addresses) all += address.host + " " + address.port + ";";
  return all;
}

TEST(DatabaseUrl, PostgresqlInEveryFormOfPgJdbc) {
  struct Case {
    const char *url, *addresses, *database;
  };
  const Case cases[] = {
      {"jdbc:postgresql:sessions", "localhost 5432;", "sessions"},
      {"jdbc:postgresql:/", "localhost 5432;", ""},
      {"jdbc:postgresql://db/sessions", "db 5432;", "sessions"},
      {"jdbc:postgresql://db:5433/sessions", "db 5433;", "sessions"},
      {"jdbc:postgresql://db:5433/", "db 5433;", ""},
      {"jdbc:postgresql://db", "db 5432;", ""},
      {"jdbc:postgresql://db:/x", "db 5432;", "x"},
      {"jdbc:postgresql:///x", "localhost 5432;", "x"},
      {"jdbc:postgresql://[::1]:5433/x", "::1 5433;", "x"},
      {"jdbc:postgresql://[::1]/x", "::1 5432;", "x"},
      {"jdbc:postgresql://a:1,b,c:3/x", "a 1;b 5432;c 3;", "x"},
      {"jdbc:postgresql://db/my%20sessions?ssl=true", "db 5432;", "my sessions"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.url);
    const auto url = parse_database_url(c.url);
    ASSERT_TRUE(url);
    EXPECT_EQ(url->kind, DatabaseUrl::Kind::kPostgresql);
    EXPECT_EQ(addresses_of(*url), c.addresses);
    EXPECT_EQ(url->database, c.database);
  }
}

TEST(DatabaseUrl, SqliteIsAFile) {
  const auto url = parse_database_url("jdbc:sqlite:/var/lib/sessions.db?journal_mode=WAL");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->kind, DatabaseUrl::Kind::kSqlite);
  EXPECT_EQ(url->database, "/var/lib/sessions.db");
  ASSERT_TRUE(url->parameter("journal_mode"));
  EXPECT_EQ(*url->parameter("journal_mode"), "WAL");
  EXPECT_FALSE(url->parameter("synchronous"));
}

TEST(DatabaseUrl, ParametersAreDecodedAndNeverShown) {
  const auto url = parse_database_url("jdbc:postgresql://db/x?user=a&password=%26secret&user=b");
  ASSERT_TRUE(url);
  EXPECT_EQ(*url->parameter("password"), "&secret");
  EXPECT_EQ(*url->parameter("user"), "b") << "the last one counts";
  EXPECT_EQ(url->shown, "jdbc:postgresql://db/x");
}

TEST(DatabaseUrl, WhatIsNoUrlIsNamed) {
  using namespace std::string_view_literals;
  for (const auto text :
       {""sv, "sessions"sv, "jdbc:mysql://db/x?password=secret"sv, "postgresql://db/x"sv,
        "jdbc:postgresql://db:0/x"sv, "jdbc:postgresql://db:70000/x?password=secret"sv,
        "jdbc:postgresql://db:port/x"sv, "jdbc:postgresql://db/%zz"sv, "jdbc:sqlite:a\0b"sv}) {
    SCOPED_TRACE(text);
    const auto url = parse_database_url(text);
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().code, Errc::kInvalidArgument);
    EXPECT_TRUE(url.error().message.starts_with("it ")) << url.error().message;
    EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
  }
}

TEST(DatabaseUrl, AParameterThatIsBrokenIsNamed) {
  const auto url = parse_database_url("jdbc:postgresql://db/x?user=%2");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().message, "parameter [user] has a broken %xx");
}

/// The keyword's value, "-" without one.
std::string keyword(const PostgresqlOptions& options, std::string_view name) {
  for (const auto& [keyword, value] : options.keywords) {
    if (keyword == name) return value;
  }
  return "-";
}

PostgresqlOptions options_of(std::string_view parameters, const DatabaseUser& user = {}) {
  const auto url = parse_database_url("jdbc:postgresql://a:1,b/x?" + std::string(parameters));
  auto options = postgresql_options(*url, user);
  EXPECT_TRUE(options) << options.error().message;
  return options ? *options : PostgresqlOptions();
}

TEST(PostgresqlOptions, ParametersOfPgJdbcInTheWordsOfLibpq) {
  struct Case {
    const char *parameters, *keyword, *value;
  };
  const Case cases[] = {
      {"", "host", "a,b"},
      {"", "port", "1,5432"},
      {"", "dbname", "x"},
      {"", "connect_timeout", "5"},
      {"", "gssencmode", "disable"},
      {"", "application_name", "Serval"},
      {"", "sslmode", "-"},
      {"user=c", "user", "c"},
      {"ssl=true", "sslmode", "verify-full"},
      {"ssl=false", "sslmode", "-"},
      {"ssl=true&sslmode=require", "sslmode", "require"},
      {"sslmode=require&ssl=true", "sslmode", "require"},
      {"ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory", "sslmode", "require"},
      {"connectTimeout=3", "connect_timeout", "3"},
      {"loginTimeout=4", "connect_timeout", "4"},
      {"connectTimeout=0", "connect_timeout", "5"},
      {"targetServerType=master", "target_session_attrs", "primary"},
      {"targetServerType=preferSecondary", "target_session_attrs", "prefer-standby"},
      {"ApplicationName=shop", "application_name", "shop"},
      {"tcpKeepAlive=true", "keepalives", "1"},
      {"currentSchema=a%20b&options=-c%20geqo=off", "options", "-c search_path=a\\ b -c geqo=off"},
      {"prepareThreshold=0", "prepareThreshold", "-"},
      {"host=c", "host", "a,b"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.parameters);
    EXPECT_EQ(keyword(options_of(c.parameters), c.keyword), c.value);
  }
}

TEST(PostgresqlOptions, TheUserOfTheUrlCountsMoreThanThatOfTheAttributes) {
  EXPECT_EQ(keyword(options_of("", {"ann", "pw"}), "user"), "ann");
  EXPECT_EQ(keyword(options_of("", {"ann", "pw"}), "password"), "pw");
  EXPECT_EQ(keyword(options_of("user=bob", {"ann", "pw"}), "user"), "bob");
}

TEST(PostgresqlOptions, AnAnswerTakesTenSecondsUnlessSocketTimeoutSaysOtherwise) {
  using std::chrono::seconds;
  EXPECT_EQ(options_of("").answer_limit, seconds(10));
  EXPECT_EQ(options_of("socketTimeout=0").answer_limit, seconds(10));
  EXPECT_EQ(options_of("socketTimeout=2").answer_limit, seconds(2));
}

TEST(PostgresqlOptions, AValueThatDoesNotFitIsNamed) {
  for (const auto* const bad : {"connectTimeout=soon", "socketTimeout=-1", "targetServerType=x"}) {
    SCOPED_TRACE(bad);
    const auto url = parse_database_url(std::string("jdbc:postgresql:x?") + bad);
    const auto options = postgresql_options(*url, {});
    ASSERT_FALSE(options);
    const std::string_view name = std::string_view(bad).substr(0, 10);
    EXPECT_NE(options.error().message.find(name), std::string::npos) << options.error().message;
  }
}

}  // namespace
}  // namespace serval::core
