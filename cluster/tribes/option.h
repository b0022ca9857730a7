// cluster/tribes/option.h
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "container/base/result.h"

namespace serval::tribes {

/// Send options: a set of bits that travels with every message (tribes-wire 5.2). Unknown bits are
/// kept: they select interceptors.
using Options = std::int32_t;

namespace option {
inline constexpr Options kByteMessage = 0x01;      // content is raw bytes, not a Java object stream
inline constexpr Options kUseAck = 0x02;           // receiver answers with an ACK frame
inline constexpr Options kSynchronizedAck = 0x04;  // with kUseAck: the ACK comes after processing
inline constexpr Options kAsynchronous = 0x08;     // the sender queues and does not wait
inline constexpr Options kSecure = 0x10;
inline constexpr Options kUdp = 0x20;
inline constexpr Options kMulticast = 0x40;
inline constexpr Options kDefault = kUseAck;
}  // namespace option

/// Whether the receiver of a message with these options answers it.
constexpr bool wants_ack(Options options) { return (options & option::kUseAck) != 0; }
/// Whether it answers after it has handled the message, and says how that went.
constexpr bool wants_synchronized_ack(Options options) {
  constexpr Options kBoth = option::kUseAck | option::kSynchronizedAck;
  return (options & kBoth) == kBoth;
}

/// "8", or names joined by commas ("async, multicast"), by Tomcat's rules (config-reference 1.5).
/// Errors: `[xyz] is not a valid option`.
Result<Options> parse_options(std::string_view text);
/// "sync, use_ack" for 6: from the highest bit down.
std::string options_text(Options options);

}  // namespace serval::tribes
