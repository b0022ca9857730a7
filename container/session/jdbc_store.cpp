#include "container/session/jdbc_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "container/base/log.h"
#include "container/database/data_sources.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.session.JDBCStore"};

/// A name as it may stand in a statement: letters, digits, _ and $, or anything in double quotes.
/// Takes it from the text.
bool take_name(std::string_view& text) {
  if (text.starts_with('"')) {
    std::size_t end = 1;
    while (end < text.size() && (text[end] != '"' || text.substr(end).starts_with("\"\""))) {
      if (text[end] == '\0') return false;
      end += text[end] == '"' ? 2 : 1;
    }
    if (end >= text.size() || end == 1) return false;
    text.remove_prefix(end + 1);
    return true;
  }
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
  };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '$'; };
  if (text.empty() || !is_letter(text.front())) return false;
  text.remove_prefix(
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_inner) - text.begin()));
  return true;
}

/// `parts`: names with dots between them, at most so many.
bool is_name(std::string_view text, int parts) {
  while (take_name(text)) {
    if (text.empty()) return true;
    if (--parts == 0 || !text.starts_with('.')) return false;
    text.remove_prefix(1);
  }
  return false;
}

struct NameRow {
  std::string_view attribute;
  std::string JdbcStore::Options::*field;
};
constexpr int kTableParts = 3;  // database.schema.table

}  // namespace

std::span<const Attribute<JdbcStore::Options>> JdbcStore::attributes() {
  static const std::array table{
      attribute("driverName", &Options::driver_name,
                "org.postgresql.Driver or org.sqlite.JDBC; else the URL decides"),
      attribute("connectionURL", &Options::connection_url,
                "jdbc:postgresql://host:port/database or jdbc:sqlite:FILE"),
      attribute("connectionName", &Options::connection_name, "whom the database knows"),
      secret(attribute("connectionPassword", &Options::connection_password, "of the user")),
      attribute("dataSourceName", &Options::data_source_name,
                "name of a <Resource> or <ResourceLink>, instead of the four above"),
      attribute("localDataSource", &Options::local_data_source,
                "only those of the application, no global one"),
      attribute("sessionTable", &Options::table, "table of the sessions"),
      attribute("sessionAppCol", &Options::app_column, "column: /Engine/Host/Context, a text"),
      attribute("sessionIdCol", &Options::id_column, "column: id of the session, a text"),
      attribute("sessionDataCol", &Options::data_column, "column: the session, bytea or blob"),
      attribute("sessionValidCol", &Options::valid_column, "column: 1 or 0, one character"),
      attribute("sessionMaxInactiveCol", &Options::max_inactive_column,
                "column: seconds, a number"),
      attribute("sessionLastAccessedCol", &Options::last_accessed_column,
                "column: ms since 1970, a number of 64 bits"),
  };
  return table;
}

Result<> JdbcStore::check(const Options& options) {
  if (options.connection_url.empty() && options.data_source_name.empty()) {
    return Error{Errc::kInvalidArgument, "needs connectionURL or dataSourceName"};
  }
  if (!is_name(options.table, kTableParts)) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("sessionTable [{}] is no name of a table: letters, digits, _ and $, "
                             "after a schema's name and a dot if need be; or in double quotes",
                             options.table)};
  }
  for (const NameRow& row : {NameRow{"sessionAppCol", &Options::app_column},
                             {"sessionIdCol", &Options::id_column},
                             {"sessionDataCol", &Options::data_column},
                             {"sessionValidCol", &Options::valid_column},
                             {"sessionMaxInactiveCol", &Options::max_inactive_column},
                             {"sessionLastAccessedCol", &Options::last_accessed_column}}) {
    if (is_name(options.*row.field, 1)) continue;
    return Error{Errc::kInvalidArgument,
                 fmt::format("{} [{}] is no name of a column: letters, digits, _ and $; or in "
                             "double quotes",
                             row.attribute, options.*row.field)};
  }
  return {};
}

JdbcStore::JdbcStore(Options options, std::string_view simple_name)
    : options_(std::move(options)),
      simple_name_(simple_name),
      condition_(fmt::format("{} = $1", options_.app_column)) {}

Result<std::shared_ptr<DataSource>> JdbcStore::find_source(const StorePlace& place) const {
  const Options& o = options_;
  if (!o.data_source_name.empty()) {
    auto found = place.data_sources
                     ? place.data_sources->find(o.data_source_name, o.local_data_source)
                     : nullptr;
    if (found) return found;
    const auto why = fmt::format(
        "{}: dataSourceName [{}] is no <Resource type=\"javax.sql.DataSource\"> and no "
        "<ResourceLink> to one that {} has",
        simple_name_, o.data_source_name,
        o.local_data_source ? "the application" : "the application or the server");
    if (o.connection_url.empty()) return Error{Errc::kNotFound, why};
    kLog.warn("{}; connectionURL is used", why);
  }
  constexpr int kOneAsInTomcat = 1;
  DataSource::Options options{.driver_name = o.driver_name,
                              .url = o.connection_url,
                              .user = o.connection_name,
                              .password = o.connection_password,
                              .max_total = kOneAsInTomcat};
  return std::make_shared<DataSource>(std::move(options),
                                      fmt::format("{} connectionURL", simple_name_));
}

Result<> JdbcStore::open(const StorePlace& place) {
  app_ = place.name;
  auto source = find_source(place);
  if (!source) return std::move(source).error();
  source_ = *std::move(source);
  return source_->open();
}

void JdbcStore::close() {
  if (source_) source_->close_idle();
}

Result<SqlResult> JdbcStore::ask(const std::string& statement,
                                 std::initializer_list<SqlValue> values) {
  SqlResult answer;
  const auto done = source_->run([&](SqlConnection& connection) -> Result<> {
    auto result = connection.execute(statement, values);
    if (!result) {
      return Error{result.error().code,
                   fmt::format("sessionTable [{}]: {}", options_.table, result.error().message)};
    }
    answer = *std::move(result);
    return {};
  });
  if (!done) return done.error();
  return answer;
}

Result<> JdbcStore::look() {
  const Options& o = options_;
  const auto columns = fmt::format("SELECT {}, {}, {}, {}, {}, {} FROM {} WHERE 1 = 0", o.id_column,
                                   o.app_column, o.data_column, o.valid_column,
                                   o.max_inactive_column, o.last_accessed_column, o.table);
  return source_->run([&](SqlConnection& connection) -> Result<> {
    const auto all = connection.execute(columns, {});
    if (all) return {};
    return Error{
        all.error().code,
        fmt::format("sessionTable [{}]: {}. A table for these attributes: CREATE TABLE {} "
                    "({} varchar(100) NOT NULL PRIMARY KEY, {} varchar(255), {} bytea, {} "
                    "char(1) NOT NULL, {} int NOT NULL, {} bigint NOT NULL)",
                    o.table, all.error().message, o.table, o.id_column, o.app_column, o.data_column,
                    o.valid_column, o.max_inactive_column, o.last_accessed_column)};
  });
}

namespace {

/// Of each row.
Result<std::vector<std::string>> first_cells(Result<SqlResult> answer) {
  if (!answer) return std::move(answer).error();
  std::vector<std::string> cells;
  for (auto& row : answer->rows) cells.push_back(std::move(row.front()));
  return cells;
}

}  // namespace

Result<std::vector<std::string>> JdbcStore::ids() {
  return first_cells(
      ask(fmt::format("SELECT {} FROM {} WHERE {}", options_.id_column, options_.table, condition_),
          {app_}));
}

Result<std::vector<std::string>> JdbcStore::ids_over_time(std::int64_t now) {
  // As a 64-bit number: Tomcat's statement fails for sessions that live longer than 24 days.
  return first_cells(ask(
      fmt::format("SELECT {} FROM {} WHERE {} AND {} > 0 AND {} + CAST({} AS bigint) * 1000 < $2",
                  options_.id_column, options_.table, condition_, options_.max_inactive_column,
                  options_.last_accessed_column, options_.max_inactive_column),
      {app_, now}));
}

Result<std::optional<StoredSession>> JdbcStore::load(std::string_view id) {
  auto rows =
      first_cells(ask(fmt::format("SELECT {} FROM {} WHERE {} AND {} = $2", options_.data_column,
                                  options_.table, condition_, options_.id_column),
                      {app_, id}));
  // A client may send any id: one that the database does not take is none of its sessions.
  if (!rows && rows.error().code == Errc::kInvalidArgument) return std::optional<StoredSession>();
  if (!rows) return std::move(rows).error();
  if (rows->empty()) return std::optional<StoredSession>();
  const std::string& data = rows->front();
  auto session =
      decode_stored_session({reinterpret_cast<const std::uint8_t*>(data.data()), data.size()});
  if (!session) {
    return Error{session.error().code,
                 fmt::format("sessionTable [{}], {} bytes: {}", options_.table, data.size(),
                             session.error().message)};
  }
  return std::optional(*std::move(session));
}

Result<> JdbcStore::save(const StoredSession& session, const LeftOut& left_out) {
  const Options& o = options_;
  const StoredSession::Head& head = session.head;
  const Bytes data = encode_stored_session(session, left_out);
  const std::initializer_list<SqlValue> values{data,
                                               head.is_valid ? "1" : "0",
                                               std::int64_t{head.max_inactive_interval},
                                               head.last_accessed_time,
                                               app_,
                                               head.id};
  const auto update =
      fmt::format("UPDATE {} SET {} = $1, {} = $2, {} = $3, {} = $4 WHERE {} = $5 AND {} = $6",
                  o.table, o.data_column, o.valid_column, o.max_inactive_column,
                  o.last_accessed_column, o.app_column, o.id_column);
  auto updated = ask(update, values);
  if (!updated) return std::move(updated).error();
  if (updated->changed > 0) return {};
  auto inserted =
      ask(fmt::format("INSERT INTO {} ({}, {}, {}, {}, {}, {}) VALUES ($1, $2, $3, $4, $5, $6)",
                      o.table, o.data_column, o.valid_column, o.max_inactive_column,
                      o.last_accessed_column, o.app_column, o.id_column),
          values);
  if (inserted) return {};
  // Another node was quicker, if the row is there now.
  updated = ask(update, values);
  if (updated && updated->changed > 0) return {};
  return std::move(inserted).error();
}

Result<> JdbcStore::remove(std::string_view id) {
  auto done = ask(fmt::format("DELETE FROM {} WHERE {} AND {} = $2", options_.table, condition_,
                              options_.id_column),
                  {app_, id});
  if (!done) return std::move(done).error();
  return {};
}

}  // namespace serval::core
