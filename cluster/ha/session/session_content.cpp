#include "cluster/ha/session/session_content.h"

#include "container/serialization/annotation_reader.h"
#include "container/session/session_fields.h"

namespace serval::ha {
namespace {

constexpr const char* kClassName = "org.apache.catalina.ha.session.DeltaSession";

std::shared_ptr<const JavaClass> class_of(std::int64_t uid) {
  static const auto standard =
      describe_class("org.apache.catalina.session.StandardSession", 1, tc::kSerializable,
                     "J creationTime,Z isNew,Z isValid,J lastAccessedTime,I maxInactiveInterval,"
                     "J thisAccessedTime,L attributes Ljava/util/concurrent/ConcurrentMap;,"
                     "L id Ljava/lang/String;");
  const auto of_uid = [](std::int64_t given) {
    return describe_class(kClassName, given, tc::kExternalizable | tc::kExternalBlockData, "",
                          standard);
  };
  static const auto current = of_uid(kDeltaSessionUid);
  return uid == kDeltaSessionUid ? current : of_uid(uid);
}

/// A value that must be writable (a number, a flag, a text) or is replaced by null.
class ContentWriter {
 public:
  ContentWriter(ObjectWriter& writer, const SessionContent& content, const SessionContentForm& form)
      : writer_(writer), content_(content), form_(form) {}

  void write() {
    put("creationTime", Value(content_.creation_time));
    put("lastAccessedTime", Value(content_.last_accessed_time));
    put("maxInactiveInterval", Value(content_.max_inactive_interval));
    put("isNew", Value(content_.is_new));
    put("isValid", Value(content_.is_valid));
    put("thisAccessedTime", Value(content_.this_accessed_time));
    put("version", Value(content_.version));
    writer_.write_bool(!content_.principal.is_null());
    if (!content_.principal.is_null()) put("principal", content_.principal);
    writer_.write_text(content_.id);
    if (form_.with_auth_notes) {
      put("SESSION_ID", content_.notes ? content_.notes->session_id : Value());
      put("REQUEST", content_.notes ? content_.notes->saved_request : Value());
    }
    std::int32_t count = 0;
    for (const auto& attribute : content_.attributes) count += attribute.second.is_null() ? 0 : 1;
    put("attributes", Value(count));
    for (const auto& [name, value] : content_.attributes) {
      if (value.is_null()) continue;
      writer_.write_text(name);
      put(name, value);
    }
    put("listeners", Value(static_cast<std::int32_t>(content_.listeners.size())));
    for (const Value& listener : content_.listeners) put("listener", listener);
  }

 private:
  void put(std::string_view name, const Value& value) {
    const auto done = writer_.write_object(value);
    if (done) return;
    if (form_.left_out) form_.left_out(content_, name, done.error());
    writer_.write_null();
  }

  ObjectWriter& writer_;
  const SessionContent& content_;
  const SessionContentForm& form_;
};

template <class Source>
void read_notes_and_attributes(core::SessionFieldReader<Source>& fields, SessionContent& content) {
  Value next = fields.object();
  if (next.template get_if<std::int32_t>() == nullptr && !fields.error()) {
    content.notes.emplace();
    content.notes->session_id = std::move(next);
    content.notes->saved_request = fields.object();
    next = fields.object();
  }
  const auto count = fields.template number_of<std::int32_t>(next, "the number of attributes");
  fields.attributes(count, content.attributes, content.unreadable);
}

/// From a stream or from the data of an object.
template <class Source>
Result<SessionContent> content_from(Source& source) {
  core::SessionFieldReader fields(source, "DeltaSession");
  SessionContent content;
  content.creation_time = fields.template number<std::int64_t>("creationTime");
  content.last_accessed_time = fields.template number<std::int64_t>("lastAccessedTime");
  content.max_inactive_interval = fields.template number<std::int32_t>("maxInactiveInterval");
  content.is_new = fields.template number<bool>("isNew");
  content.is_valid = fields.template number<bool>("isValid");
  content.this_accessed_time = fields.template number<std::int64_t>("thisAccessedTime");
  content.version = fields.template number<std::int64_t>("version");
  if (fields.flag("the principal")) content.principal = fields.object();
  content.id = fields.text("id");
  read_notes_and_attributes(fields, content);
  const auto listeners = fields.template number<std::int32_t>("the number of listeners");
  for (std::int32_t i = 0; i < listeners && !fields.error(); ++i) {
    Value listener = fields.object();
    if (!listener.is_null()) content.listeners.push_back(std::move(listener));
  }
  if (fields.error()) return *fields.error();
  return content;
}

}  // namespace

SessionContentForm logged_form(bool with_auth_notes, const Log& log) {
  return {.with_auth_notes = with_auth_notes,
          .left_out = [log](const SessionContent&, std::string_view name, const Error& why) {
            log.error("Session attribute [{}] cannot be sent: {}", name, why.message);
          }};
}

void write_content(ObjectWriter& writer, const SessionContent& content,
                   const SessionContentForm& form) {
  ContentWriter(writer, content, form).write();
}

Result<SessionContent> read_content(ObjectReader& reader) { return content_from(reader); }

AllSessionsWriter::AllSessionsWriter(std::size_t count, SessionContentForm form)
    : form_(std::move(form)), missing_(count) {
  const auto done = writer_.write_object(Value(static_cast<std::int32_t>(count)));
  SERVAL_ASSERT(done, "an Integer can be written");
}

void AllSessionsWriter::add(const SessionContent& content) {
  SERVAL_ASSERT(missing_ > 0, "more sessions than announced");
  --missing_;
  write_content(writer_, content, form_);
}

Bytes AllSessionsWriter::finish() {
  SERVAL_ASSERT(missing_ == 0, "fewer sessions than announced");
  return writer_.finish();
}

Result<std::size_t> read_all_sessions(std::span<const std::uint8_t> stream,
                                      const std::function<void(SessionContent&&)>& session,
                                      const ObjectReader::Options& limits) {
  ObjectReader reader(stream, limits);
  const auto count = reader.read_object();
  if (!count) return count.error();
  const auto* number = count->get_if<std::int32_t>();
  if (number == nullptr) {
    return Error{Errc::kProtocol, "session state begins with a " + count->class_name()};
  }
  std::size_t done = 0;
  for (std::int32_t i = 0; i < *number; ++i, ++done) {
    auto content = read_content(reader);
    if (!content) return content.error();
    session(*std::move(content));
  }
  return done;
}

Bytes encode_session_object(const SessionContent& content, const SessionContentForm& form,
                            std::int64_t uid) {
  ObjectWriter writer;
  writer.begin_object(class_of(uid));
  write_content(writer, content, form);
  writer.end_data();
  return writer.finish();
}

Result<SessionContent> session_of(const Value& value) {
  const JavaObject* object = value.object();
  if (object == nullptr || object->type->name != kClassName || object->data.size() != 1) {
    return Error{Errc::kProtocol, "not a DeltaSession: it is a " + value.class_name()};
  }
  AnnotationReader reader(object->data[0]);
  return content_from(reader);
}

Result<SessionContent> decode_session_object(std::span<const std::uint8_t> stream) {
  ObjectReader reader(stream);
  const auto value = reader.read_object();
  if (!value) return value.error();
  return session_of(*value);
}

}  // namespace serval::ha
