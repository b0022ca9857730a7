// container/database/data_source.h
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/attribute.h"
#include "container/database/database.h"

namespace serval::core {

/// Connections to one database, made when they are needed and kept for whoever comes next. One that
/// is lost is made again.
///
/// Blocks: open() and run(). Threads: any.
/// Source: Tomcat org.apache.tomcat.dbcp.dbcp2.BasicDataSource.
class DataSource {
 public:
  struct Options {
    std::string driver_name{};  // empty: by the URL
    std::string url{}, user{}, password{};
    std::string connection_properties{};  // "name=value;…": further parameters of the URL
    int max_total = 8;                    // connections; less than 1: no limit
    int max_idle = 8;                     // kept; less than 0: no limit
    /// Until one is free; less than 0: as long as a statement may take.
    std::chrono::milliseconds max_wait{-1};
    std::string validation_query{};  // asked once of every new connection
  };
  /// Those of a <Resource>.
  static std::span<const Attribute<Options>> attributes();

  /// `place` names it in errors, up to its URL: "Resource [jdbc/sessions] url".
  DataSource(Options options, std::string place);
  ~DataSource();

  /// Checks the settings and loads the library of the database; once. Connects to nothing. Errors:
  /// kInvalidArgument, kNotFound; they name attribute and value.
  Result<> open();

  using Work = std::function<Result<>(SqlConnection&)>;
  /// Calls `work` with a connection; twice if the first one had been lost while nobody used it, so
  /// it must bear that. Errors: kIo when the database does not answer, those of open(), and those
  /// of `work`, with the URL.
  Result<> run(const Work& work);
  /// Ends the connections that nobody uses.
  void close_idle();

 private:
  using ConnectionPtr = std::unique_ptr<SqlConnection>;
  class Lease;

  Result<> open_now();
  Result<ConnectionPtr> connect();
  Error named(Error error) const;

  const Options options_;
  const std::string place_;  // with the URL
  std::once_flag once_;
  Result<> opened_;                     // set once
  std::unique_ptr<Database> database_;  // set once

  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<ConnectionPtr> idle_;  // guarded by mutex_; the last one used at the end
  int in_use_ = 0;                   // guarded by mutex_
  std::uint64_t failures_ = 0;       // guarded by mutex_; of connecting
};

}  // namespace serval::core
