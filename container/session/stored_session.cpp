#include "container/session/stored_session.h"

namespace serval::core {
namespace {

constexpr std::string_view kNotWritten = "___NOT_SERIALIZABLE_EXCEPTION___";

bool is_not_written(const Value& value) {
  const auto* text = value.get_if<std::string>();
  return text != nullptr && *text == kNotWritten;
}

StoredSession::Head read_head(SessionFieldReader<ObjectReader>& fields) {
  StoredSession::Head head;
  head.creation_time = fields.number<std::int64_t>("creationTime");
  head.last_accessed_time = fields.number<std::int64_t>("lastAccessedTime");
  head.max_inactive_interval = fields.number<std::int32_t>("maxInactiveInterval");
  head.is_new = fields.number<bool>("isNew");
  head.is_valid = fields.number<bool>("isValid");
  head.this_accessed_time = fields.number<std::int64_t>("thisAccessedTime");
  head.id = fields.text("id");
  return head;
}

/// What stands between the id and the number of attributes, which is returned: nothing, type and
/// principal, or those and two notes.
std::int32_t read_authentication(SessionFieldReader<ObjectReader>& fields, StoredSession& session) {
  constexpr int kMost = 4;
  const auto* count = static_cast<const std::int32_t*>(nullptr);
  Value next = fields.object();
  for (int i = 0; i < kMost && !(count = next.get_if<std::int32_t>()) && !fields.error(); ++i) {
    if (i == 0) session.auth_type = std::move(next);
    if (i == 1) session.principal = std::move(next);
    next = fields.object();
  }
  return fields.number_of<std::int32_t>(next, "the number of attributes");
}

}  // namespace

void write_stored_session(ObjectWriter& writer, const StoredSession& session,
                          const LeftOut& left_out) {
  const auto put = [&](std::string_view name, const Value& value) {
    const auto done = writer.write_object(value);
    if (!done && left_out) left_out(session, name, done.error());
    return done.has_value();
  };
  const StoredSession::Head& head = session.head;
  for (const Value& value :
       {Value(head.creation_time), Value(head.last_accessed_time),
        Value(head.max_inactive_interval), Value(head.is_new), Value(head.is_valid),
        Value(head.this_accessed_time), Value(head.id)}) {
    put("a number", value);
  }
  if (!put("authType", session.auth_type)) writer.write_null();
  if (!put("principal", session.principal)) writer.write_null();
  put("attributes", Value(static_cast<std::int32_t>(session.attributes.size())));
  for (const auto& [name, value] : session.attributes) {
    writer.write_text(name);
    if (!put(name, value)) writer.write_text(kNotWritten);
  }
}

Result<StoredSession> read_stored_session(ObjectReader& reader) {
  SessionFieldReader fields(reader, "StandardSession");
  StoredSession session;
  session.head = read_head(fields);
  const std::int32_t count = read_authentication(fields, session);
  fields.attributes(count, session.attributes, session.unreadable);
  if (fields.error()) return *fields.error();
  std::erase_if(session.attributes, [&](const auto& attribute) {
    if (!is_not_written(attribute.second)) return false;
    session.unreadable.push_back(attribute.first);
    return true;
  });
  return session;
}

Bytes encode_stored_session(const StoredSession& session, const LeftOut& left_out) {
  ObjectWriter writer;
  write_stored_session(writer, session, left_out);
  return writer.finish();
}

Result<StoredSession> decode_stored_session(std::span<const std::uint8_t> stream) {
  ObjectReader reader(stream);
  return read_stored_session(reader);
}

Result<StoredSession::Head> decode_stored_head(std::span<const std::uint8_t> stream) {
  ObjectReader reader(stream);
  SessionFieldReader fields(reader, "StandardSession");
  auto head = read_head(fields);
  if (fields.error()) return *fields.error();
  return head;
}

Bytes encode_stored_sessions(const std::vector<StoredSession>& sessions, const LeftOut& left_out) {
  ObjectWriter writer;
  const auto begun = writer.write_object(Value(static_cast<std::int32_t>(sessions.size())));
  SERVAL_ASSERT(begun, "an Integer can be written");
  for (const auto& session : sessions) write_stored_session(writer, session, left_out);
  return writer.finish();
}

Result<> read_stored_sessions(std::span<const std::uint8_t> stream,
                              const std::function<void(StoredSession&&)>& session) {
  ObjectReader reader(stream);
  const auto first = reader.read_object();
  if (!first) return first.error();
  const auto* const count = first->get_if<std::int32_t>();
  if (count == nullptr) return Error{Errc::kProtocol, "it begins with a " + first->class_name()};
  for (std::int32_t i = 0; i < *count; ++i) {
    auto stored = read_stored_session(reader);
    if (!stored) return std::move(stored).error();
    session(*std::move(stored));
  }
  return {};
}

}  // namespace serval::core
