// cluster/tools/dump/event.h
#pragma once
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cluster/tools/dump/packet.h"
#include "cluster/tools/text/value_text.h"

namespace serval::tools {

/// One line of the timeline.
struct Event {
  enum class Kind {
    kOpens,    // a TCP connection
    kRefused,  // ... was not taken
    kCloses,
    kReset,
    kMessage,
    kProbe,  // "are you alive?"
    kAck,
    kFailAck,
    kBroadcast,  // a message in a multicast datagram
    kHeartbeat,
    kGoodbye,
    kGarbage,  // bytes that belong to no frame
    kDamaged,  // a frame of which something is missing
    kLost,     // bytes between frames that are missing
  };
  CaptureTime time{};
  Endpoint from, to;
  Kind kind = Kind::kMessage;
  std::string text;
  std::vector<std::string> details = {};  // further lines, for --full
  std::uint64_t bytes = 0;                // of garbage, or lost
};
/// "message", "fail-ack".
const char* name_of(Event::Kind kind);

/// What was in a capture.
struct Figures {
  std::uint64_t packets = 0, bytes = 0;
  CaptureTime first{}, last{};
  std::uint64_t not_ip = 0, other_protocol = 0, fragments = 0, broken = 0;
  std::uint64_t other_connections = 0, other_datagrams = 0;  // TCP and UDP that is not Tribes
  std::uint64_t connections = 0, messages = 0, message_bytes = 0, broadcasts = 0, probes = 0;
  std::uint64_t acks = 0, fail_acks = 0, unanswered = 0;
  std::uint64_t heartbeats = 0, goodbyes = 0;
  std::uint64_t garbage = 0, garbage_bytes = 0, damaged = 0, lost = 0, lost_bytes = 0;
};

/// What the parts of a timeline share.
struct TimelineContext {
  bool all_heartbeats = false;
  std::set<std::uint16_t> ports;  // TCP ports that are Tribes whatever they carry
  TextLimit limit;
  std::size_t max_connections = 20'000;  // the one unused for the longest time ends then
  std::function<void(const Event&)> sink;

  Figures figures;
  std::set<Endpoint> receivers;  // where members said that they listen
  std::set<Endpoint> groups;     // where heartbeats went

  /// A capture may name any number of them.
  static constexpr std::size_t kMaxEndpoints = 10'000;
  static void note(std::set<Endpoint>& endpoints, const Endpoint& endpoint) {
    if (endpoints.size() < kMaxEndpoints) endpoints.insert(endpoint);
  }
  bool is_receiver(const Endpoint& endpoint) const {
    return ports.contains(endpoint.port) || receivers.contains(endpoint);
  }
};

}  // namespace serval::tools
