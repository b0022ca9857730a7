#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "container/base/system_library.h"
#include "container/database/database.h"
#include "container/database/postgresql_options.h"

namespace serval::core {
namespace {

using Time = std::chrono::steady_clock::time_point;

/// What is used of libpq. Linked, it would bring fifteen libraries into every server.
struct Libpq {
  SystemLibrary library{"libpq.so.5", "PostgreSQL is reached with libpq (Debian package libpq5)"};
  decltype(&::PQconnectdbParams) connect = nullptr;
  decltype(&::PQfinish) finish = nullptr;
  decltype(&::PQstatus) status = nullptr;
  decltype(&::PQerrorMessage) error_message = nullptr;
  decltype(&::PQsocket) socket = nullptr;
  decltype(&::PQsetnonblocking) set_nonblocking = nullptr;
  decltype(&::PQsendQueryParams) send_query = nullptr;
  decltype(&::PQflush) flush = nullptr;
  decltype(&::PQconsumeInput) consume_input = nullptr;
  decltype(&::PQisBusy) is_busy = nullptr;
  decltype(&::PQgetResult) get_result = nullptr;
  decltype(&::PQclear) clear = nullptr;
  decltype(&::PQresultStatus) result_status = nullptr;
  decltype(&::PQresultErrorMessage) result_error_message = nullptr;
  decltype(&::PQresultErrorField) result_error_field = nullptr;
  decltype(&::PQntuples) row_count = nullptr;
  decltype(&::PQnfields) column_count = nullptr;
  decltype(&::PQgetvalue) cell = nullptr;
  decltype(&::PQgetlength) cell_length = nullptr;
  decltype(&::PQcmdTuples) changed = nullptr;

  Libpq() {
    library.find("PQconnectdbParams", connect);
    library.find("PQfinish", finish);
    library.find("PQstatus", status);
    library.find("PQerrorMessage", error_message);
    library.find("PQsocket", socket);
    library.find("PQsetnonblocking", set_nonblocking);
    library.find("PQsendQueryParams", send_query);
    library.find("PQflush", flush);
    library.find("PQconsumeInput", consume_input);
    library.find("PQisBusy", is_busy);
    library.find("PQgetResult", get_result);
    library.find("PQclear", clear);
    library.find("PQresultStatus", result_status);
    library.find("PQresultErrorMessage", result_error_message);
    library.find("PQresultErrorField", result_error_field);
    library.find("PQntuples", row_count);
    library.find("PQnfields", column_count);
    library.find("PQgetvalue", cell);
    library.find("PQgetlength", cell_length);
    library.find("PQcmdTuples", changed);
  }
};

const Libpq& pq() {
  static const Libpq libpq;
  return libpq;
}

struct Finish {
  void operator()(PGconn* connection) const { pq().finish(connection); }
};
using ConnectionPtr = std::unique_ptr<PGconn, Finish>;
struct Clear {
  void operator()(PGresult* result) const { pq().clear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

/// libpq's messages have several lines.
std::string one_line(std::string_view message) {
  while (message.ends_with('\n')) message.remove_suffix(1);
  std::string line(message);
  std::ranges::replace(line, '\n', ' ');
  std::ranges::replace(line, '\t', ' ');
  return line;
}

/// The values of a statement as libpq wants them.
class Values {
 public:
  explicit Values(std::initializer_list<SqlValue> values) {
    texts_.reserve(values.size());
    for (const SqlValue& value : values) add(value);
  }
  int count() const { return static_cast<int>(pointers_.size()); }
  const Oid* types() const { return types_.data(); }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }
  /// Not a text to the database.
  bool has_nul() const {
    return std::ranges::any_of(texts_, [](auto& t) { return t.find('\0') != std::string::npos; });
  }

 private:
  void add(const SqlValue& value) {
    constexpr Oid kUnknown = 0, kBytea = 17;
    if (const auto* const bytes = std::get_if<std::span<const std::uint8_t>>(&value)) {
      pointers_.push_back(reinterpret_cast<const char*>(bytes->data()));
      lengths_.push_back(static_cast<int>(bytes->size()));
      formats_.push_back(1);
      types_.push_back(kBytea);
      return;
    }
    const auto* const text = std::get_if<std::string_view>(&value);
    texts_.push_back(text ? std::string(*text) : std::to_string(std::get<std::int64_t>(value)));
    pointers_.push_back(texts_.back().c_str());
    lengths_.push_back(0);
    formats_.push_back(0);
    types_.push_back(kUnknown);
  }

  std::vector<std::string> texts_;
  std::vector<Oid> types_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_, formats_;
};

class PostgresqlConnection final : public SqlConnection {
 public:
  PostgresqlConnection(ConnectionPtr connection, std::chrono::milliseconds limit)
      : connection_(std::move(connection)), limit_(limit) {
    pq().set_nonblocking(connection_.get(), 1);  // so that no call waits for a socket
  }
  Result<SqlResult> execute(const std::string& statement,
                            std::initializer_list<SqlValue> values) override;
  bool is_lost() const override { return lost_; }

 private:
  Error lost(Errc code, std::string why) {
    lost_ = true;
    return {code, std::move(why)};
  }
  Error broken() { return lost(Errc::kIo, one_line(pq().error_message(connection_.get()))); }
  Result<> wait(short events, Time deadline);
  Result<> send(const std::string& statement, const Values& values, Time deadline);
  /// Null after the last one of a statement.
  Result<ResultPtr> next_result(Time deadline);
  Error refused(const PGresult& result);
  static SqlResult read(const PGresult& result);

  const ConnectionPtr connection_;
  const std::chrono::milliseconds limit_;
  bool lost_ = false;
};

Result<> PostgresqlConnection::wait(short events, Time deadline) {
  pollfd socket{pq().socket(connection_.get()), events, 0};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const int ready = ::poll(&socket, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready > 0) return {};
    if (ready == 0) {
      return lost(Errc::kTimeout, fmt::format("no answer within {} ms", limit_.count()));
    }
    if (errno != EINTR) return lost(Errc::kIo, "poll failed");
  }
}

Result<> PostgresqlConnection::send(const std::string& statement, const Values& values,
                                    Time deadline) {
  constexpr int kBinary = 1;
  if (!pq().send_query(connection_.get(), statement.c_str(), values.count(), values.types(),
                       values.pointers(), values.lengths(), values.formats(), kBinary)) {
    return broken();
  }
  while (true) {
    const int left = pq().flush(connection_.get());
    if (left == 0) return {};
    if (left < 0) return broken();
    if (auto done = wait(POLLIN | POLLOUT, deadline); !done) return done;
    if (!pq().consume_input(connection_.get())) return broken();
  }
}

Result<ResultPtr> PostgresqlConnection::next_result(Time deadline) {
  while (pq().is_busy(connection_.get())) {
    if (auto done = wait(POLLIN, deadline); !done) return std::move(done).error();
    if (!pq().consume_input(connection_.get())) return broken();
  }
  return ResultPtr(pq().get_result(connection_.get()));
}

/// By its class of SQLSTATE (PostgreSQL, appendix A): 22 and 23 are about the values; 08 and 57P
/// end the connection; 25006 says that the server may not write, so another one is to be found.
Error PostgresqlConnection::refused(const PGresult& result) {
  const char* const field = pq().result_error_field(&result, PG_DIAG_SQLSTATE);
  const std::string_view state = field ? field : "";
  const char* const primary = pq().result_error_field(&result, PG_DIAG_MESSAGE_PRIMARY);
  std::string message = one_line(primary ? primary : pq().result_error_message(&result));
  if (state.starts_with("22") || state.starts_with("23")) {
    return {Errc::kInvalidArgument, std::move(message)};
  }
  if (state.starts_with("08") || state.starts_with("57P") || state == "25006" ||
      pq().status(connection_.get()) != CONNECTION_OK) {
    lost_ = true;
  }
  return {Errc::kIo, std::move(message)};
}

SqlResult PostgresqlConnection::read(const PGresult& result) {
  SqlResult read;
  const int columns = pq().column_count(&result);
  for (int row = 0; row < pq().row_count(&result); ++row) {
    auto& cells = read.rows.emplace_back();
    for (int column = 0; column < columns; ++column) {
      cells.emplace_back(pq().cell(&result, row, column),
                         static_cast<std::size_t>(pq().cell_length(&result, row, column)));
    }
  }
  // An empty text for statements that change nothing.
  read.changed = std::atoll(pq().changed(const_cast<PGresult*>(&result)));
  return read;
}

Result<SqlResult> PostgresqlConnection::execute(const std::string& statement,
                                                std::initializer_list<SqlValue> list) {
  const Time deadline = std::chrono::steady_clock::now() + limit_;
  const Values values(list);
  if (values.has_nul()) return Error{Errc::kInvalidArgument, "a text holds a NUL"};
  if (auto sent = send(statement, values, deadline); !sent) return std::move(sent).error();
  std::optional<Result<SqlResult>> answer;
  while (true) {
    auto next = next_result(deadline);
    if (!next) return std::move(next).error();
    if (!*next) break;
    const ExecStatusType status = pq().result_status(next->get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      answer = read(**next);
    } else {
      answer = refused(**next);
      if (lost_) break;
    }
  }
  if (!answer) return broken();
  return *std::move(answer);
}

class PostgresqlDatabase final : public Database {
 public:
  explicit PostgresqlDatabase(PostgresqlOptions options) : options_(std::move(options)) {}

  Result<std::unique_ptr<SqlConnection>> connect() const override {
    std::vector<const char*> names, values;
    for (const auto& [name, value] : options_.keywords) {
      names.push_back(name.c_str());
      values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    constexpr int kDatabaseIsAName = 0;
    ConnectionPtr made(pq().connect(names.data(), values.data(), kDatabaseIsAName));
    if (!made) return Error{Errc::kIo, "cannot connect: no memory"};
    if (pq().status(made.get()) != CONNECTION_OK) {
      return Error{Errc::kIo,
                   fmt::format("cannot connect: {}", one_line(pq().error_message(made.get())))};
    }
    return std::make_unique<PostgresqlConnection>(std::move(made), options_.answer_limit);
  }

 private:
  const PostgresqlOptions options_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgresql(const DatabaseUrl& url,
                                                  const DatabaseUser& user) {
  auto options = postgresql_options(url, user);
  if (!options) return std::move(options).error();
  if (!pq().library.problem().empty()) return Error{Errc::kNotFound, pq().library.problem()};
  return std::make_unique<PostgresqlDatabase>(*std::move(options));
}

}  // namespace serval::core
