// container/database/database_url.h
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/result.h"

namespace serval::core {

/// "jdbc:postgresql://host:port,host:port/database?name=value&…", or "jdbc:sqlite:FILE?name=value".
///
/// Source: the documentation of pgJDBC and of Xerial's SQLite JDBC.
struct DatabaseUrl {
  enum class Kind { kPostgresql, kSqlite };
  struct Address {
    std::string host, port;
  };
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  Kind kind = Kind::kPostgresql;
  std::vector<Address> addresses;  // PostgreSQL; they are tried in this order
  std::string database;            // PostgreSQL: empty is that of the user's name. SQLite: the file
  Parameters parameters;           // as written, decoded
  std::string shown;               // for messages: without parameters, which may hold a password

  /// The last one of this name, or null.
  const std::string* parameter(std::string_view name) const;
};

/// Errors: kInvalidArgument; the caller names the URL (shown_url()).
Result<DatabaseUrl> parse_database_url(std::string_view text);

/// The part of a URL that may stand in a log.
std::string_view shown_url(std::string_view text);

/// "name=value" pairs between separators, decoded. Errors: kInvalidArgument.
Result<DatabaseUrl::Parameters> parse_parameters(std::string_view text, char separator);

}  // namespace serval::core
