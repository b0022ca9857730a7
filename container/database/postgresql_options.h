// container/database/postgresql_options.h
#pragma once
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "container/database/database.h"

namespace serval::core {

/// What libpq is told of a connection.
struct PostgresqlOptions {
  std::vector<std::pair<std::string, std::string>> keywords;  // libpq's names
  std::chrono::milliseconds answer_limit{10'000};             // of one statement
};

/// pgJDBC's parameters in libpq's words. What libpq has no word for is logged and left out.
/// Defaults besides libpq's: connectTimeout 5 s for each address, socketTimeout 10 s (a 0, without
/// end in pgJDBC, means these too), no GSS encryption. Errors: kInvalidArgument.
Result<PostgresqlOptions> postgresql_options(const DatabaseUrl& url, const DatabaseUser& user);

}  // namespace serval::core
