// container/connector/host_header.h
#pragma once
#include <optional>
#include <string_view>

namespace serval::connector {

struct HostAndPort {
  std::string_view host;  // "[::1]" with its brackets
  int port = -1;          // -1: none given
};

/// The value of a Host header or the authority of a target, by Tomcat's rules: domain name, IPv4 or
/// bracketed IPv6 address, digits after a colon. Nothing if it is none of these.
///
/// Source: Tomcat org.apache.tomcat.util.http.parser.Host; container-behaviour 1.2.
std::optional<HostAndPort> parse_host(std::string_view text);

}  // namespace serval::connector
