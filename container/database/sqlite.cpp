#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <charconv>

#include "container/base/ascii.h"
#include "container/base/log.h"
#include "container/base/system_library.h"
#include "container/database/database.h"

namespace serval::core {
namespace {

const Log kLog{"serval.database.SQLite"};

/// What is used of SQLite, which no server carries that does not need it.
struct Sqlite {
  SystemLibrary library{"libsqlite3.so.0",
                        "SQLite is reached with libsqlite3 (Debian package libsqlite3-0)"};
  decltype(&::sqlite3_open_v2) open = nullptr;
  decltype(&::sqlite3_close_v2) close = nullptr;
  decltype(&::sqlite3_errmsg) error_message = nullptr;
  decltype(&::sqlite3_busy_timeout) busy_timeout = nullptr;
  decltype(&::sqlite3_prepare_v2) prepare = nullptr;
  decltype(&::sqlite3_step) step = nullptr;
  decltype(&::sqlite3_finalize) finalize = nullptr;
  decltype(&::sqlite3_changes) changes = nullptr;
  decltype(&::sqlite3_bind_int64) bind_number = nullptr;
  decltype(&::sqlite3_bind_text) bind_text = nullptr;
  decltype(&::sqlite3_bind_blob) bind_bytes = nullptr;
  decltype(&::sqlite3_column_count) column_count = nullptr;
  decltype(&::sqlite3_column_type) cell_type = nullptr;
  decltype(&::sqlite3_column_blob) cell = nullptr;
  decltype(&::sqlite3_column_text) cell_text = nullptr;
  decltype(&::sqlite3_column_bytes) cell_length = nullptr;

  Sqlite() {
    library.find("sqlite3_open_v2", open);
    library.find("sqlite3_close_v2", close);
    library.find("sqlite3_errmsg", error_message);
    library.find("sqlite3_busy_timeout", busy_timeout);
    library.find("sqlite3_prepare_v2", prepare);
    library.find("sqlite3_step", step);
    library.find("sqlite3_finalize", finalize);
    library.find("sqlite3_changes", changes);
    library.find("sqlite3_bind_int64", bind_number);
    library.find("sqlite3_bind_text", bind_text);
    library.find("sqlite3_bind_blob", bind_bytes);
    library.find("sqlite3_column_count", column_count);
    library.find("sqlite3_column_type", cell_type);
    library.find("sqlite3_column_blob", cell);
    library.find("sqlite3_column_text", cell_text);
    library.find("sqlite3_column_bytes", cell_length);
  }
};

const Sqlite& lite() {
  static const Sqlite sqlite;
  return sqlite;
}

struct Close {
  void operator()(sqlite3* connection) const { lite().close(connection); }
};
using ConnectionPtr = std::unique_ptr<sqlite3, Close>;
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { lite().finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, Finalize>;

class SqliteConnection final : public SqlConnection {
 public:
  explicit SqliteConnection(ConnectionPtr connection) : connection_(std::move(connection)) {}

  Result<SqlResult> execute(const std::string& text,
                            std::initializer_list<SqlValue> values) override {
    sqlite3_stmt* made = nullptr;
    if (const int code = lite().prepare(connection_.get(), text.c_str(), -1, &made, nullptr);
        code != SQLITE_OK) {
      return failed(code);
    }
    const StatementPtr statement(made);
    int number = 0;
    for (const SqlValue& value : values) {
      if (const int code = bind(made, ++number, value); code != SQLITE_OK) return failed(code);
    }
    SqlResult result;
    int code = SQLITE_OK;
    while ((code = lite().step(made)) == SQLITE_ROW) result.rows.push_back(row(made));
    if (code != SQLITE_DONE) return failed(code);
    result.changed = lite().changes(connection_.get());
    return result;
  }
  bool is_lost() const override { return lost_; }

 private:
  static int bind(sqlite3_stmt* statement, int number, const SqlValue& value) {
    // The statement is gone before its values are.
    if (const auto* const text = std::get_if<std::string_view>(&value)) {
      return lite().bind_text(statement, number, text->data(), static_cast<int>(text->size()),
                              SQLITE_STATIC);
    }
    if (const auto* const bytes = std::get_if<std::span<const std::uint8_t>>(&value)) {
      return lite().bind_bytes(statement, number, bytes->data(), static_cast<int>(bytes->size()),
                               SQLITE_STATIC);
    }
    return lite().bind_number(statement, number, std::get<std::int64_t>(value));
  }
  static std::vector<std::string> row(sqlite3_stmt* statement) {
    std::vector<std::string> cells;
    for (int column = 0; column < lite().column_count(statement); ++column) {
      // A database may keep its texts in UTF-16.
      const bool is_blob = lite().cell_type(statement, column) == SQLITE_BLOB;
      const auto* const bytes = static_cast<const char*>(
          is_blob ? lite().cell(statement, column) : lite().cell_text(statement, column));
      const auto length = static_cast<std::size_t>(lite().cell_length(statement, column));
      cells.emplace_back(bytes ? std::string(bytes, length) : std::string());
    }
    return cells;
  }
  Error failed(int code) {
    constexpr int kPrimary = 0xff;
    switch (code & kPrimary) {
      case SQLITE_CONSTRAINT:
      case SQLITE_TOOBIG:
      case SQLITE_MISMATCH:
        return {Errc::kInvalidArgument, lite().error_message(connection_.get())};
      case SQLITE_IOERR:
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
      case SQLITE_CANTOPEN:
      case SQLITE_READONLY:  // also when the file was replaced
        lost_ = true;
        break;
      default:
        break;
    }
    return {Errc::kIo, lite().error_message(connection_.get())};
  }

  const ConnectionPtr connection_;
  bool lost_ = false;
};

struct SqliteOptions {
  std::string file;
  int busy_ms = 3000;
  std::vector<std::string> pragmas{};
};

/// Xerial's parameters, as far as they matter to several writers of one file.
Result<SqliteOptions> sqlite_options(const DatabaseUrl& url) {
  SqliteOptions options{.file = url.database};
  for (const auto& [name, value] : url.parameters) {
    const Error bad{Errc::kInvalidArgument,
                    fmt::format("parameter {} [{}] cannot be used", name, value)};
    if (name == "busy_timeout") {
      const auto [end, problem] =
          std::from_chars(value.data(), value.data() + value.size(), options.busy_ms);
      if (problem != std::errc() || end != value.data() + value.size()) return bad;
    } else if (name == "journal_mode" || name == "synchronous") {
      const auto is_plain = [](char c) {
        return (lower_case(c) >= 'a' && lower_case(c) <= 'z') || (c >= '0' && c <= '9');
      };
      if (value.empty() || !std::ranges::all_of(value, is_plain)) return bad;
      options.pragmas.push_back(fmt::format("PRAGMA {} = {}", name, value));
    } else {
      kLog.info("[{}]: the parameter [{}] is not used", url.shown, name);
    }
  }
  return options;
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(SqliteOptions options) : options_(std::move(options)) {}

  Result<std::unique_ptr<SqlConnection>> connect() const override {
    sqlite3* opened = nullptr;
    const int code =
        lite().open(options_.file.c_str(), &opened,
                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, nullptr);
    ConnectionPtr made(opened);
    if (code != SQLITE_OK) {
      return Error{Errc::kIo, fmt::format("cannot open: {}",
                                          opened ? lite().error_message(opened) : "no memory")};
    }
    lite().busy_timeout(opened, options_.busy_ms);
    auto connection = std::make_unique<SqliteConnection>(std::move(made));
    for (const std::string& pragma : options_.pragmas) {
      if (auto done = connection->execute(pragma, {}); !done) return std::move(done).error();
    }
    return connection;
  }

 private:
  const SqliteOptions options_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const DatabaseUrl& url) {
  auto options = sqlite_options(url);
  if (!options) return std::move(options).error();
  if (!lite().library.problem().empty()) return Error{Errc::kNotFound, lite().library.problem()};
  return std::make_unique<SqliteDatabase>(*std::move(options));
}

}  // namespace serval::core
