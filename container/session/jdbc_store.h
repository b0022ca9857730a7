// container/session/jdbc_store.h
#pragma once
#include <memory>
#include <span>

#include "container/base/attribute.h"
#include "container/database/data_source.h"
#include "container/session/store.h"

namespace serval::core {

/// Sessions as rows of a table in PostgreSQL or SQLite, which several nodes may share, real Tomcats
/// among them. The rows of an application bear its name.
///
/// A save changes the row in its place, so that other nodes see the old one or the new one; Tomcat
/// deletes and inserts it. Source: Tomcat org.apache.catalina.session.JDBCStore, DataSourceStore.
class JdbcStore final : public Store {
 public:
  struct Options {
    std::string driver_name, connection_url, connection_name, connection_password;
    std::string data_source_name;  // if set, instead of the four
    bool local_data_source = false;
    std::string table = "tomcat$sessions", app_column = "app", id_column = "id",
                data_column = "data", valid_column = "valid", max_inactive_column = "maxinactive",
                last_accessed_column = "lastaccess";
  };
  static std::span<const Attribute<Options>> attributes();
  /// Whether a store can be made of them. Errors: kInvalidArgument, with attribute and value.
  static Result<> check(const Options& options);

  /// `simple_name`: "JDBCStore" or "DataSourceStore", which differ in nothing else. Requires:
  /// check().
  JdbcStore(Options options, std::string_view simple_name);

  /// Errors: also kNotFound, for a data source, or the library of a database.
  Result<> open(const StorePlace& place) override;
  void close() override;
  /// Errors: kIo when the database does not answer, or the table is not as the attributes say.
  Result<> look() override;
  Result<std::vector<std::string>> ids() override;
  Result<std::vector<std::string>> ids_over_time(std::int64_t now) override;
  Result<std::optional<StoredSession>> load(std::string_view id) override;
  Result<> save(const StoredSession& session, const LeftOut& left_out) override;
  Result<> remove(std::string_view id) override;
  std::string_view simple_name() const override { return simple_name_; }

 private:
  Result<std::shared_ptr<DataSource>> find_source(const StorePlace& place) const;
  /// One statement, with the answer. Errors name table and database.
  Result<SqlResult> ask(const std::string& statement, std::initializer_list<SqlValue> values);

  const Options options_;
  const std::string_view simple_name_;
  const std::string condition_;  // "app = $1"
  std::string app_;              // set by open(), as is the source
  std::shared_ptr<DataSource> source_;
};

}  // namespace serval::core
