// container/core/cookie_parser.h
#pragma once
#include <optional>
#include <string_view>

namespace serval::core {

struct CookieView {
  std::string_view name, value;  // quotes around the value are taken off
};

/// Takes the next cookie off the front of a Cookie header's value (RFC 6265: split at ';'). What is
/// no cookie is dropped, with one INFO line for the first of the process and DEBUG afterwards. A
/// text without '=' is a name with an empty value. Nothing: the end.
std::optional<CookieView> next_cookie(std::string_view& rest);

template <class Visitor>
void for_each_cookie(std::string_view header, Visitor&& visit) {
  while (const auto cookie = next_cookie(header)) visit(cookie->name, cookie->value);
}

}  // namespace serval::core
