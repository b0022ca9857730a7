#include "container/core/cookie_parser.h"

#include <algorithm>
#include <atomic>

#include "container/base/ascii.h"
#include "container/base/char_set.h"
#include "container/base/log.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.tomcat.util.http.parser.Cookie"};

/// RFC 6265 cookie-octet, and bytes of UTF-8.
constexpr CharSet kCookieValue = CharSet("!")
                                     .add_range('#', '+')
                                     .add_range('-', ':')
                                     .add_range('<', '[')
                                     .add_range(']', '~')
                                     .add_range(0x80, 0xff);

/// The content of one piece between two ';', or nothing if it is no cookie.
std::optional<CookieView> parse(std::string_view piece) {
  const std::size_t equals = piece.find('=');
  CookieView cookie;
  cookie.name = trim(piece.substr(0, equals));
  if (equals != std::string_view::npos) cookie.value = trim(piece.substr(equals + 1));
  std::string_view& value = cookie.value;
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  const bool good = !cookie.name.empty() && kToken.span(cookie.name) == cookie.name.size() &&
                    kCookieValue.span(value) == value.size();
  return good ? std::optional(cookie) : std::nullopt;
}

void report_dropped() {
  static std::atomic<bool> reported{false};
  static constexpr std::string_view kText =
      "A cookie header was received that contained an invalid cookie. That cookie will be ignored.";
  if (reported.exchange(true, std::memory_order_relaxed)) {
    kLog.debug("{}", kText);
  } else {
    kLog.info("{} Note: further occurrences of this error will be logged at DEBUG level.", kText);
  }
}

}  // namespace

std::optional<CookieView> next_cookie(std::string_view& rest) {
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
    if (trim(piece).empty()) continue;
    if (auto cookie = parse(piece)) return cookie;
    report_dropped();
  }
  return std::nullopt;
}

}  // namespace serval::core
