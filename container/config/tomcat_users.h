// container/config/tomcat_users.h
#pragma once
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"
#include "container/config/properties.h"

namespace serval {

/// What conf/tomcat-users.xml says. Passwords are never logged; they are plain or in the form that
/// the Realm's CredentialHandler knows.
struct TomcatUsers {
  struct Role {
    std::string name, description;
  };
  struct Group {
    std::string name, description;
    std::vector<std::string> roles;
  };
  struct User {
    std::string name, full_name;
    std::optional<std::string> password;  // not there: nobody can log in as this user
    std::vector<std::string> roles, groups;
  };
  std::vector<Role> roles;  // the declared ones, then those that are only used
  std::vector<Group> groups;
  std::vector<User> users;
  std::vector<std::string> warnings;  // what was left out and why, with file:line

  const User* user(std::string_view name) const;
  /// The user's own roles and those of its groups.
  std::set<std::string> roles_of(const User& user) const;
};

/// Reads a tomcat-users.xml, with or without its namespace. Of two users with one name the later
/// one counts.
///
/// Errors: kNotFound, kIo: the file; kInvalidArgument: not XML or another root, with file:line.
/// Source: container-behaviour 8.1; Tomcat org.apache.catalina.users.MemoryUserDatabase.
Result<TomcatUsers> read_tomcat_users(const std::filesystem::path& path,
                                      const Properties& properties);
/// The same from memory.
Result<TomcatUsers> parse_tomcat_users(std::string_view text, std::string_view file_name,
                                       const Properties& properties);

}  // namespace serval
