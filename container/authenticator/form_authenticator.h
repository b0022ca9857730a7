// container/authenticator/form_authenticator.h
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "container/authenticator/authenticator.h"

namespace serval::core {

/// A page of the application asks for user and password and posts them to .../j_security_check.
/// What the user wanted is kept in the session and answered after the login.
///
/// Units: authentication_session_timeout is seconds: how long a session lives that was made for a
/// login. Threads: invoke from any.
/// Source: container-behaviour 8; Tomcat org.apache.catalina.authenticator.FormAuthenticator.
class FormAuthenticator final : public AuthenticatorBase {
 public:
  struct Options : BaseOptions {
    std::string character_encoding, landing_page;
    int authentication_session_timeout = 120;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit FormAuthenticator(Options options) : options_(std::move(options)) {}
  std::string_view name() const override { return "FormAuthenticator"; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.authenticator.FormAuthenticator",
                      std::move(resource));
  }
  std::string_view method() const override { return "FORM"; }

 protected:
  bool log_in(Request& request, Response& response) override;
  bool continues_login(Request& request) const override;
  void register_user(Request& request, const PrincipalPtr& principal, std::string_view auth_type,
                     const Credentials& credentials) override;
  const BaseOptions& base_options() const override { return *options_; }

 private:
  /// With cache="false": the user of the last request, asked anew.
  bool log_in_from_notes(Request& request);
  /// Whether the session's id is the one that the login page was sent with; a client with another
  /// one may have been given it by somebody else.
  bool came_with_expected_id(const Request& request, const StandardSession& session) const;
  /// Whether the client comes back for what it wanted before it logged in.
  bool is_return(Request& request) const;
  void go_on(Request& request, Response& response, StandardSession& session) const;
  /// Keeps the request and shows the login page.
  void ask(Request& request, Response& response) const;
  bool save(Request& request, StandardSession& session) const;
  void show_login_page(Request& request, Response& response) const;
  void show_error_page(Request& request, Response& response) const;
  /// What the login page posted.
  void check_answer(Request& request, Response& response);
  void send_to_landing_page(Request& request, Response& response, StandardSession& session) const;

  LiveOptions<Options> options_;
};

}  // namespace serval::core
