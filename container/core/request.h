// container/core/request.h
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/gate.h"
#include "container/base/result.h"
#include "container/core/thrown_exception.h"
#include "container/servlet/serval/request.h"
#include "container/session/session.h"

namespace serval::core {

class Connector;
class Context;
class Host;
class ParameterParser;
class Response;
class Wrapper;

/// Where a request's body comes from. The connector implements it.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Reads some bytes; waits in a BlockingScope if none are there. 0 = end. Errors: kIo (client
  /// gone), kTimeout, kProtocol (bad chunk).
  virtual Result<std::size_t> read(std::span<char> into) = 0;
};

struct HeaderField {
  std::string_view name, value;
};

/// Why a servlet is called; filters go by it.
enum class Dispatch { kRequest, kForward, kInclude, kError };

/// What the connector found, before mapping. Views point into its read buffer and live until the
/// request ends.
struct RequestLine {
  std::string_view method;
  std::string_view uri;  // raw path, without query; absolute targets are reduced to it
  std::optional<std::string_view> query;               // raw, without '?'
  std::string_view protocol;                           // "HTTP/1.1"
  std::string_view decoded_path;                       // decoded, normalised, without ;parameters
  std::optional<std::string_view> session_id_in_path;  // value of ;jsessionid=
  std::string_view server_name;  // from Host or the absolute target, without port
  int server_port = 80;
  std::int64_t content_length = -1;
  bool chunked = false;
};

/// A request on its way through the container (Tomcat connector.Request). One object per
/// connection, reused.
///
/// Threads: the thread that runs the request.
class Request final : public serval::Request {
 public:
  Request();
  ~Request() override;

  // --- set by the connector
  RequestLine line;
  std::vector<HeaderField> header_fields;
  BodySource* body = nullptr;
  Connector* connector = nullptr;
  std::string remote_addr_text, local_addr_text;
  int remote_port_number = 0, local_port_number = 0;
  bool secure = false;
  std::int64_t start_ms = 0;  // wall clock when the head was complete (access log)
  std::int64_t start_ns = 0;  // steady

  // --- set by mapping (CoyoteAdapter)
  std::shared_ptr<Host> host;
  std::shared_ptr<Context> mapped_context;
  std::shared_ptr<Wrapper> wrapper;
  bool reached_servlet = false;  // valves before the wrapper let it through
  std::string_view servlet_path_view;
  std::optional<std::string_view> path_info_view;
  /// Path inside the context that was mapped, a welcome file included; filters go by it.
  std::string_view mapped_path;
  std::string path_storage;  // what the views point into when it is not the client's own path
  Dispatch dispatch = Dispatch::kRequest;
  /// Path of the context that includes another one's resource, while that runs.
  std::optional<std::string_view> context_path_view;
  /// Set when mapping asks for a redirect (context root without slash).
  std::string redirect_path;

  // --- other applications (crossContext)
  /// One that the request was dispatched to. It stays inside until it ends.
  struct Visit {
    std::shared_ptr<Context> context;
    Gate::Pass pass;
    SessionPtr session;  // null if it was not asked for
  };
  const std::vector<Visit>& visits() const { return visits_; }
  /// Makes another context the mapped one. Errors: ServletException when it is not available.
  void enter(const std::shared_ptr<Context>& context);
  /// While it lives the mapped context is the one that the client asked for: cookies and logins are
  /// that one's.
  class AtHome {
   public:
    explicit AtHome(Request& request);
    ~AtHome();
    AtHome(const AtHome&) = delete;
    AtHome& operator=(const AtHome&) = delete;

   private:
    Request& request_;
    std::shared_ptr<Context> context_;
    const std::optional<std::string_view> context_path_;
  };

  // --- sessions
  /// The session if it exists and is valid, made if `create`; counts the access the first time. In
  /// an application that the request visits: that application's session under the id of the one
  /// that the request came with (which is made too).
  StandardSession* internal_session(bool create);
  /// What the client asked for; JvmRouteBinderValve changes it.
  std::optional<std::string> requested_id;
  bool requested_id_from_cookie = false, requested_id_from_url = false;
  /// Finds it by the context's rules: path parameter first, a cookie replaces it.
  /// False: more cookies than the connector allows.
  bool find_requested_id(const Context& context);
  void change_requested_session_id(std::string_view id);
  /// Makes the response carry the new id (cookie or encoded URLs). Called by change_session_id and
  /// the binder valve.
  void session_id_changed(std::string_view new_id);

  // --- security
  PrincipalPtr principal;
  std::string auth_type_name;
  /// The single sign-on that this request belongs to; empty: none.
  std::string single_sign_on_id;
  /// Encoding of a form whatever its Content-Type says; empty: that decides. Before the first
  /// parameter is read.
  std::string character_encoding;
  /// Becomes the request that was kept while its user logged in: method, headers, body. The query
  /// stays. Errors: what reading the rest of the body throws.
  void restore(SavedRequestPtr saved);

  // --- internal notes for valves and error pages
  std::optional<ThrownException> exception;  // what an application threw
  Response* response = nullptr;

  /// Ends the access of the session, and the visits to other applications. The adapter calls it
  /// when the pipeline is through, inside the context's gate.
  void release_session();
  /// Forgets everything but the connection's addresses; keeps memory for the next request.
  void recycle();
  /// Parameters of the query of an error page or another dispatch, in front of the others, until
  /// they are dropped.
  void add_parameters_in_front(std::string_view query);
  void drop_parameters_in_front() { parameters_in_front_.pop_back(); }

  // --- serval::Request
  std::string_view method() const override { return line.method; }
  std::string_view request_uri() const override { return line.uri; }
  std::string_view context_path() const override;
  std::string_view servlet_path() const override { return servlet_path_view; }
  std::optional<std::string_view> path_info() const override { return path_info_view; }
  std::optional<std::string_view> query_string() const override { return line.query; }
  std::string_view protocol() const override { return line.protocol; }
  std::string_view scheme() const override;
  std::string_view server_name() const override;
  int server_port() const override;
  std::string_view remote_addr() const override { return remote_addr_text; }
  int remote_port() const override { return remote_port_number; }
  std::string_view local_addr() const override { return local_addr_text; }
  int local_port() const override { return local_port_number; }
  bool is_secure() const override { return secure; }
  std::optional<std::string_view> header(std::string_view name) const override;
  std::vector<std::string_view> headers(std::string_view name) const override;
  std::vector<std::string_view> header_names() const override;
  std::span<const Cookie> cookies() override;
  std::optional<std::string_view> parameter(std::string_view name) override;
  std::vector<std::string_view> parameter_values(std::string_view name) override;
  std::vector<std::string_view> parameter_names() override;
  std::optional<std::string_view> content_type() const override { return header("Content-Type"); }
  std::int64_t content_length() const override { return line.content_length; }
  std::size_t read(std::span<char> into) override;
  Value attribute(std::string_view name) const override;
  void set_attribute(std::string_view name, Value value) override;
  void remove_attribute(std::string_view name) override;
  Session* session(bool create) override { return internal_session(create); }
  std::optional<std::string_view> requested_session_id() const override { return requested_id; }
  bool is_requested_session_id_valid() override;
  bool is_requested_session_id_from_cookie() const override { return requested_id_from_cookie; }
  bool is_requested_session_id_from_url() const override { return requested_id_from_url; }
  std::string change_session_id() override;
  std::optional<std::string_view> remote_user() const override;
  std::optional<std::string_view> auth_type() const override;
  bool is_user_in_role(std::string_view role) const override;
  ServletContext& context() override;
  bool authenticate(serval::Response& response) override;
  void login(std::string_view user, std::string_view password) override;
  void logout() override;

  /// The session that this request has used so far, or null.
  const SessionPtr& session_object() const { return session_; }
  /// Whether the body should have been a form and could not be read; the application sees it in
  /// the attribute org.apache.catalina.parameter_parse_failed.
  bool form_failed() const { return form_failed_; }

 private:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  void parse_parameters();
  template <class Visitor>
  void each_parameter(Visitor&& visitor);
  void parse_form(ParameterParser& parser);
  StandardSession* visited_session(bool create);
  SessionPtr find_own_session();
  bool may_take_requested_id() const;

  SessionPtr session_;
  std::shared_ptr<Context> home_;  // set by the first visit
  std::vector<Visit> visits_;
  SavedRequestPtr restored_;  // what method, headers and body point into
  std::unique_ptr<BodySource> restored_body_;
  bool cookies_parsed_ = false, parameters_parsed_ = false, body_used_ = false,
       form_failed_ = false;
  std::vector<Cookie> cookies_;
  Parameters parameters_;
  std::vector<Parameters> parameters_in_front_;  // of nested dispatches, the innermost last
  std::vector<std::pair<std::string, Value>> attributes_;
};

}  // namespace serval::core
