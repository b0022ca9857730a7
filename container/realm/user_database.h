// container/realm/user_database.h
#pragma once
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "container/base/result.h"
#include "container/config/properties.h"
#include "container/session/principal.h"

namespace serval::core {

/// The users of a tomcat-users file. Read again in the background when its time stamp changes; a
/// new version that is broken is logged and the old users stay.
///
/// Threads: any, after open().
/// Source: Tomcat org.apache.catalina.users.MemoryUserDatabase.
class UserDatabase final : public RoleSource {
 public:
  struct Options {
    std::filesystem::path pathname;  // absolute
    bool watch_source = true;
    bool required = false;  // a file that is not there is an error, not a warning and no users
  };
  struct User {
    std::optional<std::string> password;  // none: nobody logs in as this user
    std::vector<std::string> roles;       // sorted; those of the groups too
  };
  using UserPtr = std::shared_ptr<const User>;

  /// Keeps a reference to `properties`, for ${name} in the file.
  UserDatabase(Options options, const Properties& properties)
      : options_(std::move(options)), properties_(properties) {}

  /// Errors: kNotFound: the file is not there, but required; kIo, kInvalidArgument: it cannot be
  /// read.
  Result<> open();
  /// The user, or null.
  UserPtr find(std::string_view name) const;
  bool has_role(std::string_view user, std::string_view role) const override;
  /// Looks whether the file has changed.
  void background_process();
  std::size_t size() const;

 private:
  using Users = std::unordered_map<std::string, UserPtr>;
  std::shared_ptr<const Users> users() const;
  Result<> read();

  const Options options_;
  const Properties& properties_;
  mutable std::mutex mutex_;  // guards the pointer
  std::shared_ptr<const Users> users_ = std::make_shared<Users>();
  std::filesystem::file_time_type read_at_{};  // open() and the background thread only
};

}  // namespace serval::core
