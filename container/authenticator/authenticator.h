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
#include "container/base/live_options.h"
#include "container/base/secure_random.h"
#include "container/core/authenticator.h"
#include "container/core/registries.h"
#include "container/core/valve.h"
#include "container/core/valve_bean.h"

namespace serval::core {

class SingleSignOn;

/// When a question of a browser before a request to another site passes without a login.
enum class CorsPreflight { kNever, kFilter, kAlways };
Result<> parse_into(std::string_view text, CorsPreflight& mode);

/// Keeps the security constraints of one Context: transport guarantee, login, roles. Kinds differ
/// in how the user logs in.
///
/// Threads: invoke from any.
/// Source: container-behaviour 8; Tomcat org.apache.catalina.authenticator.AuthenticatorBase.
class AuthenticatorBase : public Valve, public Authenticator {
 public:
  struct BaseOptions : SecureRandomOptions {
    bool cache = true, change_session_id_on_authentication = true, always_use_session = false,
         disable_proxy_caching = true, secure_pages_with_pragma = false,
         send_auth_info_response_headers = false;
    CorsPreflight allow_cors_preflight = CorsPreflight::kNever;
  };

  void invoke(Request& request, Response& response, Next next) override;
  Result<> start() override;
  void stop() override;
  /// login-config's word for it: "BASIC", "" for none.
  virtual std::string_view method() const = 0;
  void set_preemptive(bool preemptive) { preemptive_ = preemptive; }

  // Authenticator
  bool authenticate(Request& request, Response& response) override {
    return log_in(request, response);
  }
  void login(Request& request, std::string_view user, std::string_view password) override;
  void logout(Request& request) override;
  bool is_preemptive() const override { return preemptive_; }
  void single_sign_on_left(StandardSession& session, std::string_view sso_id) override;
  void session_id_changed(StandardSession& session, std::string_view old_id) override;

 protected:
  /// Finds out who it is. False: the response holds the challenge.
  virtual bool log_in(Request& request, Response& response) = 0;
  /// Whether log_in() has to see the request though nothing protects its address.
  virtual bool continues_login(Request&) const { return false; }
  /// Whether the request brings what log_in() asks for, so that it may be used unasked.
  virtual bool brings_credentials(const Request&) const { return false; }

  /// The user is known already, or by single sign-on.
  bool has_user(Request& request);
  struct Credentials {
    std::optional<std::string> user, password;
  };
  /// The user is known now: request, session if there is one, single sign-on.
  virtual void register_user(Request& request, const PrincipalPtr& principal,
                             std::string_view auth_type, const Credentials& credentials);
  Context& context() const;
  Realm* realm() const;
  virtual const BaseOptions& base_options() const = 0;

 private:
  void use_cached_user(Request& request) const;
  void forbid_proxy_caching(const Request& request, Response& response) const;
  bool is_cors_preflight_allowed(const Request& request) const;
  bool has_transport(Request& request, Response& response,
                     const ConstraintMap::Found& constraints) const;
  bool may_enter(const Request& request, const ConstraintMap::Found& constraints) const;

  std::unique_ptr<ConstraintMap> constraints_;
  SingleSignOn* single_sign_on_ = nullptr;  // since start()
  bool preemptive_ = false;
};

/// The rows that every authenticator has, behind its own.
template <class Options>
std::vector<Attribute<Options>> authenticator_attributes(std::vector<Attribute<Options>> own = {}) {
  using Base = AuthenticatorBase::BaseOptions;
  const auto add = [&]<class T>(std::string_view name, T Base::*field, std::string_view help) {
    own.push_back(attribute<Options, T>(name, field, help));
  };
  add("cache", &Base::cache, "keep the user in the session");
  add("changeSessionIdOnAuthentication", &Base::change_session_id_on_authentication,
      "a new session id at login");
  add("alwaysUseSession", &Base::always_use_session, "make a session at login");
  add("disableProxyCaching", &Base::disable_proxy_caching,
      "Cache-Control: private on protected pages");
  add("securePagesWithPragma", &Base::secure_pages_with_pragma,
      "Pragma and Expires instead of Cache-Control: private");
  add("allowCorsPreflight", &Base::allow_cors_preflight,
      "never, always, or filter: where a CorsFilter stands for all addresses");
  add("sendAuthInfoResponseHeaders", &Base::send_auth_info_response_headers,
      "headers remote-user and auth-type for a proxy, when a request was forwarded by one");
  return own;
}

/// User and password in an Authorization header, tolerant as Tomcat is.
class BasicAuthenticator final : public AuthenticatorBase {
 public:
  struct Options : BaseOptions {
    std::string charset;  // "" or "UTF-8"
    bool trim_credentials = false;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit BasicAuthenticator(Options options) : options_(std::move(options)) {}
  std::string_view name() const override { return "BasicAuthenticator"; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.authenticator.BasicAuthenticator",
                      std::move(resource));
  }
  std::string_view method() const override { return "BASIC"; }

 protected:
  bool log_in(Request& request, Response& response) override;
  bool brings_credentials(const Request& request) const override;
  const BaseOptions& base_options() const override { return *options_; }

 private:
  bool check_credentials(Request& request);

  LiveOptions<Options> options_;
};

/// For an application without login-config: nobody can log in here, so what needs a role answers
/// 403, unless another application of the host has logged the user in (single sign-on), or the
/// application does it itself.
class NonLoginAuthenticator final : public AuthenticatorBase {
 public:
  using Options = BaseOptions;
  static std::span<const Attribute<Options>> attributes();
  explicit NonLoginAuthenticator(Options options) : options_(std::move(options)) {}
  std::string_view name() const override { return "NonLoginAuthenticator"; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.authenticator.NonLoginAuthenticator",
                      std::move(resource));
  }
  std::string_view method() const override { return ""; }

 protected:
  bool log_in(Request& request, Response& response) override;
  const BaseOptions& base_options() const override { return *options_; }

 private:
  LiveOptions<Options> options_;
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
