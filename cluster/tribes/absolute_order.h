#pragma once
#include <algorithm>
#include <compare>
#include <cstdint>

#include "cluster/tribes/member.h"

namespace serval::tribes {

/// Whether a stands before b in the order on which all nodes agree: length of the host, its bytes,
/// port, bytes of the id. Bytes are signed, as in Tomcat up to 9.0.118, 10.1.55 and 11.0.22.
/// Source: Tomcat org.apache.catalina.tribes.group.AbsoluteOrder; tribes-wire 1, 10.10.
inline bool in_absolute_order(const Member& a, const Member& b) {
  const auto signed_order = [](const auto& x, const auto& y) {
    return std::lexicographical_compare_three_way(
        x.begin(), x.end(), y.begin(), y.end(), [](std::uint8_t m, std::uint8_t n) {
          return static_cast<std::int8_t>(m) <=> static_cast<std::int8_t>(n);
        });
  };
  auto order = a.host.size() <=> b.host.size();
  if (order == 0) order = signed_order(a.host, b.host);
  if (order == 0) order = a.port <=> b.port;
  if (order == 0) order = signed_order(a.id, b.id);
  return order < 0;
}

}  // namespace serval::tribes
