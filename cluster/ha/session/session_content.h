// cluster/ha/session/session_content.h
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "container/base/log.h"
#include "container/base/result.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"
#include "container/servlet/serval/value.h"

namespace serval::ha {

/// All that a DeltaSession writes of itself, in state transfers and in replicated maps.
///
/// Units: times are milliseconds since 1970-01-01 UTC; the interval is seconds.
/// Source: Tomcat org.apache.catalina.ha.session.DeltaSession (doWriteObject, doReadObject).
struct SessionContent {
  struct AuthNotes {
    Value session_id;     // note org.apache.catalina.authenticator.SESSION_ID
    Value saved_request;  // note org.apache.catalina.authenticator.REQUEST
  };

  std::int64_t creation_time = 0;
  std::int64_t last_accessed_time = 0;
  std::int32_t max_inactive_interval = 0;
  bool is_new = false;
  bool is_valid = true;
  std::int64_t this_accessed_time = 0;
  std::int64_t version = 0;
  Value principal;  // a SerializablePrincipal, or null
  std::string id;
  std::optional<AuthNotes> notes;                         // nothing: the stream had none
  std::vector<std::pair<std::string, Value>> attributes;  // nulls are neither read nor written
  std::vector<Value> listeners;
  std::vector<std::string> unreadable;  // attributes that the sender gave up (only when read)
};

/// How a session is written.
struct SessionContentForm {
  /// Write the two auth notes, null where the content has none.
  bool with_auth_notes = false;
  /// Told about each attribute or listener that cannot be written. It is written as null, which
  /// readers skip.
  std::function<void(const SessionContent&, std::string_view name, const Error&)> left_out;
};

/// Each value left out is an error in this log.
SessionContentForm logged_form(bool with_auth_notes, const Log& log);

/// The content alone, as it stands in ALL_SESSION_DATA.
void write_content(ObjectWriter& writer, const SessionContent& content,
                   const SessionContentForm& form = {});
/// Notes present or not is seen from the content. Errors: kProtocol.
Result<SessionContent> read_content(ObjectReader& reader);

/// Makes the payload of ALL_SESSION_DATA, one session at a time.
class AllSessionsWriter {
 public:
  /// Requires: exactly `count` calls of add before finish.
  explicit AllSessionsWriter(std::size_t count, SessionContentForm form = {});
  void add(const SessionContent& content);
  Bytes finish();

 private:
  const SessionContentForm form_;
  std::size_t missing_;
  ObjectWriter writer_;
};

/// Reads that payload and hands over each session. After an error (kProtocol) the sessions before
/// it have been handed over. Returns their number.
Result<std::size_t> read_all_sessions(std::span<const std::uint8_t> stream,
                                      const std::function<void(SessionContent&&)>& session,
                                      const ObjectReader::Options& limits = {});

/// serialVersionUID of DeltaSession from 9.0.66 on, in all 10.x and 11.x.
inline constexpr std::int64_t kDeltaSessionUid = 0x041d33b9b82ea975;

/// The session as one object (replicated maps): a whole stream.
Bytes encode_session_object(const SessionContent& content, const SessionContentForm& form = {},
                            std::int64_t uid = kDeltaSessionUid);
/// Errors: kProtocol, also for an object of another class.
Result<SessionContent> decode_session_object(std::span<const std::uint8_t> stream);
/// The same for an object that has been read.
Result<SessionContent> session_of(const Value& object);

}  // namespace serval::ha
