#pragma once
#include <cstdint>
#include <optional>

#include "cluster/tribes/member.h"

namespace serval::tribes {

/// What a Serval node says about itself in the payload of its member record. Payload is free bytes
/// for Tomcat, which stores and repeats it.
///
/// Bytes: "SERVAL", version (1), settled (0 or 1), view (8, see view_of).
struct ServalPayload {
  std::uint8_t version = 1;
  /// Its membership has had the time to hear every node. Until then its view means nothing.
  bool settled = false;
  std::uint64_t view = 0;

  Bytes bytes() const;
  /// Nothing if the payload is not a Serval node's. A later version is read as far as this one
  /// goes.
  static std::optional<ServalPayload> read(const Bytes& payload);
};

/// A number for a set of members, in whatever order: equal sets have equal numbers.
std::uint64_t view_of(const Members& members);
std::uint64_t view_of(const Member& member);

/// Whether the member is a Serval node: it handles the messages of a connection in order and
/// acknowledges them in order, so frames to it may be pipelined.
bool is_serval(const Member& member);

}  // namespace serval::tribes
