// cluster/tribes/member.h
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace serval::tribes {

using Bytes = std::vector<std::uint8_t>;
using UniqueId = std::array<std::uint8_t, 16>;

/// A fresh random id with UUID version 4 bits.
UniqueId random_id();

/// The command of a record that says "this node leaves now".
inline constexpr std::string_view kShutdownCommand = "BABY-ALEX";

/// A node of the group. Members are equal when host, port and id are; nothing else takes part.
///
/// Threads: a Member is constant once shared; changes make a new one.
/// Source: Tomcat org.apache.catalina.tribes.membership.MemberImpl; tribes-wire 2.
struct Member {
  Bytes host;  // raw address: 4 bytes for IPv4, 16 for IPv6
  std::int32_t port = 0;
  std::int32_t secure_port = -1;
  std::int32_t udp_port = -1;
  UniqueId id{};
  std::int64_t alive_ms = 0;  // since the member's membership service started
  Bytes domain, payload, command;
  bool local = false;
  bool is_static = false;  // configured here, not heard of
  int messages = 0;        // heartbeats sent, of the local member; not on the wire

  /// Tomcat's form: "tcp://{127, 0, 0, 1}:4000".
  std::string name() const;
  /// "127.0.0.1" or "::1".
  std::string host_text() const;
  /// "127.0.0.1:4000" or "[::1]:4000".
  std::string address_text() const;
  /// Tomcat's long form, as its log shows members: class, name, alive time, id, payload, domain.
  std::string description() const;
  /// The command of a node that leaves.
  bool is_shutdown() const;
  void set_shutdown();

  friend bool operator==(const Member& a, const Member& b) {
    return a.host == b.host && a.port == b.port && a.id == b.id;
  }
};
/// alive_ms of a member of which somebody has kept a record, perhaps an old one of a process that
/// is gone: a hundred years. It must not seem younger than who is known at its place.
inline constexpr std::int64_t kUnknownAge = 36525LL * 24 * 3600 * 1000;

/// Whether both listen on the same host and port: they are one member, or one process and the next.
inline bool same_place(const Member& a, const Member& b) {
  return a.host == b.host && a.port == b.port;
}
using MemberPtr = std::shared_ptr<const Member>;
/// Ordered oldest first where it comes from a membership.
using Members = std::vector<MemberPtr>;

/// Whether one of them is equal to the member.
bool contains(const Members& members, const Member& member);

}  // namespace serval::tribes
