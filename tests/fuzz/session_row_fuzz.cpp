// Any cells in a table of sessions: a store lists and reads them, a manager takes, keeps and ends
// what they hold. The bytes of an input are the first row's session; what else there is in a row
// comes from its end.
#include <fmt/format.h>
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <limits>

#include "container/session/jdbc_store.h"
#include "container/session/persistent_manager.h"
#include "tests/support/no_log.h"
#include "tests/unit/container/session/test_owner.h"

namespace serval::core {
namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

const std::string kApplication = "/Catalina/localhost/app";

/// A table without conditions, so that it takes every cell, with a store and a manager of it.
struct Table {
  Table(const std::string& encoding, const std::array<std::string, 6>& types,
        std::chrono::hours later)
      : database({.url = url()}, "fuzz") {
    const auto& [id, app, data, valid, interval, last] = types;
    ask("PRAGMA encoding = '" + encoding + "'");
    ask(
        fmt::format("CREATE TABLE tomcat$sessions (id {}, app {}, data {}, valid {}, "
                    "maxinactive {}, lastaccess {})",
                    id, app, data, valid, interval, last));
    store = open();
    expect(store->open({directory.path(), kApplication}).has_value());
    expect(store->look().has_value());
    PersistentManager::Options options;
    options.persist_authentication = true;
    manager = std::make_unique<PersistentManager>(options, open(), clock);
    manager->set_owner(owner);
    clock.advance(later);
    expect(manager->start().has_value());
  }
  std::string url() const {
    return "jdbc:sqlite:" + (directory / "x.db").string() + "?journal_mode=off&synchronous=off";
  }
  std::unique_ptr<JdbcStore> open() const {
    JdbcStore::Options options;
    options.connection_url = url();
    return std::make_unique<JdbcStore>(std::move(options), "JDBCStore");
  }
  void ask(const std::string& statement, std::initializer_list<SqlValue> values = {}) {
    expect(database
               .run([&](SqlConnection& connection) -> Result<> {
                 auto done = connection.execute(statement, values);
                 if (!done) return std::move(done).error();
                 return {};
               })
               .has_value());
  }

  serval::test::TempDir directory;
  DataSource database;
  std::unique_ptr<JdbcStore> store;
  serval::test::ManualClock clock;
  test::TestOwner owner;
  std::unique_ptr<PersistentManager> manager;
};

/// As JDBCStore's page has it, and without types; texts of both kinds; at times when most sessions
/// of the corpus are in time, and over it.
Table& table(std::size_t which) {
  const std::array<std::string, 6> none{},
      tomcat{"varchar(100)", "varchar(255)", "bytea", "char(1)", "int", "bigint"};
  constexpr std::chrono::hours kNow{0}, kLater{24 * 365 * 100};
  static Table all[] = {{"UTF-8", tomcat, kNow},
                        {"UTF-8", tomcat, kLater},
                        {"UTF-8", none, kLater},
                        {"UTF-16le", tomcat, kNow}};
  return all[which % std::size(all)];
}

std::string hex(std::string_view bytes) {
  std::string text = "X'";
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text + "'";
}
std::string any_cell(FuzzedDataProvider& input) {
  switch (input.ConsumeIntegralInRange(0, 5)) {
    case 0:
      return "NULL";
    case 1:
      return std::to_string(input.ConsumeIntegral<std::int64_t>());
    case 2:
      return input.PickValueInArray({"9e999", "-9e999", "0.5", "1e18", "-1", "'1e400'"});
    default: {
      std::string bytes(input.ConsumeIntegralInRange<std::size_t>(0, 20), '\0');
      for (char& c : bytes) c = input.ConsumeIntegral<char>();
      return input.ConsumeBool() ? "CAST(" + hex(bytes) + " AS TEXT)" : hex(bytes);
    }
  }
}

std::optional<StoredSession::Head> head_of(std::string_view data) {
  auto head = decode_stored_head({reinterpret_cast<const std::uint8_t*>(data.data()), data.size()});
  if (!head) return std::nullopt;
  return *std::move(head);
}

/// Mostly what belongs there, else anything.
void insert_row(Table& rows, FuzzedDataProvider& input, std::string_view data) {
  const auto head = head_of(data);
  const auto pick = [&](const std::string& usual) {
    return input.ConsumeIntegralInRange(0, 3) > 0 ? usual : any_cell(input);
  };
  const bool is_own = head && input.ConsumeIntegralInRange(0, 3) > 0;
  const std::string given_id = is_own ? head->id : "A1";
  const std::string id = pick("given.id"), app = pick("given.app"), valid = pick("'1'"),
                    interval = pick(std::to_string(head ? head->max_inactive_interval : 60)),
                    last = pick(std::to_string(head ? head->last_accessed_time : 0));
  const std::string cell = input.ConsumeIntegralInRange(0, 7) > 0 ? "given.data"
                           : input.ConsumeBool()                  ? "CAST(given.data AS TEXT)"
                                                                  : any_cell(input);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
  rows.ask(fmt::format("WITH given(id, app, data) AS (VALUES ($1, $2, $3)) INSERT INTO "
                       "tomcat$sessions SELECT {}, {}, {}, {}, {}, {} FROM given",
                       id, app, cell, valid, interval, last),
           {given_id, kApplication, bytes});
  if (id != "given.id" || app != "given.app" || given_id != "A1") return;
  const auto ids = rows.store->ids();
  expect(ids.has_value() && std::ranges::count(*ids, given_id) > 0);
}

/// Every row can be asked for; what is wrong with one is said of that row, not of the database.
std::vector<std::string> check_store(Store& store) {
  const auto ids = store.ids();
  expect(ids.has_value());
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t now : {kFirst, std::int64_t{0}, kLast}) {
    const auto over = store.ids_over_time(now);
    expect(over.has_value() && over->size() <= ids->size());
    for (const auto& id : *over) expect(std::ranges::count(*ids, id) > 0);
  }
  for (const auto& id : *ids) {
    const auto loaded = store.load(id);
    expect(loaded.has_value() || (loaded.error().code == Errc::kProtocol &&
                                  loaded.error().message.starts_with("sessionTable [")));
  }
  return *ids;
}

/// What is taken is what was asked for, and can be kept again.
void check_manager(Table& rows, const std::vector<std::string>& ids) {
  for (const auto& id : ids) {
    const auto session = rows.manager->find_session(id);
    if (!session) continue;
    expect(session->id() == id && session->access());
    session->set_attribute("fuzz", Value("was here"));
    session->end_access();
    expect(rows.manager->save_and_release(*session));
    const auto again = rows.store->load(id);
    expect(again.has_value() && again->has_value() && (*again)->head.id == id);
  }
}

/// Rows end with their time, once, and nobody else with them.
void check_expiry(Table& rows, std::string_view data) {
  const auto head = head_of(data);
  const auto bystander =
      rows.manager->create_session(head ? std::optional(head->id) : std::nullopt);
  expect(bystander != nullptr);
  rows.manager->process_expires();
  rows.manager->background_process();
  expect(bystander->is_valid() && rows.manager->session(bystander->id()) == bystander);
  const std::int64_t now = rows.clock.wall_ms();
  const auto left = rows.store->ids_over_time(now);
  expect(left.has_value());
  for (const auto& id : *left) {
    if (rows.manager->session(id)) continue;  // in use here
    const auto loaded = rows.store->load(id);
    expect(loaded.has_value() &&
           (!*loaded || ((*loaded)->head.id == id && !(*loaded)->head.is_over(now))));
  }
}

}  // namespace
}  // namespace serval::core

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace serval::core;
  [[maybe_unused]] static const bool quiet = (serval::test::log_nothing(), true);
  FuzzedDataProvider input(bytes, size);
  Table& rows = table(input.ConsumeIntegral<std::uint8_t>());
  const std::string_view data(reinterpret_cast<const char*>(bytes), size);
  for (int n = input.ConsumeIntegralInRange(1, 3); n > 0; --n) insert_row(rows, input, data);
  const auto ids = check_store(*rows.store);
  check_expiry(rows, data);
  check_manager(rows, ids);
  for (const auto& session : rows.manager->sessions()) session->expire(true);
  rows.ask("DELETE FROM tomcat$sessions");
  rows.owner.events.clear();
  return 0;
}
