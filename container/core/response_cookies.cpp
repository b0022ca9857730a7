#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "container/base/ascii.h"
#include "container/base/char_set.h"
#include "container/base/http_date.h"
#include "container/core/context.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/servlet/serval/error.h"

namespace serval::core {
namespace {

void require_token(std::string_view what, std::string_view name) {
  if (name.empty() || kToken.span(name) != name.size()) {
    throw IllegalArgumentException(
        fmt::format("{} [{}] is a reserved token or no token", what, name));
  }
}

void require_value(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  for (const char c : value) {
    const auto u = static_cast<unsigned char>(c);
    if (u <= 0x20 || u == 0x7f || c == '"' || c == ',' || c == ';' || c == '\\') {
      throw IllegalArgumentException(
          fmt::format("An invalid character [{}] was present in the Cookie value", u));
    }
  }
}

void require_attribute(std::string_view what, std::string_view text) {
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x20 || u >= 0x7f || c == ';') {
      throw IllegalArgumentException(
          fmt::format("An invalid {} [{}] was specified for this cookie", what, text));
    }
  }
}

}  // namespace

std::string format_cookie(const Cookie& cookie) {
  require_token("Cookie name", cookie.name);
  require_value(cookie.value);
  require_attribute("domain", cookie.domain);
  require_attribute("path", cookie.path);
  require_attribute("SameSite", cookie.same_site);
  for (const auto& [name, value] : cookie.attributes) {
    require_token("Cookie attribute", name);
    require_attribute(name, value);
  }
  std::string text;
  text.reserve(96);
  text.append(cookie.name).append(1, '=').append(cookie.value);
  if (cookie.max_age && *cookie.max_age >= 0) {
    const long age = *cookie.max_age;
    text.append(fmt::format("; Max-Age={}; Expires={}", age,
                            http_date(age == 0 ? 10 : std::time(nullptr) + age)));
  }
  if (!cookie.domain.empty()) text.append("; Domain=").append(cookie.domain);
  if (!cookie.path.empty()) text.append("; Path=").append(cookie.path);
  if (cookie.secure) text.append("; Secure");
  if (cookie.http_only) text.append("; HttpOnly");
  if (!cookie.same_site.empty()) text.append("; SameSite=").append(cookie.same_site);
  if (cookie.partitioned.value_or(false)) text.append("; Partitioned");
  for (const auto& [name, value] : cookie.attributes) {
    text.append("; ").append(name).append(1, '=').append(value);
  }
  return text;
}

void Response::add_cookie(const Cookie& cookie) {
  if (!keeps_head()) append_cookie(cookie);
}

void Response::append_cookie(Cookie cookie) {
  if (const Context* const context = request ? request->mapped_context.get() : nullptr) {
    if (cookie.same_site.empty()) cookie.same_site = context->options.same_site_cookies;
    if (!cookie.partitioned) cookie.partitioned = context->options.partitioned_cookies;
  }
  set_cookies_.push_back(format_cookie(cookie));
}

void Response::set_session_cookie(const Cookie& cookie) {
  if (committed_) return;
  const std::string start = cookie.name + "=";
  const std::string path = "; Path=" + cookie.path;
  std::erase_if(set_cookies_, [&](std::string_view known) {
    const auto at = known.find(path);
    return known.starts_with(start) && at != std::string_view::npos &&
           (at + path.size() == known.size() || known[at + path.size()] == ';');
  });
  append_cookie(cookie);  // an included resource may make a session
}

namespace {

/// Path and following of a URL that leads into this server, or nothing if it leads elsewhere.
std::optional<std::string_view> local_part(std::string_view url, const Request& request) {
  if (url.starts_with('/')) {
    if (url.starts_with("//")) return std::nullopt;
    return url;
  }
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  if (!same_ignoring_case(url.substr(0, colon), request.scheme())) return std::nullopt;
  url.remove_prefix(colon + 3);
  const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  const std::string with_port = fmt::format("{}:{}", request.server_name(), request.server_port());
  const bool default_port = request.server_port() == (request.scheme() == "https" ? 443 : 80);
  if (!same_ignoring_case(authority, with_port) &&
      !(default_port && same_ignoring_case(authority, request.server_name()))) {
    return std::nullopt;
  }
  return url.substr(authority.size());
}

/// A relative URL without ".." stays below the request's own folder.
bool stays_inside(std::string_view url, const Request& request) {
  const std::string_view context = request.context_path();
  if (!url.starts_with('/') && url.find("://") == std::string_view::npos) {
    return url.find("..") == std::string_view::npos;
  }
  const auto local = local_part(url, request);
  if (!local || !local->starts_with(context)) return false;
  return local->size() == context.size() || context.empty() ||
         std::string_view("/?#;").find((*local)[context.size()]) != std::string_view::npos;
}

}  // namespace

std::string Response::encode_url(std::string_view url) {
  std::string encoded(url);
  if (!request || !request->mapped_context || url.empty() || url.starts_with('#')) return encoded;
  const Request::AtHome home(*request);
  const SessionCookieSettings& settings = request->mapped_context->session_cookie();
  if (!settings.use_url || request->requested_id_from_cookie) return encoded;
  StandardSession* const session = request->internal_session(false);
  if (!session || !stays_inside(url, *request)) return encoded;
  const std::string parameter = ";" + settings.url_parameter + "=" + session->id();
  const std::size_t at = std::min(url.find_first_of("?#"), url.size());
  if (at == 0 || encoded.find(parameter) != std::string::npos) return encoded;
  return encoded.insert(at, parameter);
}

}  // namespace serval::core
