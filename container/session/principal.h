// container/session/principal.h
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace serval::core {

/// Knows the roles of users as they are now.
class RoleSource {
 public:
  virtual ~RoleSource() = default;
  virtual bool has_role(std::string_view user, std::string_view role) const = 0;
};

/// Who a user is and which roles he has (Tomcat GenericPrincipal). Constant once shared.
struct Principal {
  std::string name;
  std::string password;            // empty when the realm does not give it away
  std::vector<std::string> roles;  // sorted; as they were at login
  /// If set, it decides: the user came from a realm whose roles may change (Tomcat
  /// UserDatabaseRealm.UserDatabasePrincipal). Other nodes get only what is above.
  std::shared_ptr<const RoleSource> source = nullptr;

  bool has_role(std::string_view role) const {
    return source ? source->has_role(name, role) : std::ranges::binary_search(roles, role);
  }
};
using PrincipalPtr = std::shared_ptr<const Principal>;

}  // namespace serval::core
