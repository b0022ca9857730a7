// container/session/file_store.h
#pragma once
#include <filesystem>
#include <span>

#include "container/base/attribute.h"
#include "container/session/store.h"

namespace serval::core {

/// Sessions as files ID.session in one directory, which several nodes may share, real Tomcats among
/// them.
///
/// Source: Tomcat org.apache.catalina.session.FileStore.
class FileStore final : public Store {
 public:
  struct Options {
    std::string directory = ".";  // relative to the work directory of the Context
  };
  static std::span<const Attribute<Options>> attributes();
  explicit FileStore(Options options) : options_(std::move(options)) {}

  Result<> open(const StorePlace& place) override;
  Result<std::vector<std::string>> ids() override;
  Result<std::vector<std::string>> ids_over_time(std::int64_t now) override;
  Result<std::optional<StoredSession>> load(std::string_view id) override;
  Result<> save(const StoredSession& session, const LeftOut& left_out) override;
  Result<> remove(std::string_view id) override;
  std::string_view simple_name() const override { return "FileStore"; }

 private:
  /// Errors: kInvalidArgument for an id that would leave the directory.
  Result<std::filesystem::path> file_of(std::string_view id) const;

  const Options options_;
  std::filesystem::path directory_;
};

}  // namespace serval::core
