// container/servlet/serval/request.h
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "context.h"
#include "cookie.h"
#include "session.h"
#include "value.h"

namespace serval {

class Response;

/// A request (javax.servlet.http.HttpServletRequest). Views are valid until the request ends.
///
/// Threads: the thread that runs the request.
class Request {
 public:
  virtual ~Request() = default;

  virtual std::string_view method() const = 0;
  /// Path as the client sent it, without the query.
  virtual std::string_view request_uri() const = 0;
  virtual std::string_view context_path() const = 0;
  virtual std::string_view servlet_path() const = 0;
  virtual std::optional<std::string_view> path_info() const = 0;
  virtual std::optional<std::string_view> query_string() const = 0;
  virtual std::string_view protocol() const = 0;  // "HTTP/1.1"
  virtual std::string_view scheme() const = 0;
  virtual std::string_view server_name() const = 0;
  virtual int server_port() const = 0;
  virtual std::string_view remote_addr() const = 0;
  virtual int remote_port() const = 0;
  virtual std::string_view local_addr() const = 0;
  virtual int local_port() const = 0;
  virtual bool is_secure() const = 0;

  /// First header of this name (case does not matter), or nothing.
  virtual std::optional<std::string_view> header(std::string_view name) const = 0;
  virtual std::vector<std::string_view> headers(std::string_view name) const = 0;
  virtual std::vector<std::string_view> header_names() const = 0;
  virtual std::span<const Cookie> cookies() = 0;

  /// Query first, then a form body. The first call may read the body (and block).
  virtual std::optional<std::string_view> parameter(std::string_view name) = 0;
  virtual std::vector<std::string_view> parameter_values(std::string_view name) = 0;
  virtual std::vector<std::string_view> parameter_names() = 0;

  virtual std::optional<std::string_view> content_type() const = 0;
  /// -1 if unknown.
  virtual std::int64_t content_length() const = 0;
  /// Reads from the body, waits for the client if need be. 0 = end. Throws ServletException when
  /// the client is gone.
  virtual std::size_t read(std::span<char> into) = 0;

  virtual Value attribute(std::string_view name) const = 0;
  virtual void set_attribute(std::string_view name, Value value) = 0;
  virtual void remove_attribute(std::string_view name) = 0;

  /// The session, created if there is none and `create`; null otherwise. Valid until the request
  /// ends.
  virtual Session* session(bool create = true) = 0;
  virtual std::optional<std::string_view> requested_session_id() const = 0;
  virtual bool is_requested_session_id_valid() = 0;
  virtual bool is_requested_session_id_from_cookie() const = 0;
  virtual bool is_requested_session_id_from_url() const = 0;
  /// Gives the session a new id and returns it. Throws IllegalStateException without a session.
  virtual std::string change_session_id() = 0;

  virtual std::optional<std::string_view> remote_user() const = 0;
  /// "BASIC" and so on, or nothing.
  virtual std::optional<std::string_view> auth_type() const = 0;
  /// `role` is a role of web.xml, a name of the servlet's own (security-role-ref), or "**": anybody
  /// who is logged in.
  virtual bool is_user_in_role(std::string_view role) const = 0;

  virtual ServletContext& context() = 0;

  /// Makes sure that the user is known, by the application's login-config. False: the response
  /// holds the challenge and nothing may be added. Throws IllegalStateException after the response
  /// has begun.
  virtual bool authenticate(Response& response) = 0;
  /// Logs a user in. Throws ServletException if somebody is logged in already, or if the password
  /// is wrong.
  virtual void login(std::string_view user, std::string_view password) = 0;
  /// Forgets the user, in this request, its session and its single sign-on.
  virtual void logout() = 0;
};

}  // namespace serval
