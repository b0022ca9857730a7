// container/session/stored_session.h
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "container/base/ms_between.h"
#include "container/base/result.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"
#include "container/servlet/serval/value.h"
#include "container/session/session_fields.h"

namespace serval::core {

/// A session as it stands in SESSIONS.ser, in a .session file or in the row of a database.
///
/// Units: times are milliseconds since 1970-01-01 UTC; the interval is seconds.
/// Source: Tomcat org.apache.catalina.session.StandardSession (doWriteObject, doReadObject).
struct StoredSession {
  /// What stands first, so that it can be read without the rest.
  struct Head {
    std::int64_t creation_time = 0;
    std::int64_t last_accessed_time = 0;
    std::int32_t max_inactive_interval = 0;
    bool is_new = false;
    bool is_valid = true;
    std::int64_t this_accessed_time = 0;
    std::string id;

    /// Over its time at `now`.
    bool is_over(std::int64_t now) const {
      return max_inactive_interval > 0 &&
             ms_between(this_accessed_time, now) >= std::int64_t{1000} * max_inactive_interval;
    }
  };
  Head head;
  Value auth_type;  // a text, or null
  Value principal;  // a GenericPrincipal$SerializablePrincipal, or null
  AttributeList attributes;
  std::vector<std::string> unreadable;  // attributes that the writer gave up (only when read)
};

/// What a session that is written is told of: an attribute that cannot be written. In its place
/// stands Tomcat's mark, which readers skip.
using LeftOut = std::function<void(const StoredSession&, std::string_view name, const Error&)>;

/// As Tomcat 9 and 10 both read it: type of authentication and principal always stand there, notes
/// of authentication never.
void write_stored_session(ObjectWriter& writer, const StoredSession& session,
                          const LeftOut& left_out);
/// Every form: without type and principal (before 9.0.66), with notes (10, and 9 with
/// persistAuthenticationNotes), which are skipped. Errors: kProtocol.
Result<StoredSession> read_stored_session(ObjectReader& reader);

/// One session as a whole stream.
Bytes encode_stored_session(const StoredSession& session, const LeftOut& left_out);
Result<StoredSession> decode_stored_session(std::span<const std::uint8_t> stream);
/// Of a stream, or of the first kStoredHeadSize bytes of it.
Result<StoredSession::Head> decode_stored_head(std::span<const std::uint8_t> stream);
inline constexpr std::size_t kStoredHeadSize = 4096;

/// All sessions of a StandardManager, the content of SESSIONS.ser.
Bytes encode_stored_sessions(const std::vector<StoredSession>& sessions, const LeftOut& left_out);
/// Hands over each of them; after an error (kProtocol) those before it have been handed over.
Result<> read_stored_sessions(std::span<const std::uint8_t> stream,
                              const std::function<void(StoredSession&&)>& session);

}  // namespace serval::core
