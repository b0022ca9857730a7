// container/session/store.h
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"
#include "container/session/stored_session.h"

namespace serval::core {

class DataSources;

/// What a Store must know of the application whose sessions it keeps.
struct StorePlace {
  std::filesystem::path work_dir;             // of the Context
  std::string name;                           // "/Catalina/localhost/app"
  const DataSources* data_sources = nullptr;  // null: none
};

/// Where a PersistentManager keeps sessions.
///
/// Errors: kIo when the place cannot be reached or used; kProtocol for a session that
/// cannot be read.
/// Blocks: every call, on files or a network.
/// Threads: open and close by the owner, the rest from any.
/// Source: Tomcat org.apache.catalina.Store.
class Store {
 public:
  virtual ~Store() = default;
  /// Before anything else. A place that is not there yet is no error: it may come.
  virtual Result<> open(const StorePlace& place) = 0;
  virtual void close() {}
  /// Whether the place is there, and as it should be; asked once after open(), so that what is
  /// wrong is said before the first session is lost by it.
  virtual Result<> look() { return {}; }

  virtual Result<std::vector<std::string>> ids() = 0;
  /// Those that are over their time; without reading whole sessions.
  virtual Result<std::vector<std::string>> ids_over_time(std::int64_t now) = 0;
  /// Nothing if there is none of this id.
  virtual Result<std::optional<StoredSession>> load(std::string_view id) = 0;
  /// Replaces one of the same id.
  virtual Result<> save(const StoredSession& session, const LeftOut& left_out) = 0;
  /// No error if there is none.
  virtual Result<> remove(std::string_view id) = 0;

  /// Tomcat's short class name, "FileStore".
  virtual std::string_view simple_name() const = 0;
};

}  // namespace serval::core
