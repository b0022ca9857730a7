// container/realm/user_database_realm.h
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "container/realm/credential_handler.h"
#include "container/realm/realm.h"
#include "container/realm/user_database.h"

namespace serval::core {

/// Users of a UserDatabase: a global resource (UserDatabaseRealm: roles are those of now, unless
/// use_static_principal), or a file of its own that is read once (MemoryRealm).
///
/// Errors: start() fails when there is no such resource, or the file is not there or cannot be
/// read.
/// Threads: any.
/// Source: Tomcat org.apache.catalina.realm.UserDatabaseRealm, MemoryRealm.
class UserDatabaseRealm final : public Realm {
 public:
  struct Options : BaseOptions {
    std::string resource_name = "UserDatabase";
    bool use_static_principal = false, local_jndi_resource = false;
  };
  static std::span<const Attribute<Options>> attributes();
  UserDatabaseRealm(Options options, RealmEnvironment environment,
                    std::unique_ptr<CredentialHandler> credentials)
      : options_(std::move(options)),
        environment_(std::move(environment)),
        credentials_(std::move(credentials)) {}
  const BaseOptions& base_options() const override { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  Result<> start() override;
  PrincipalPtr authenticate(std::string_view user, std::string_view password) override;
  PrincipalPtr find(std::string_view user) override;
  void background_process() override;

 protected:
  std::unique_ptr<Bean> bean() override;

 private:
  std::shared_ptr<const RoleSource> live() const;

  LiveOptions<Options> options_;
  const RealmEnvironment environment_;
  const std::unique_ptr<CredentialHandler> credentials_;
  std::shared_ptr<UserDatabase> users_;  // set by start()
};

class MemoryRealm final : public Realm {
 public:
  struct Options : BaseOptions {
    std::string pathname = "conf/tomcat-users.xml";
  };
  static std::span<const Attribute<Options>> attributes();
  MemoryRealm(Options options, RealmEnvironment environment,
              std::unique_ptr<CredentialHandler> credentials)
      : options_(std::move(options)),
        environment_(std::move(environment)),
        credentials_(std::move(credentials)) {}
  const BaseOptions& base_options() const override { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  Result<> start() override;
  PrincipalPtr authenticate(std::string_view user, std::string_view password) override;
  PrincipalPtr find(std::string_view user) override;

 protected:
  std::unique_ptr<Bean> bean() override;

 private:
  LiveOptions<Options> options_;
  const RealmEnvironment environment_;
  const std::unique_ptr<CredentialHandler> credentials_;
  std::unique_ptr<UserDatabase> users_;  // set by start()
};

}  // namespace serval::core
