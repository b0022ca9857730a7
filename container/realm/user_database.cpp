#include "container/realm/user_database.h"

#include <algorithm>

#include "container/base/log.h"
#include "container/config/tomcat_users.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.users.MemoryUserDatabase"};

}  // namespace

Result<> UserDatabase::open() {
  auto done = read();
  if (!done && done.error().code == Errc::kNotFound && !options_.required) {
    kLog.warn("The specified user database [{}] could not be found", options_.pathname.string());
    return {};
  }
  return done;
}

Result<> UserDatabase::read() {
  std::error_code gone;
  read_at_ = std::filesystem::last_write_time(options_.pathname, gone);
  auto file = read_tomcat_users(options_.pathname, properties_);
  if (!file) return file.error();
  for (const auto& warning : file->warnings) kLog.warn("{}", warning);
  auto fresh = std::make_shared<Users>();
  for (const auto& user : file->users) {
    const auto roles = file->roles_of(user);
    fresh->insert_or_assign(
        user.name, std::make_shared<const User>(User{user.password, {roles.begin(), roles.end()}}));
  }
  const std::lock_guard lock(mutex_);
  users_ = std::move(fresh);
  return {};
}

std::shared_ptr<const UserDatabase::Users> UserDatabase::users() const {
  const std::lock_guard lock(mutex_);
  return users_;
}

UserDatabase::UserPtr UserDatabase::find(std::string_view name) const {
  const auto all = users();
  const auto found = all->find(std::string(name));
  return found == all->end() ? nullptr : found->second;
}

bool UserDatabase::has_role(std::string_view user, std::string_view role) const {
  const auto found = find(user);
  return found && std::ranges::binary_search(found->roles, role);
}

std::size_t UserDatabase::size() const { return users()->size(); }

void UserDatabase::background_process() {
  if (!options_.watch_source) return;
  std::error_code gone;
  const auto now = std::filesystem::last_write_time(options_.pathname, gone);
  if (gone || now == read_at_) return;
  kLog.info("Reloading memory user database [{}] from updated source", options_.pathname.string());
  if (auto done = read(); !done)
    kLog.error("Error while reloading the user database, the users stay as they were: {}",
               done.error().message);
}

}  // namespace serval::core
