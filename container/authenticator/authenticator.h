// container/authenticator/authenticator.h
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "container/authenticator/constraint_map.h"
#include "container/base/attribute.h"
#include "container/core/registries.h"
#include "container/core/valve.h"

namespace serval::core {

/// Keeps the security constraints of one Context: transport guarantee, login, roles. Kinds differ
/// in how the user logs in.
///
/// Threads: invoke from any.
/// Source: container-behaviour 8; Tomcat org.apache.catalina.authenticator.AuthenticatorBase.
class Authenticator : public Valve {
 public:
  struct BaseOptions {
    bool cache = true, change_session_id_on_authentication = true, always_use_session = false,
         disable_proxy_caching = true, secure_pages_with_pragma = false;
  };
  explicit Authenticator(BaseOptions options) : base_options_(options) {}

  void invoke(Request& request, Response& response, Next next) override;
  Result<> start() override;
  /// login-config's word for it: "BASIC", "" for none.
  virtual std::string_view method() const = 0;
  /// Context preemptiveAuthentication: credentials that are sent count on open pages too.
  void set_preemptive(bool preemptive) { preemptive_ = preemptive; }

 protected:
  /// Finds out who it is. False: the response holds the challenge.
  virtual bool log_in(Request& request, Response& response) = 0;
  /// The user is known now: request, and session if there is one.
  void register_user(Request& request, const PrincipalPtr& principal,
                     std::string_view auth_type);
  Context& context() const;
  Realm* realm() const;

 private:
  void use_cached_user(Request& request) const;
  bool has_transport(Request& request, Response& response,
                     const ConstraintMap::Found& constraints) const;
  bool may_enter(const Request& request, const ConstraintMap::Found& constraints) const;

  const BaseOptions base_options_;
  std::unique_ptr<ConstraintMap> constraints_;
  bool preemptive_ = false;
};

/// The rows that every authenticator has.
template <class Options>
std::vector<Attribute<Options>> authenticator_attributes(std::vector<Attribute<Options>> own = {}) {
  const auto add = [&](std::string_view name, bool Options::*field, std::string_view help) {
    own.push_back(attribute<Options, bool>(name, field, help));
  };
  add("cache", &Options::cache, "keep the user in the session");
  add("changeSessionIdOnAuthentication", &Options::change_session_id_on_authentication,
      "a new session id at login");
  add("alwaysUseSession", &Options::always_use_session, "make a session at login");
  add("disableProxyCaching", &Options::disable_proxy_caching,
      "Cache-Control: private on protected pages");
  add("securePagesWithPragma", &Options::secure_pages_with_pragma,
      "Pragma and Expires instead of Cache-Control: private");
  return own;
}

/// User and password in an Authorization header, tolerant as Tomcat is.
class BasicAuthenticator final : public Authenticator {
 public:
  struct Options : BaseOptions {
    std::string charset;  // "" or "UTF-8"
    bool trim_credentials = false;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit BasicAuthenticator(Options options)
      : Authenticator(options), options_(std::move(options)) {}
  std::string_view name() const override { return "BasicAuthenticator"; }
  std::string_view method() const override { return "BASIC"; }

 protected:
  bool log_in(Request& request, Response& response) override;

 private:
  const Options options_;
};

/// For an application without login-config: nobody can log in, so what needs a role answers 403.
class NonLoginAuthenticator final : public Authenticator {
 public:
  using Options = BaseOptions;
  static std::span<const Attribute<Options>> attributes();
  explicit NonLoginAuthenticator(Options options) : Authenticator(options) {}
  std::string_view name() const override { return "NonLoginAuthenticator"; }
  std::string_view method() const override { return ""; }

 protected:
  bool log_in(Request&, Response&) override { return true; }
};

struct BasicCredentials {
  std::string user;                     // UTF-8, as is the password
  std::optional<std::string> password;  // none without a colon: nobody can log in so
};
/// The content of an Authorization header. Errors: kInvalidArgument: not the Basic scheme, or not
/// base64.
Result<BasicCredentials> parse_basic_credentials(std::string_view header);

void register_authenticators(Registries& registries);

}  // namespace serval::core
