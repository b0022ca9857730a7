// container/realm/realm.h
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "container/base/result.h"
#include "container/session/principal.h"

namespace serval::core {

class UserDatabase;

/// What a Realm may ask of the server it stands in.
struct RealmEnvironment {
  /// A <Resource> of GlobalNamingResources of type org.apache.catalina.UserDatabase, or null.
  std::function<std::shared_ptr<UserDatabase>(std::string_view name)> user_database;
  std::filesystem::path catalina_base;
};

/// Who may log in (Tomcat org.apache.catalina.Realm).
///
/// Threads: authenticate() and find() from any thread at the same time.
class Realm {
 public:
  virtual ~Realm() = default;
  virtual Result<> start() { return {}; }
  virtual void stop() {}
  /// The user if the password is right, else null. Never logs credentials.
  virtual PrincipalPtr authenticate(std::string_view user, std::string_view password) = 0;
  /// The user without a check, or null.
  virtual PrincipalPtr find(std::string_view user) = 0;
  virtual void background_process() {}
};

}  // namespace serval::core
