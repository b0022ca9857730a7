#pragma once
#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <optional>

#include "cluster/tribes/member.h"

namespace serval::tribes {

inline std::optional<boost::asio::ip::address> address_of(const Bytes& host) {
  namespace ip = boost::asio::ip;
  if (host.size() == 4) {
    ip::address_v4::bytes_type bytes;
    std::copy(host.begin(), host.end(), bytes.begin());
    return ip::address_v4(bytes);
  }
  if (host.size() == 16) {
    ip::address_v6::bytes_type bytes;
    std::copy(host.begin(), host.end(), bytes.begin());
    return ip::address_v6(bytes);
  }
  return std::nullopt;
}

inline Bytes host_bytes(const boost::asio::ip::address& address) {
  const auto copy = [](const auto& bytes) { return Bytes(bytes.begin(), bytes.end()); };
  return address.is_v4() ? copy(address.to_v4().to_bytes()) : copy(address.to_v6().to_bytes());
}

/// Where a member listens; nothing if its record names no usable address.
inline std::optional<boost::asio::ip::tcp::endpoint> endpoint_of(const Member& member) {
  const auto address = address_of(member.host);
  if (!address || member.port <= 0 || member.port > 65535) return std::nullopt;
  return boost::asio::ip::tcp::endpoint(*address, static_cast<std::uint16_t>(member.port));
}

/// The same for its UDP port.
inline std::optional<boost::asio::ip::udp::endpoint> udp_endpoint_of(const Member& member) {
  const auto address = address_of(member.host);
  if (!address || member.udp_port <= 0 || member.udp_port > 65535) return std::nullopt;
  return boost::asio::ip::udp::endpoint(*address, static_cast<std::uint16_t>(member.udp_port));
}

}  // namespace serval::tribes
