#include "container/realm/user_database_realm.h"

#include <fmt/format.h>

#include <algorithm>

namespace serval::core {
namespace {

PrincipalPtr check(const UserDatabase& users, const CredentialHandler& credentials,
                   std::string_view user, std::string_view password) {
  const auto found = users.find(user);
  // An unknown user takes as long as a wrong password.
  const bool right = credentials.matches(password, found ? found->password : "00");
  if (!found || !right) return nullptr;
  return std::make_shared<Principal>(Principal{std::string(user), {}, found->roles});
}

PrincipalPtr look_up(const UserDatabase& users, std::string_view user) {
  const auto found = users.find(user);
  if (!found) return nullptr;
  return std::make_shared<Principal>(Principal{std::string(user), {}, found->roles});
}

}  // namespace

std::span<const Attribute<UserDatabaseRealm::Options>> UserDatabaseRealm::attributes() {
  static const auto table = realm_attributes<Options>({
      attribute("resourceName", &Options::resource_name,
                "name of the global UserDatabase resource"),
      attribute("useStaticPrincipal", &Options::use_static_principal,
                "roles stay as they were at login"),
  });
  return table;
}

Result<> UserDatabaseRealm::start() {
  if (environment_.user_database) users_ = environment_.user_database(options_.resource_name);
  if (!users_)
    return Error{Errc::kNotFound, fmt::format("No UserDatabase component found under key [{}]",
                                              options_.resource_name)};
  return {};
}

PrincipalPtr UserDatabaseRealm::authenticate(std::string_view user, std::string_view password) {
  return check(*users_, *credentials_, user, password);
}

PrincipalPtr UserDatabaseRealm::find(std::string_view user) { return look_up(*users_, user); }

bool UserDatabaseRealm::has_role(const Principal& principal, std::string_view role) {
  if (options_.use_static_principal) return principal.has_role(role);
  const auto found = users_->find(principal.name);
  return found && std::ranges::binary_search(found->roles, role);
}

void UserDatabaseRealm::background_process() { users_->background_process(); }

std::span<const Attribute<MemoryRealm::Options>> MemoryRealm::attributes() {
  static const auto table = realm_attributes<Options>({
      attribute("pathname", &Options::pathname, "file of users, relative to catalina.base"),
  });
  return table;
}

Result<> MemoryRealm::start() {
  auto users = std::make_unique<UserDatabase>(
      UserDatabase::Options{environment_.catalina_base / options_.pathname, false},
      *environment_.properties);
  if (auto done = users->open(); !done) return done;
  users_ = std::move(users);
  return {};
}

PrincipalPtr MemoryRealm::authenticate(std::string_view user, std::string_view password) {
  return check(*users_, *credentials_, user, password);
}

PrincipalPtr MemoryRealm::find(std::string_view user) { return look_up(*users_, user); }

}  // namespace serval::core
