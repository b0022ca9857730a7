// cluster/tools/text/content_text.h
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "cluster/tools/text/value_text.h"
#include "cluster/tribes/option.h"

namespace serval::tools {

/// What is in a message, for a person.
struct ContentText {
  /// "bytes", "object", "rpc", "map", "session", "gzip", "probe", "ping", "notice" (of a static
  /// member), "confirm" (two-phase commit), "coordination", "unclear" (no object, though the
  /// options say so: encrypted, or a part of a message).
  std::string kind;
  std::string text;  // one line
};

/// Recognises what Tribes itself and the layers of Tomcat above it send.
///
/// Errors: none; what cannot be decoded is shown as bytes, with the reason where there is one.
/// Source: tribes-wire 10, 11; ha-messages 2, 5, 7.
ContentText content_text(std::span<const std::uint8_t> content, tribes::Options options,
                         const TextLimit& limit = {});

/// "6 (sync, use_ack)", "262 (sync, use_ack, 0x100)", "0".
std::string options_label(tribes::Options options);

/// The text of a SessionMessageImpl, or nothing if the value is none: "SESSION_DELTA
/// localhost#/app 0A1B: set "color" = "blue"".
std::string session_message_text(const Value& value, const TextLimit& limit);

}  // namespace serval::tools
