#include "container/connector/http11_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "container/base/ascii.h"

namespace serval::connector {
namespace {

using Options = Http11Options;
using Settings = core::Connector::Settings;

constexpr std::string_view kProtocolClass = "org.apache.coyote.http11.Http11NioProtocol";
constexpr std::string_view kRelaxable = "\"<>[\\]^`{|}";

template <class T>
Attribute<Options> setting(std::string_view name, T Settings::*field, std::string_view help) {
  return {name, help, [field](Options& o, std::string_view text) {
            return parse_into(text, o.settings.*field);
          }};
}

template <class T>
Attribute<Options> optional(std::string_view name, std::optional<T> Options::*field,
                            std::string_view help) {
  return {name, help, [field](Options& o, std::string_view text) -> Result<> {
            T value{};
            if (auto parsed = parse_into(text, value); !parsed) return parsed;
            o.*field = value;
            return {};
          }};
}

Result<> parse_slash(std::string_view text, EncodedSlash& value) {
  if (same_ignoring_case(text, "reject")) {
    value = EncodedSlash::kReject;
  } else if (same_ignoring_case(text, "decode")) {
    value = EncodedSlash::kDecode;
  } else if (same_ignoring_case(text, "passthrough")) {
    value = EncodedSlash::kPassThrough;
  } else {
    return Error{Errc::kInvalidArgument, "not one of reject, decode, passthrough"};
  }
  return {};
}

Attribute<Options> slash(std::string_view name, EncodedSlash Options::*field,
                         std::string_view help) {
  return {name, help,
          [field](Options& o, std::string_view text) { return parse_slash(text, o.*field); }};
}

Attribute<Options> relaxed(std::string_view name, std::string Options::*field,
                           std::string_view help) {
  return {
      name, help, [field](Options& o, std::string_view text) -> Result<> {
        if (text.find_first_not_of(kRelaxable) != text.npos) {
          return Error{Errc::kInvalidArgument, fmt::format("only {} may be relaxed", kRelaxable)};
        }
        o.*field = text;
        return {};
      }};
}

Result<> set_uri_encoding(Options& options, std::string_view text) {
  if (!same_ignoring_case(text, "UTF-8") && !same_ignoring_case(text, "ISO-8859-1")) {
    return Error{Errc::kInvalidArgument, "this version knows UTF-8 and ISO-8859-1"};
  }
  options.uri_is_latin1 = same_ignoring_case(text, "ISO-8859-1");
  return {};
}

Result<> set_continue_timing(Options& options, std::string_view text) {
  if (!same_ignoring_case(text, "immediately") && !same_ignoring_case(text, "onRead")) {
    return Error{Errc::kInvalidArgument, "not one of immediately, onRead"};
  }
  options.continue_on_read = same_ignoring_case(text, "onRead");
  return {};
}

std::vector<Attribute<Options>> make_table() {
  return {
      attribute("port", &Options::port, "port; 0: any free one, -1: not opened"),
      attribute("address", &Options::address, "address to bind; unset: all"),
      attribute("acceptCount", &Options::accept_count, "connections that wait to be accepted"),
      attribute("backlog", &Options::accept_count, "same as acceptCount"),
      attribute("maxConnections", &Options::max_connections, "connections at a time; -1: no limit"),
      attribute("maxThreads", &Options::max_threads, "threads that run requests"),
      setting("scheme", &Settings::scheme, "what getScheme returns"),
      setting("secure", &Settings::secure, "what isSecure returns"),
      setting("proxyName", &Settings::proxy_name, "server name that applications see"),
      setting("proxyPort", &Settings::proxy_port, "server port that applications see; 0: none"),
      setting("redirectPort", &Settings::redirect_port, "port for confidential resources"),
      setting("maxPostSize", &Settings::max_post_size, "bytes of a form that are parsed"),
      setting("maxSavePostSize", &Settings::max_save_post_size,
              "bytes of a body that are kept while its user logs in; -1: no limit"),
      setting("maxParameterCount", &Settings::max_parameter_count, "parameters that are kept"),
      setting("maxCookieCount", &Settings::max_cookie_count, "cookies; more are refused"),
      setting("parseBodyMethods", &Settings::parse_body_methods, "methods that may carry a form"),
      setting("allowTrace", &Settings::allow_trace, "TRACE reaches the servlet"),
      attribute("connectionTimeout", &Options::connection_timeout, "ms of silence in a request"),
      attribute("soTimeout", &Options::connection_timeout, "same as connectionTimeout"),
      optional("keepAliveTimeout", &Options::keep_alive_timeout, "ms between two requests"),
      attribute("maxKeepAliveRequests", &Options::max_keep_alive_requests,
                "requests of a connection; 1: no keep-alive, -1: no limit"),
      attribute("disableUploadTimeout", &Options::disable_upload_timeout,
                "bodies have connectionTimeout too"),
      attribute("connectionUploadTimeout", &Options::connection_upload_timeout,
                "ms of silence in a body, with disableUploadTimeout=false"),
      attribute("executorTerminationTimeoutMillis", &Options::executor_termination_timeout,
                "ms that running requests get at stop"),
      attribute("maxHttpHeaderSize", &Options::max_header_size, "default of the next two"),
      optional("maxHttpRequestHeaderSize", &Options::max_request_header_size,
               "bytes of request line and header"),
      optional("maxHttpResponseHeaderSize", &Options::max_response_header_size,
               "bytes of an answer's header"),
      attribute("maxHeaderCount", &Options::max_header_count, "header lines of a request"),
      attribute("maxSwallowSize", &Options::max_swallow_size,
                "bytes of an unread body that are drained"),
      attribute("maxTrailerSize", &Options::max_trailer_size, "bytes of trailer fields"),
      attribute("maxExtensionSize", &Options::max_extension_size, "bytes of chunk extensions"),
      relaxed("relaxedPathChars", &Options::relaxed_path_chars,
              "characters allowed unencoded in the path"),
      relaxed("relaxedQueryChars", &Options::relaxed_query_chars,
              "characters allowed unencoded in the query"),
      attribute("rejectIllegalHeader", &Options::reject_illegal_header,
                "400 for a bad header line; false: the line is dropped"),
      attribute("rejectIllegalHeaderName", &Options::reject_illegal_header,
                "same as rejectIllegalHeader"),
      attribute("allowHostHeaderMismatch", &Options::allow_host_header_mismatch,
                "an absolute target may name another host"),
      slash("encodedSolidusHandling", &Options::encoded_solidus,
            "%2f: reject, decode, passthrough"),
      slash("encodedReverseSolidusHandling", &Options::encoded_reverse_solidus,
            "%5c: reject, decode, passthrough"),
      {"URIEncoding", "charset of %xx in the path", set_uri_encoding},
      {"continueResponseTiming", "100 Continue: immediately, onRead", set_continue_timing},
      attribute("server", &Options::server, "value of the Server header; unset: none"),
      attribute("serverRemoveAppProvidedValues", &Options::server_remove_app_provided_values,
                "drop the application's Server header"),
      attribute("useKeepAliveResponseHeader", &Options::use_keep_alive_response_header,
                "send Keep-Alive to clients that ask for it"),
      attribute("tcpNoDelay", &Options::tcp_no_delay, "TCP_NODELAY"),
      attribute("socket.tcpNoDelay", &Options::tcp_no_delay, "same as tcpNoDelay"),
      attribute("connectionLinger", &Options::linger_seconds, "SO_LINGER in s; -1: off"),
      attribute("soLinger", &Options::linger_seconds, "same as connectionLinger"),
      attribute("socket.soLingerTime", &Options::linger_seconds, "same as connectionLinger"),
      attribute("socket.soTimeout", &Options::connection_timeout, "same as connectionTimeout"),
      attribute("socket.rxBufSize", &Options::receive_buffer, "SO_RCVBUF"),
      attribute("socket.txBufSize", &Options::send_buffer, "SO_SNDBUF"),
      attribute("socket.soKeepAlive", &Options::tcp_keep_alive, "SO_KEEPALIVE"),
      attribute("bindOnInit", &Options::bind_on_init, "bind before the applications start"),
  };
}

std::size_t limit(std::optional<int> own, int common) {
  constexpr int kLeast = 64;
  return static_cast<std::size_t>(std::max(own.value_or(common), kLeast));
}

}  // namespace

std::span<const Attribute<Options>> Http11Options::attributes() {
  static const std::vector<Attribute<Options>> table = make_table();
  return table;
}

std::size_t Http11Options::request_header_limit() const {
  return limit(max_request_header_size, max_header_size);
}
std::size_t Http11Options::response_header_limit() const {
  return limit(max_response_header_size, max_header_size);
}

HeadRules Http11Options::head_rules() const {
  HeadRules rules;
  rules.max_bytes = request_header_limit();
  rules.max_fields = max_header_count;
  rules.reject_illegal_header = reject_illegal_header;
  rules.path_chars.add(relaxed_path_chars);
  rules.query_chars.add(relaxed_query_chars);
  return rules;
}

RequestRules Http11Options::request_rules() const {
  RequestRules rules;
  rules.path = {.solidus = encoded_solidus,
                .reverse_solidus = encoded_reverse_solidus,
                .latin1 = uri_is_latin1};
  rules.allow_host_header_mismatch = allow_host_header_mismatch;
  rules.default_port = settings.scheme == "https" ? 443 : 80;
  return rules;
}

Http11Options read_http11_options(const Element& element, Diagnostics& diagnostics) {
  auto options =
      read_options<Options>(element, kProtocolClass, Options::attributes(), diagnostics);
  const auto is_true = [&](std::string_view name) {
    return same_ignoring_case(element.attribute_or(name, "false"), "true");
  };
  if (is_true("SSLEnabled") || element.child("SSLHostConfig")) {
    diagnostics.error(element.origin,
                      fmt::format("{}: TLS is known from Tomcat, but this version of Serval does "
                                  "not have it yet; the connector would serve in the clear",
                                  element.path));
  }
  const std::string_view compression = element.attribute_or("compression", "off");
  if (!same_ignoring_case(compression, "off") && compression != "false") {
    diagnostics.info(element.origin, fmt::format("{}: compression is not there yet, answers are "
                                                 "sent as they are",
                                                 element.path));
  }
  return options;
}

}  // namespace serval::connector
