// cluster/ha/session/session_message.h
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::ha {

/// What DeltaManagers tell each other: one message about one session, or about the state transfer.
///
/// Units: timestamp is milliseconds since 1970-01-01 UTC.
/// Errors: decode gives kProtocol for bytes that are no SessionMessageImpl.
/// Source: Tomcat org.apache.catalina.ha.session.SessionMessageImpl (serialVersionUID 2).
struct SessionMessage {
  enum class EventType : std::int32_t {
    kSessionCreated = 1,
    kSessionExpired = 2,
    kSessionAccessed = 3,
    kGetAllSessions = 4,
    kAllSessionData = 12,
    kSessionDelta = 13,
    kAllSessionTransferComplete = 14,
    kChangeSessionId = 15,
    kAllSessionNoContextManager = 16,
  };

  EventType event_type{};                   // an unknown number is kept
  std::optional<std::int64_t> timestamp;    // nothing: setTimestamp was never called
  std::optional<std::string> context_name;  // the manager's key; nothing: every manager
  std::optional<Bytes> session;             // a stream of its own; its form depends on event_type
  std::optional<std::string> session_id;
  std::optional<std::string> unique_id;  // text for logs

  /// The message body: the Java stream of the whole object.
  Bytes encode() const;
  static Result<SessionMessage> decode(std::span<const std::uint8_t> stream);
};

/// "SESSION-MODIFIED" and so on, as Tomcat's logs name the event.
std::string event_type_name(SessionMessage::EventType type);

/// Content of SessionMessage::session in kChangeSessionId: the new id.
Result<Bytes> encode_session_id(std::string_view new_id);
Result<std::string> decode_session_id(std::span<const std::uint8_t> stream);

}  // namespace serval::ha
