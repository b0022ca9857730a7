#include "container/authenticator/form_authenticator.h"

#include <fmt/format.h>

#include <array>

#include "container/authenticator/login_notes.h"
#include "container/base/log.h"
#include "container/core/connector.h"
#include "container/core/forward.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.authenticator.FormAuthenticator"};

constexpr std::string_view kAction = "/j_security_check";

bool is_action(const Request& request) {
  return request.line.decoded_path.starts_with(request.context_path()) &&
         request.line.decoded_path.ends_with(kAction);
}

std::optional<std::string> text_of(const std::optional<std::string_view>& text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

/// The body, up to a limit (< 0: none). Nothing if it is longer.
std::optional<std::string> read_body(Request& request, int limit) {
  std::string body;
  std::array<char, 4096> piece;
  while (const std::size_t n = request.read(piece)) {
    body.append(piece.data(), n);
    if (limit >= 0 && body.size() > static_cast<std::size_t>(limit)) return std::nullopt;
  }
  return body;
}

/// Forwards, whatever the application throws.
void show_page(Request& request, Response& response, const std::string& page,
               std::string_view what) {
  try {
    forward(request, response, request.mapped_context, page);
  } catch (const ClientAbortException&) {
    throw;
  } catch (...) {
    request.exception = current_exception_described();
    kLog.warn("Unexpected error forwarding to {} page [{}]: {}", what, page,
              request.exception->text());
    if (!response.is_committed())
      response.send_error(500, fmt::format("Unexpected error forwarding to {} page", what));
  }
}

/// A request for a page of the application, as if the client had made it.
SavedRequestPtr request_for(std::string uri) {
  auto saved = std::make_shared<SavedRequest>();
  saved->method = "GET";
  saved->decoded_uri = uri;
  saved->request_uri = std::move(uri);
  return saved;
}

}  // namespace

std::span<const Attribute<FormAuthenticator::Options>> FormAuthenticator::attributes() {
  static const auto table = with_secure_random(authenticator_attributes<Options>({
      attribute("characterEncoding", &Options::character_encoding,
                "encoding of user and password in the posted form"),
      attribute("landingPage", &Options::landing_page,
                "page of the application for who logs in without having asked for one"),
      attribute("authenticationSessionTimeout", &Options::authentication_session_timeout,
                "seconds that a session made for a login lives until the login is done"),
  }));
  return table;
}

bool FormAuthenticator::continues_login(Request& request) const {
  if (is_action(request)) return true;
  // What is protected for POST alone is asked for with GET after the login.
  StandardSession* const session = request.internal_session(false);
  const auto saved = session ? session->saved_request() : nullptr;
  return saved && saved->decoded_uri == request.line.decoded_path;
}

void FormAuthenticator::register_user(Request& request, const PrincipalPtr& principal,
                                      std::string_view auth_type, const Credentials& credentials) {
  AuthenticatorBase::register_user(request, principal, auth_type, credentials);
  StandardSession* const session = request.internal_session(false);
  if (options_->cache || !session || !credentials.user || !credentials.password) return;
  session->set_note(kUserNote, *credentials.user);
  session->set_note(kPasswordNote, *credentials.password);
}

bool FormAuthenticator::log_in(Request& request, Response& response) {
  const bool knew_user = !options_->cache && log_in_from_notes(request);
  if (is_return(request)) {
    go_on(request, response, *request.internal_session(true));
    return true;
  }
  if (knew_user || has_user(request)) return true;
  if (is_action(request)) {
    check_answer(request, response);
  } else {
    ask(request, response);
  }
  return false;
}

bool FormAuthenticator::log_in_from_notes(Request& request) {
  StandardSession* const session = request.internal_session(true);
  const auto user = session->note(kUserNote), password = session->note(kPasswordNote);
  if (!user || !password || !realm()) return false;
  const auto principal = realm()->authenticate(*user, *password);
  if (!principal) return false;
  register_user(request, principal, method(), {user, password});
  return true;
}

bool FormAuthenticator::is_return(Request& request) const {
  StandardSession* const session = request.internal_session(false);
  const auto saved = session ? session->saved_request() : nullptr;
  if (!saved) return false;
  if (!(options_->cache ? session->principal() : request.principal)) return false;
  return came_with_expected_id(request, *session) &&
         request.line.decoded_path == saved->decoded_uri;
}

bool FormAuthenticator::came_with_expected_id(const Request& request,
                                              const StandardSession& session) const {
  if (!options_->change_session_id_on_authentication) return true;
  const auto expected = session.note(kSessionIdNote);
  return expected && expected == request.requested_id;
}

void FormAuthenticator::go_on(Request& request, Response& response,
                              StandardSession& session) const {
  const auto saved = session.saved_request();
  session.set_saved_request(nullptr);
  session.remove_note(kSessionIdNote);
  if (saved->original_max_inactive_interval)
    session.set_max_inactive_interval(*saved->original_max_inactive_interval);
  request.restore(saved);
  response.head_only = request.method() == "HEAD";
}

void FormAuthenticator::ask(Request& request, Response& response) const {
  // Without the slash the form would be posted to another application.
  if (request.servlet_path().empty() && !request.path_info()) {
    std::string location = std::string(request.line.decoded_path) + "/";
    if (const auto query = request.query_string()) location.append("?").append(*query);
    return response.send_redirect(response.encode_url(location));
  }
  if (!save(request, *request.internal_session(true)))
    return response.send_error(403,
                               "The request body was too large to be cached during the "
                               "authentication process");
  show_login_page(request, response);
}

bool FormAuthenticator::save(Request& request, StandardSession& session) const {
  auto saved = std::make_shared<SavedRequest>();
  saved->method = request.method();
  saved->request_uri = request.request_uri();
  saved->decoded_uri = request.line.decoded_path;
  saved->query = text_of(request.query_string());
  for (const auto& field : request.header_fields)
    saved->headers.emplace_back(field.name, field.value);
  const int limit = request.connector ? request.connector->settings().max_save_post_size : 0;
  if (limit != 0) {
    auto body = read_body(request, limit);
    if (!body) return false;
    if (!body->empty()) {
      saved->content_type = text_of(request.content_type());
      saved->body = *std::move(body);
    }
  }
  if (const auto before = session.saved_request()) {
    saved->original_max_inactive_interval = before->original_max_inactive_interval;
  } else if (const int timeout = options_->authentication_session_timeout;
             session.is_new() && session.max_inactive_interval() > timeout) {
    saved->original_max_inactive_interval = session.max_inactive_interval();
    session.set_max_inactive_interval(timeout);
  }
  session.set_saved_request(std::move(saved));
  return true;
}

void FormAuthenticator::show_login_page(Request& request, Response& response) const {
  const std::string& page = context().settings.login.form_login_page;
  if (page.empty()) {
    const std::string text =
        fmt::format("No login page was defined for FORM authentication in context [{}]",
                    context().context_name());
    kLog.warn("{}", text);
    return response.send_error(500, text);
  }
  if (StandardSession* const session = request.internal_session(false);
      session && options_->change_session_id_on_authentication)
    session->set_note(kSessionIdNote, request.change_session_id());
  const std::string_view method = request.line.method;
  request.line.method = "GET";
  show_page(request, response, page, "login");
  request.line.method = method;  // for the access log
}

void FormAuthenticator::show_error_page(Request& request, Response& response) const {
  const std::string& page = context().settings.login.form_error_page;
  if (!page.empty()) return show_page(request, response, page, "error");
  const std::string text =
      fmt::format("No error page was defined for FORM authentication in context [{}]",
                  context().context_name());
  kLog.warn("{}", text);
  response.send_error(500, text);
}

void FormAuthenticator::check_answer(Request& request, Response& response) {
  request.character_encoding = options_->character_encoding;
  const auto user = text_of(request.parameter("j_username")),
             password = text_of(request.parameter("j_password"));
  const auto principal =
      user && password && realm() ? realm()->authenticate(*user, *password) : nullptr;
  if (!principal) return show_error_page(request, response);
  StandardSession* session = request.internal_session(false);
  if (session && !came_with_expected_id(request, *session)) {
    session->expire(true);
    session = nullptr;
  }
  if (!session) {
    if (!options_->landing_page.empty())
      return send_to_landing_page(request, response, *request.internal_session(true));
    return response.send_error(
        408,
        "The time allowed for the login process has been exceeded. If you wish to continue you "
        "must either click back twice and re-click the link you requested or close and re-open "
        "your browser");
  }
  register_user(request, principal, method(), {user, password});
  const auto saved = session->saved_request();
  if (!saved) {
    if (!options_->landing_page.empty()) return send_to_landing_page(request, response, *session);
    return response.send_error(400, "Invalid direct reference to form login page");
  }
  std::string location = saved->request_uri;
  if (saved->query) location.append("?").append(*saved->query);
  response.send_redirect(response.encode_url(location));
  if (request.protocol() == "HTTP/1.1") response.set_status(303);
}

void FormAuthenticator::send_to_landing_page(Request& request, Response& response,
                                             StandardSession& session) const {
  std::string uri = std::string(request.context_path()) + options_->landing_page;
  session.set_saved_request(request_for(uri));
  response.send_redirect(response.encode_url(uri));
}

}  // namespace serval::core
