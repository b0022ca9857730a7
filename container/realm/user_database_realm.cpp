#include "container/realm/user_database_realm.h"

#include <fmt/format.h>

#include "container/realm/realm_bean.h"

namespace serval::core {
namespace {

using Roles = std::shared_ptr<const RoleSource>;

PrincipalPtr principal_of(std::string_view name, const UserDatabase::User& user, Roles live) {
  return std::make_shared<Principal>(Principal{std::string(name), {}, user.roles, std::move(live)});
}

PrincipalPtr check(const UserDatabase& users, const CredentialHandler& credentials,
                   std::string_view name, std::string_view password, Roles live) {
  const auto found = users.find(name);
  const bool can_log_in = found && found->password;
  // A user who cannot log in takes as long as a wrong password.
  const bool right = credentials.matches(password, can_log_in ? *found->password : "00");
  return can_log_in && right ? principal_of(name, *found, std::move(live)) : nullptr;
}

PrincipalPtr look_up(const UserDatabase& users, std::string_view name, Roles live) {
  const auto found = users.find(name);
  return found ? principal_of(name, *found, std::move(live)) : nullptr;
}

}  // namespace

std::unique_ptr<Bean> UserDatabaseRealm::bean() {
  using This = UserDatabaseRealm;
  static const auto table = [] {
    auto made = realm_table<This>("org.apache.catalina.realm.UserDatabaseRealm");
    show_started(made);
    return made;
  }();
  return make_bean(*this, table, realm_resource(*this, "UserDatabaseRealm"));
}

std::unique_ptr<Bean> MemoryRealm::bean() {
  static const auto table = [] {
    auto made = realm_table<MemoryRealm>("org.apache.catalina.realm.MemoryRealm");
    show_started(made);
    return made;
  }();
  return make_bean(*this, table, realm_resource(*this, "MemoryRealm"));
}

std::span<const Attribute<UserDatabaseRealm::Options>> UserDatabaseRealm::attributes() {
  static const auto table = realm_attributes<Options>({
      attribute("resourceName", &Options::resource_name,
                "name of the global UserDatabase resource"),
      hidden(attribute("useStaticPrincipal", &Options::use_static_principal,
                       "roles stay as they were at login")),
      attribute("localJndiResource", &Options::local_jndi_resource,
                "no effect: the resource is a global one"),
  });
  return table;
}

Result<> UserDatabaseRealm::start() {
  if (environment_.user_database) users_ = environment_.user_database(options_->resource_name);
  if (!users_)
    return Error{Errc::kNotFound, fmt::format("No UserDatabase component found under key [{}]",
                                              options_->resource_name)};
  return {};
}

PrincipalPtr UserDatabaseRealm::authenticate(std::string_view user, std::string_view password) {
  return check(*users_, *credentials_, user, password, live());
}

PrincipalPtr UserDatabaseRealm::find(std::string_view user) {
  return look_up(*users_, user, live());
}

std::shared_ptr<const RoleSource> UserDatabaseRealm::live() const {
  return options_->use_static_principal ? nullptr : users_;
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
      UserDatabase::Options{.pathname = environment_.catalina_base / options_->pathname,
                            .watch_source = false,
                            .required = true},
      *environment_.properties);
  if (auto done = users->open(); !done) return done;
  users_ = std::move(users);
  return {};
}

PrincipalPtr MemoryRealm::authenticate(std::string_view user, std::string_view password) {
  return check(*users_, *credentials_, user, password, nullptr);
}

PrincipalPtr MemoryRealm::find(std::string_view user) { return look_up(*users_, user, nullptr); }

}  // namespace serval::core
