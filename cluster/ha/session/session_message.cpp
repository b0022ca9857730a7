#include "cluster/ha/session/session_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/base/big_endian.h"
#include "container/serialization/modified_utf8.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace serval::ha {
namespace {

constexpr const char* kClassName = "org.apache.catalina.ha.session.SessionMessageImpl";

/// Header, TC_OBJECT and descriptors: the same bytes at the begin of every message.
struct Prefix {
  Bytes bytes;
  static constexpr std::uint32_t kHandles = 5;  // two classes, two type strings, the object

  Prefix() {
    const auto base = describe_class("org.apache.catalina.ha.ClusterMessageBase", 1,
                                     tc::kSerializable, "J timestamp");
    const auto type = describe_class(
        kClassName, 2, tc::kSerializable,
        "I mEvtType,J serializationTimestamp,Z timestampSet,L mContextName Ljava/lang/String;,"
        "[ mSession [B,L mSessionID Ljava/lang/String;,L uniqueId Ljava/lang/String;",
        base);
    ObjectWriter writer;
    writer.begin_object(type);
    bytes = writer.finish();
  }
};

const Bytes& prefix() {
  static const Prefix the_prefix;
  return the_prefix.bytes;
}

void write_optional(ObjectWriter& writer, const std::optional<std::string>& text) {
  text ? writer.write_text(*text) : writer.write_null();
}

/// Reads the bytes that Tomcat and Serval write; gives up at the first that is different, though
/// it may be right.
class FastDecoder {
 public:
  explicit FastDecoder(std::span<const std::uint8_t> stream) : data_(stream) {}

  std::optional<SessionMessage> decode() {
    SessionMessage message;
    if (!skip(prefix()) || left() < 8 + 13) return std::nullopt;
    position_ += 8;  // ClusterMessageBase.timestamp, always 0
    message.event_type = static_cast<SessionMessage::EventType>(take<std::uint32_t>());
    const auto timestamp = static_cast<std::int64_t>(take<std::uint64_t>());
    if (take<std::uint8_t>() != 0) message.timestamp = timestamp;
    const bool good = text(message.context_name) && bytes(message.session) &&
                      text(message.session_id) && text(message.unique_id);
    if (!good) return std::nullopt;
    return message;
  }

 private:
  std::size_t left() const { return data_.size() - position_; }
  template <class T>
  T take() {
    const T value = load_big_endian<T>(data_.data() + position_);
    position_ += sizeof(T);
    return value;
  }
  bool skip(std::span<const std::uint8_t> expected) {
    if (left() < expected.size() ||
        !std::equal(expected.begin(), expected.end(), data_.begin() + offset())) {
      return false;
    }
    position_ += expected.size();
    return true;
  }
  std::ptrdiff_t offset() const { return static_cast<std::ptrdiff_t>(position_); }
  bool null_or(std::uint8_t tag, bool& is_null) {
    if (left() < 1 || (data_[position_] != tc::kNull && data_[position_] != tag)) return false;
    is_null = data_[position_++] == tc::kNull;
    return true;
  }
  bool text(std::optional<std::string>& out) {
    bool is_null = false;
    if (!null_or(tc::kString, is_null)) return false;
    if (is_null) return true;
    if (left() < 2) return false;
    const std::size_t size = take<std::uint16_t>();
    if (left() < size) return false;
    const auto encoded = data_.subspan(position_, size);
    position_ += size;
    return decode_modified_utf8(encoded, out.emplace());
  }
  bool bytes(std::optional<Bytes>& out) {
    bool is_null = false;
    if (!null_or(tc::kArray, is_null)) return false;
    if (is_null) return true;
    if (!skip(known_descriptor(Known::kByteArray)) || left() < 5 || data_[position_] != tc::kNull) {
      return false;
    }
    ++position_;
    const std::size_t size = take<std::uint32_t>();
    if (left() < size) return false;
    out.emplace(data_.begin() + offset(), data_.begin() + offset() + static_cast<long>(size));
    position_ += size;
    return true;
  }

  const std::span<const std::uint8_t> data_;
  std::size_t position_ = 0;
};

template <class T>
const T* field(JavaObject& object, std::string_view name) {
  const Value* value = object.field(name);
  return value != nullptr ? value->get_if<T>() : nullptr;
}

Error no_message(std::string_view why) {
  return {Errc::kProtocol, fmt::format("not a SessionMessageImpl: {}", why)};
}

}  // namespace

Bytes SessionMessage::encode() const {
  ObjectWriter::Options options;
  options.reserve = prefix().size() + 512 + (session ? session->size() : 0);
  ObjectWriter writer(options);
  writer.put_prebuilt(std::span(prefix()).subspan(4), Prefix::kHandles);
  writer.put_long(0);
  writer.put_int(static_cast<std::int32_t>(event_type));
  writer.put_long(timestamp.value_or(0));
  writer.put_bool(timestamp.has_value());
  write_optional(writer, context_name);
  session ? writer.write_byte_array(*session) : writer.write_null();
  write_optional(writer, session_id);
  write_optional(writer, unique_id);
  return writer.finish();
}

Result<SessionMessage> SessionMessage::decode(std::span<const std::uint8_t> stream) {
  if (auto message = FastDecoder(stream).decode()) return *std::move(message);
  ObjectReader reader(stream);
  const auto value = reader.read_object();
  if (!value) return no_message(value.error().message);
  JavaObject* object = value->object();
  if (object == nullptr || object->type->name != kClassName) {
    return no_message("it is a " + value->class_name());
  }
  const auto* type = field<std::int32_t>(*object, "mEvtType");
  if (type == nullptr) return no_message("it has no mEvtType");
  SessionMessage message;
  message.event_type = static_cast<EventType>(*type);
  const auto* time = field<std::int64_t>(*object, "serializationTimestamp");
  const auto* is_set = field<bool>(*object, "timestampSet");
  if (time != nullptr && is_set != nullptr && *is_set) message.timestamp = *time;
  const auto text = [object](std::string_view name) -> std::optional<std::string> {
    const auto* content = field<std::string>(*object, name);
    return content != nullptr ? std::optional(*content) : std::nullopt;
  };
  message.context_name = text("mContextName");
  message.session_id = text("mSessionID");
  message.unique_id = text("uniqueId");
  const Value* session = object->field("mSession");
  if (session != nullptr && session->bytes() != nullptr) message.session = *session->bytes();
  return message;
}

std::string event_type_name(SessionMessage::EventType type) {
  using enum SessionMessage::EventType;
  switch (type) {
    case kSessionCreated:
      return "SESSION-MODIFIED";
    case kSessionExpired:
      return "SESSION-EXPIRED";
    case kSessionAccessed:
      return "SESSION-ACCESSED";
    case kGetAllSessions:
      return "SESSION-GET-ALL";
    case kAllSessionData:
      return "ALL-SESSION-DATA";
    case kSessionDelta:
      return "SESSION-DELTA";
    case kAllSessionTransferComplete:
      return "SESSION-STATE-TRANSFERRED";
    case kChangeSessionId:
      return "SESSION-ID-CHANGED";
    case kAllSessionNoContextManager:
      return "NO-CONTEXT-MANAGER";
  }
  return fmt::format("UNKNOWN-EVENT-TYPE-{}", static_cast<std::int32_t>(type));
}

Result<Bytes> encode_session_id(std::string_view new_id) {
  ObjectWriter writer;
  if (auto done = writer.write_utf(new_id); !done) return done.error();
  return writer.finish();
}

Result<std::string> decode_session_id(std::span<const std::uint8_t> stream) {
  return ObjectReader(stream).read_utf();
}

}  // namespace serval::ha
