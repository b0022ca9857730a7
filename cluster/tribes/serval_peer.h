#pragma once
#include <cstdint>
#include <optional>

#include "cluster/tribes/member.h"

namespace serval::tribes {

/// What a Serval node says about itself in the payload of its member record. Payload is free bytes
/// for Tomcat, which stores and repeats it.
///
/// Bytes: "SERVAL", version (1), u16 number of members it knows (itself excluded), 0xFFFF = its own
/// membership is not settled yet.
struct ServalPayload {
  static constexpr std::uint16_t kNotSettled = 0xFFFF;
  std::uint8_t version = 1;
  std::uint16_t known_members = kNotSettled;

  Bytes bytes() const;
  /// Nothing if the payload is not a Serval node's. A later version is read as far as this one
  /// goes.
  static std::optional<ServalPayload> read(const Bytes& payload);
};

/// Whether the member is a Serval node: it handles the messages of a connection in order and
/// acknowledges them in order, so frames to it may be pipelined.
bool is_serval(const Member& member);

}  // namespace serval::tribes
