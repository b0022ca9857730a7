// Any text as the URL of a database, as its parameters and as the names of a table and a column.
#include <cstdlib>
#include <string_view>

#include "container/database/postgresql_options.h"
#include "container/session/jdbc_store.h"
#include "tests/support/no_log.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace serval::core;
  [[maybe_unused]] static const bool quiet = (serval::test::log_nothing(), true);
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const std::string& url_text :
       {text, "jdbc:postgresql:" + text, "jdbc:postgresql://" + text, "jdbc:sqlite:" + text}) {
    const auto url = parse_database_url(url_text);
    if (!url) continue;
    expect(url->shown.find('?') == std::string::npos);
    if (url->kind == DatabaseUrl::Kind::kSqlite) continue;
    expect(!url->addresses.empty());
    if (const auto options = postgresql_options(*url, {"user", "password"})) {
      expect(options->answer_limit.count() > 0);
    }
  }
  JdbcStore::Options options;
  options.connection_url = "jdbc:sqlite:x";
  options.table = options.id_column = text;
  if (JdbcStore::check(options) && text.find('"') == std::string::npos) {
    // Nothing that could end the name.
    expect(text.find_first_of(std::string_view(" ;,()'-/*\\\n\t\0", 13)) == std::string::npos);
  }
  return 0;
}
