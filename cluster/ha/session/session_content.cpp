#include "cluster/ha/session/session_content.h"

#include <fmt/format.h>

#include "container/serialization/annotation_reader.h"

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

/// Reads the content from a stream or from the data of an object. The first failure stays; what is
/// read after it is empty.
template <class Source>
class ContentReader {
 public:
  explicit ContentReader(Source& source) : source_(source) {}

  Result<SessionContent> read() {
    SessionContent content;
    content.creation_time = number<std::int64_t>("creationTime");
    content.last_accessed_time = number<std::int64_t>("lastAccessedTime");
    content.max_inactive_interval = number<std::int32_t>("maxInactiveInterval");
    content.is_new = number<bool>("isNew");
    content.is_valid = number<bool>("isValid");
    content.this_accessed_time = number<std::int64_t>("thisAccessedTime");
    content.version = number<std::int64_t>("version");
    if (flag()) content.principal = given_up_is_null(nullptr);
    content.id = text("id");
    read_notes_and_attributes(content);
    const auto listeners = number<std::int32_t>("the number of listeners");
    for (std::int32_t i = 0; i < listeners && !error_; ++i) {
      Value listener = given_up_is_null(nullptr);
      if (!listener.is_null()) content.listeners.push_back(std::move(listener));
    }
    if (error_) return *std::move(error_);
    return content;
  }

 private:
  void fail(std::string_view what, std::string_view why) {
    if (!error_) error_ = Error{Errc::kProtocol, fmt::format("DeltaSession, {}: {}", what, why)};
  }

  /// Null after an error. `given_up` becomes true if the sender gave the object up.
  Value given_up_is_null(bool* given_up) {
    if (error_) return {};
    auto value = source_.read_object();
    if (value) return *std::move(value);
    if (value.error().code != Errc::kCancelled) {
      fail("an object", value.error().message);
    } else if (given_up != nullptr) {
      *given_up = true;
    }
    return {};
  }

  template <class T>
  T number(std::string_view what) {
    return number_of<T>(given_up_is_null(nullptr), what);
  }
  template <class T>
  T number_of(const Value& value, std::string_view what) {
    const T* content = value.get_if<T>();
    if (content == nullptr) fail(what, "it is a " + value.class_name());
    return content != nullptr ? *content : T{};
  }

  bool flag() {
    if (error_) return false;
    const auto flag = source_.read_bool();
    if (!flag) fail("the principal", flag.error().message);
    return flag && *flag;
  }

  std::string text(std::string_view what) {
    const Value value = given_up_is_null(nullptr);
    const auto* content = value.get_if<std::string>();
    if (content == nullptr) fail(what, "it is a " + value.class_name());
    return content != nullptr ? *content : std::string();
  }

  void read_notes_and_attributes(SessionContent& content) {
    Value next = given_up_is_null(nullptr);
    if (next.template get_if<std::int32_t>() == nullptr && !error_) {
      content.notes.emplace();
      content.notes->session_id = std::move(next);
      content.notes->saved_request = given_up_is_null(nullptr);
      next = given_up_is_null(nullptr);
    }
    const auto count = number_of<std::int32_t>(next, "the number of attributes");
    for (std::int32_t i = 0; i < count && !error_; ++i) {
      std::string name = text("the name of an attribute");
      bool given_up = false;
      Value value = given_up_is_null(&given_up);
      if (given_up) {
        content.unreadable.push_back(std::move(name));
      } else if (!value.is_null()) {
        content.attributes.emplace_back(std::move(name), std::move(value));
      }
    }
  }

  Source& source_;
  std::optional<Error> error_;
};

}  // namespace

void write_content(ObjectWriter& writer, const SessionContent& content,
                   const SessionContentForm& form) {
  ContentWriter(writer, content, form).write();
}

Result<SessionContent> read_content(ObjectReader& reader) { return ContentReader(reader).read(); }

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
  return ContentReader(reader).read();
}

Result<SessionContent> decode_session_object(std::span<const std::uint8_t> stream) {
  ObjectReader reader(stream);
  const auto value = reader.read_object();
  if (!value) return value.error();
  return session_of(*value);
}

}  // namespace serval::ha
