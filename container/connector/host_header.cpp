#include "container/connector/host_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "container/connector/http_chars.h"

namespace serval::connector {
namespace {

constexpr int kLargestPort = 99999;  // Tomcat does not look at the value, 99999 is served

std::optional<int> parse_port(std::string_view digits) {
  if (digits.empty()) return -1;
  int port = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    port = std::min(port * 10 + (c - '0'), kLargestPort);
  }
  return port;
}

/// Labels of letters, digits and inner hyphens; a dot may end the name.
bool is_domain_name(std::string_view name) {
  char previous = '.';
  for (const char c : name) {
    if (c == '.') {
      if (previous == '.' || previous == '-') return false;
    } else if (c == '-') {
      if (previous == '.') return false;
    } else if (!kAlphaNumeric.contains(c)) {
      return false;
    }
    previous = c;
  }
  return !name.empty() && previous != '-';
}

bool is_ipv6(std::string_view address) {
  in6_addr parsed{};
  return ::inet_pton(AF_INET6, std::string(address).c_str(), &parsed) == 1;
}

}  // namespace

std::optional<HostAndPort> parse_host(std::string_view text) {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == text.npos || !is_ipv6(text.substr(1, end - 1))) return std::nullopt;
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    if (!is_domain_name(text.substr(0, end))) return std::nullopt;
  }
  HostAndPort result{text.substr(0, end), -1};
  if (end == text.size()) return result;
  if (text[end] != ':') return std::nullopt;
  const auto port = parse_port(text.substr(end + 1));
  if (!port) return std::nullopt;
  result.port = *port;
  return result;
}

}  // namespace serval::connector
