// container/session/principal.h
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace serval::core {

/// Who a user is and which roles he has (Tomcat GenericPrincipal). Constant once shared.
struct Principal {
  std::string name;
  std::string password;            // empty when the realm does not give it away
  std::vector<std::string> roles;  // sorted

  bool has_role(std::string_view role) const { return std::ranges::binary_search(roles, role); }
};
using PrincipalPtr = std::shared_ptr<const Principal>;

}  // namespace serval::core
