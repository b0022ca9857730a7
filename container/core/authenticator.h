// container/core/authenticator.h
#pragma once
#include <string_view>

namespace serval::core {

class Request;
class Response;
class StandardSession;

/// Who logs the users of one Context in and out. Context and Request know no more of it; the kinds
/// are in authenticator/.
///
/// Threads: any.
/// Source: Tomcat org.apache.catalina.Authenticator.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// Makes sure that there is a user. False: the response holds the challenge.
  virtual bool authenticate(Request& request, Response& response) = 0;
  /// Throws ServletException if user or password is wrong.
  virtual void login(Request& request, std::string_view user, std::string_view password) = 0;
  virtual void logout(Request& request) = 0;
  /// Context preemptiveAuthentication: credentials that are sent count on open pages too.
  virtual bool is_preemptive() const = 0;

  /// A session that belonged to a single sign-on has ended, or has a new id.
  virtual void single_sign_on_left(StandardSession& session, std::string_view sso_id) = 0;
  virtual void session_id_changed(StandardSession& session, std::string_view old_id) = 0;
};

}  // namespace serval::core
