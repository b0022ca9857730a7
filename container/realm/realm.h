// container/realm/realm.h
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/attribute.h"
#include "container/base/bean.h"
#include "container/base/live_options.h"
#include "container/base/registry.h"
#include "container/base/result.h"
#include "container/config/properties.h"
#include "container/session/principal.h"

namespace serval::core {

class UserDatabase;

/// What a Realm may ask of the server it stands in.
struct RealmEnvironment {
  /// A <Resource> of GlobalNamingResources of type org.apache.catalina.UserDatabase, or null.
  std::function<std::shared_ptr<UserDatabase>(std::string_view name)> user_database;
  std::filesystem::path catalina_base;
  const Properties* properties = nullptr;
};

/// What the role "*" of a constraint means: any role of web.xml; any authenticated user; the latter
/// unless web.xml has roles.
enum class AllRolesMode { kStrict, kAuthOnly, kStrictAuthOnly };
Result<> parse_into(std::string_view text, AllRolesMode& mode);
BeanValue bean_value(AllRolesMode mode);

/// Who may log in (Tomcat org.apache.catalina.Realm).
///
/// Threads: authenticate(), find() and what beans show from any thread at the same time; the rest
/// by the owner.
class Realm {
 public:
  struct BaseOptions {
    AllRolesMode all_roles_mode = AllRolesMode::kStrict;
    int transport_guarantee_redirect_status = 302;
    bool validate = true;  // of client certificates
  };
  virtual ~Realm() = default;
  /// Those of now.
  virtual const BaseOptions& base_options() const;

  virtual Result<> start() { return {}; }
  virtual void stop() {}
  /// The user if the password is right, else null. Never logs credentials.
  virtual PrincipalPtr authenticate(std::string_view user, std::string_view password) = 0;
  /// The user without a check, or null.
  virtual PrincipalPtr find(std::string_view user) = 0;
  virtual void background_process() {}

  /// Those that it asks, in order. Constant once it has started.
  virtual std::span<const std::unique_ptr<Realm>> realms() const { return {}; }

  /// Where management finds it.
  struct Place {
    std::string path;                // "/realm0", "/realm0/realm1" for the second inside it
    std::vector<std::string> inner;  // names of the beans of realms()
    std::string container;           // how messages call its container
  };
  /// What management sees of it at this place. Null: nothing.
  std::unique_ptr<Bean> shown_at(Place place);
  Place place() const;
  /// Changes what is shown, not where.
  void set_path(std::string path);

 protected:
  virtual std::unique_ptr<Bean> bean() { return nullptr; }

 private:
  mutable std::mutex mutex_;
  Place place_;  // guarded by mutex_
};

using RealmRegistry = Registry<Realm, const RealmEnvironment&>;

/// The rows that every realm has, for its own table.
template <class Options>
std::vector<Attribute<Options>> realm_attributes(std::vector<Attribute<Options>> own = {}) {
  own.push_back(attribute<Options, AllRolesMode>(
      "allRolesMode", &Options::all_roles_mode,
      "what the role * means: strict, authOnly or strictAuthOnly"));
  own.push_back(hidden(attribute<Options, int>("transportGuaranteeRedirectStatus",
                                               &Options::transport_guarantee_redirect_status,
                                               "status of the redirect to https")));
  own.push_back(attribute<Options, bool>("validate", &Options::validate,
                                         "whether client certificates must be valid"));
  return own;
}

/// The table of this folder: UserDatabaseRealm, MemoryRealm, CombinedRealm, LockOutRealm,
/// NullRealm.
void register_realms(RealmRegistry& realms);

}  // namespace serval::core
