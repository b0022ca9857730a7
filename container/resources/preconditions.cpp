#include "container/resources/preconditions.h"

#include <cstdlib>

#include "container/resources/http_date_parser.h"

namespace serval::core {
namespace {

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

std::optional<std::int64_t> date(const serval::Request& request, std::string_view name) {
  const auto value = request.header(name);
  return value ? parse_http_date(*value) : std::nullopt;
}

int check_if_match(std::string_view value, std::string_view etag) {
  if (value == "*") return 0;
  const auto matched = etag_in_list(value, etag, false);
  if (!matched) return 400;
  return *matched ? 0 : 412;
}

int check_if_none_match(const serval::Request& request, std::string_view value,
                        std::string_view etag) {
  const auto matched = value == "*" ? true : etag_in_list(value, etag, true);
  if (!matched) return 400;
  if (!*matched) return 0;
  return request.method() == "GET" || request.method() == "HEAD" ? 304 : 412;
}

}  // namespace

std::optional<bool> etag_in_list(std::string_view list, std::string_view etag, bool weak) {
  const bool is_weak = etag.starts_with("W/");
  if (is_weak) etag.remove_prefix(2);
  bool found = false, any = false;
  while (true) {
    skip_blanks(list);
    if (list.empty()) break;
    const bool item_weak = list.starts_with("W/");
    if (item_weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return std::nullopt;
    const std::size_t end = list.find('"', 1);
    if (end == std::string_view::npos) return std::nullopt;
    if (list.substr(0, end + 1) == etag && (weak || (!item_weak && !is_weak))) found = true;
    any = true;
    list.remove_prefix(end + 1);
    skip_blanks(list);
    if (list.empty()) break;
    if (list.front() != ',') return std::nullopt;
    list.remove_prefix(1);
  }
  return any ? std::optional(found) : std::nullopt;
}

int check_preconditions(const serval::Request& request, std::string_view etag,
                        std::int64_t last_modified) {
  if (const auto value = request.header("If-Match")) {
    if (const int status = check_if_match(*value, etag)) return status;
  } else if (const auto since = date(request, "If-Unmodified-Since")) {
    if (last_modified >= *since + 1000) return 412;
  }
  if (const auto value = request.header("If-None-Match"))
    return check_if_none_match(request, *value, etag);
  if (request.method() == "GET" || request.method() == "HEAD") {
    const auto since = date(request, "If-Modified-Since");
    if (since && last_modified < *since + 1000) return 304;
  }
  return 0;
}

bool if_range_allows(const serval::Request& request, std::string_view etag,
                     std::int64_t last_modified) {
  const auto value = request.header("If-Range");
  if (!value) return true;
  if (const auto at = parse_http_date(*value)) return std::abs(last_modified - *at) <= 1000;
  return *value == etag;
}

}  // namespace serval::core
