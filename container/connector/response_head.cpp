#include "container/connector/response_head.h"

#include <charconv>

#include "container/base/ascii.h"
#include "container/base/http_date.h"
#include "container/connector/http_chars.h"

namespace serval::connector {
namespace {

using Body = ResponsePlan::Body;
using Version = RequestFacts::Version;

bool drops_connection(int status) {
  switch (status) {
    case 400:
    case 408:
    case 411:
    case 413:
    case 414:
    case 500:
    case 501:
    case 503:
      return true;
    default:
      return false;
  }
}

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 205 || status == 304;
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (same_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.append(digits, end);
}

void append_clean(std::string& out, std::string_view text) {
  std::size_t clean = out.size() + kValue.span(text);
  out.append(text);
  for (; clean < out.size(); ++clean) {
    if (!kValue.contains(out[clean])) out[clean] = ' ';
  }
}

void append_value(std::string& out, std::string_view value) {
  out.append(": ");
  append_clean(out, value);
  out.append("\r\n");
}

/// A field whose name is ours.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name);
  append_value(out, value);
}

void append_application_fields(const core::Response& response, const Http11Options& options,
                               std::string& out) {
  const bool keep_server = options.server.empty() && !options.server_remove_app_provided_values;
  for (const auto& [name, value] : response.header_list()) {
    if (name.size() == 16 && same_ignoring_case(name, "Content-Language")) continue;
    if (name.size() == 6 && !keep_server && same_ignoring_case(name, "Server")) continue;
    append_clean(out, name);
    append_value(out, value);
  }
  for (const auto& cookie : response.set_cookies()) append_field(out, "Set-Cookie", cookie);
}

void append_connection(const ResponsePlan& plan, const RequestFacts& request,
                       const Http11Options& options, std::string& out) {
  if (!plan.keep_alive) {
    if (plan.with_close) out.append("Connection: close\r\n");
    return;
  }
  if (!request.asks_keep_alive) return;
  const bool old = request.version == Version::k10;
  if (old) out.append("Connection: keep-alive\r\n");
  const auto seconds = options.idle_timeout().count() / 1000;
  if (!options.use_keep_alive_response_header || options.idle_timeout().count() <= 0) return;
  out.append("Keep-Alive: timeout=");
  append_number(out, seconds);
  out.append("\r\n");
  if (!old) out.append("Connection: keep-alive\r\n");
}

}  // namespace

ResponsePlan plan_response(const core::Response& response, const RequestFacts& request,
                           std::optional<std::uint64_t> whole_body, bool keep_alive) {
  ResponsePlan plan;
  plan.keep_alive =
      keep_alive && !response.close_connection && !drops_connection(response.status());
  bool app_closes = false;
  for (const auto& [name, value] : response.header_list()) {
    if (name.size() == 4 && same_ignoring_case(name, "Date")) {
      plan.with_date = false;
    } else if (name.size() == 10 && same_ignoring_case(name, "Connection")) {
      app_closes = app_closes || has_token(value, "close");
    } else if (name.size() == 16 && same_ignoring_case(name, "Content-Language")) {
      plan.content_language = value;
    }
  }
  if (app_closes) plan.keep_alive = plan.with_close = false;

  const bool no_body = has_no_body(response.status());
  plan.send_body = !no_body && !response.head_only;
  if (no_body) {
    plan.body = Body::kNone;
    plan.sends_length = response.status() == 205;
  } else if (const auto declared = response.declared_length(); declared && *declared >= 0) {
    plan.body = Body::kLength;
    plan.length = static_cast<std::uint64_t>(*declared);
    plan.sends_length = true;
  } else if (whole_body) {
    plan.body = Body::kLength;
    plan.length = *whole_body;
    plan.sends_length = true;
  } else if (request.version == Version::k11 && !app_closes) {
    plan.body = Body::kChunked;
  } else {
    plan.body = Body::kUntilClose;
    if (!response.head_only) plan.keep_alive = false;
  }
  if (request.version == Version::k09) plan.keep_alive = false;
  return plan;
}

void append_response_head(const core::Response& response, const ResponsePlan& plan,
                          const RequestFacts& request, const Http11Options& options,
                          std::string& out) {
  out.append("HTTP/1.1 ");
  append_number(out, response.status());
  out.append(" \r\n");
  append_application_fields(response, options, out);
  if (plan.body != Body::kNone || response.status() == 204) {
    if (!response.content_type_text().empty()) {
      append_field(out, "Content-Type", response.content_type_text());
    }
    if (!plan.content_language.empty()) {
      append_field(out, "Content-Language", plan.content_language);
    }
  }
  if (plan.sends_length) {
    out.append("Content-Length: ");
    append_number(out, plan.length);
    out.append("\r\n");
  } else if (plan.body == Body::kChunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (plan.with_date) {
    out.append("Date: ");
    out.append(current_http_date());
    out.append("\r\n");
  }
  append_connection(plan, request, options, out);
  if (!options.server.empty()) append_field(out, "Server", options.server);
  out.append("\r\n");
}

}  // namespace serval::connector
