// container/session/serializable_principal.h
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::core {

/// A user as it travels with a session: what stands for Tomcat's GenericPrincipal in a stream.
///
/// Errors: from_value gives kProtocol for another object.
/// Source: Tomcat org.apache.catalina.realm.GenericPrincipal$SerializablePrincipal (UID 1).
struct SerializablePrincipal {
  /// Which fields are written. Every Tomcat reads every form; a password is read by 9.0 only.
  enum class Form { kTomcat9, kTomcat10 };

  std::string name;
  std::optional<std::string> password;
  std::vector<std::string> roles;
  Value attributes;      // a java.util.Map, or null
  Value user_principal;  // the realm's own principal if it is serializable, or null

  /// Roles are written sorted, as Tomcat's are.
  Value to_value(Form form) const;
  static Result<SerializablePrincipal> from_value(const Value& value);
};

}  // namespace serval::core
