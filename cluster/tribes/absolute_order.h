#pragma once
#include <algorithm>
#include <compare>
#include <cstdint>
#include <string_view>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// How the bytes of addresses and ids compare.
enum class MemberOrder {
  kSigned,    // Tomcat up to 9.0.118, 10.1.55 and 11.0.22
  kUnsigned,  // later ones
};
/// "signed" or "unsigned".
Result<> parse_into(std::string_view text, MemberOrder& order);

/// Whether a stands before b in the order on which all nodes agree: length of the host, its bytes,
/// port, bytes of the id.
/// Source: Tomcat org.apache.catalina.tribes.group.AbsoluteOrder; tribes-wire 1, 10.10.
inline bool in_absolute_order(const Member& a, const Member& b,
                              MemberOrder bytes = MemberOrder::kSigned) {
  const auto compare = [bytes](const auto& x, const auto& y) {
    return std::lexicographical_compare_three_way(
        x.begin(), x.end(), y.begin(), y.end(), [bytes](std::uint8_t m, std::uint8_t n) {
          return bytes == MemberOrder::kUnsigned
                     ? m <=> n
                     : static_cast<std::int8_t>(m) <=> static_cast<std::int8_t>(n);
        });
  };
  auto order = a.host.size() <=> b.host.size();
  if (order == 0) order = compare(a.host, b.host);
  if (order == 0) order = a.port <=> b.port;
  if (order == 0) order = compare(a.id, b.id);
  return order < 0;
}

/// Sorts members into that order.
inline void sort_absolutely(Members& members, MemberOrder bytes = MemberOrder::kSigned) {
  std::ranges::sort(members, [bytes](const MemberPtr& a, const MemberPtr& b) {
    return in_absolute_order(*a, *b, bytes);
  });
}

}  // namespace serval::tribes
