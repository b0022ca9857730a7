// container/database/database.h
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "container/base/result.h"
#include "container/database/database_url.h"

namespace serval::core {

/// What stands for `$1`, `$2` … in a statement: a number, a text or bytes. Not owned.
using SqlValue = std::variant<std::int64_t, std::string_view, std::span<const std::uint8_t>>;

struct SqlResult {
  std::vector<std::vector<std::string>> rows;  // bytes of each cell; null is empty
  std::int64_t changed = 0;                    // rows of an INSERT, UPDATE or DELETE
};

/// One connection to a database.
///
/// Blocks: every call, for a limited time. Threads: one at a time.
class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  /// Runs one statement; values are numbered in the order in which they first stand there. Errors:
  /// kInvalidArgument when the database refuses these values (too long, already there); kTimeout;
  /// kIo for everything else.
  virtual Result<SqlResult> execute(const std::string& statement,
                                    std::initializer_list<SqlValue> values) = 0;
  /// It is of no use any more; another one may be.
  virtual bool is_lost() const = 0;
};

/// A database that connections can be made to.
///
/// Threads: any.
class Database {
 public:
  virtual ~Database() = default;
  /// Blocks. Errors: kIo.
  virtual Result<std::unique_ptr<SqlConnection>> connect() const = 0;
};

/// Of a URL that has no parameter for them.
struct DatabaseUser {
  std::string name, password;  // empty: not said
};

// Each loads its library when it is called for the first time. Errors: kNotFound when the library
// is not installed; kInvalidArgument for a parameter of the URL.

/// With pgJDBC's parameters in the URL as far as libpq has them too: time limits, TLS, schema,
/// kind of server.
Result<std::unique_ptr<Database>> open_postgresql(const DatabaseUrl& url, const DatabaseUser& user);
Result<std::unique_ptr<Database>> open_sqlite(const DatabaseUrl& url);

}  // namespace serval::core
