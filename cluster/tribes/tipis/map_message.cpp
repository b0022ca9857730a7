#include "cluster/tribes/tipis/map_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "cluster/tribes/membership/member_object.h"
#include "cluster/tribes/tipis/map_stream.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/modified_utf8.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace serval::tribes {
namespace {

constexpr std::string_view kMessageName =
    "org.apache.catalina.tribes.tipis.AbstractReplicatedMap$MapMessage";
constexpr std::string_view kStateName =
    "org.apache.catalina.tribes.tipis.AbstractReplicatedMap$State";
constexpr std::array<std::string_view, 4> kStates{"NEW", "STATETRANSFERRED", "INITIALIZED",
                                                  "DESTROYED"};

/// The Java objects of members in one stream: a member that occurs twice is one object.
class MemberObjects {
 public:
  explicit MemberObjects(std::int64_t uid) : uid_(uid) {}

  Value object(const MemberPtr& member) {
    if (!member) return {};
    Value& known = objects_[member.get()];
    if (known.is_null()) known = member_object(*member, uid_);
    return known;
  }
  Value array(const std::optional<Members>& members) {
    if (!members) return {};
    auto array = std::make_shared<JavaArray>();
    array->type = member_array_class();
    for (const MemberPtr& member : *members) array->items.push_back(object(member));
    return Value(std::move(array));
  }

 private:
  const std::int64_t uid_;
  std::map<const Member*, Value> objects_;
};

Value bytes_value(const std::optional<Bytes>& bytes) {
  return bytes ? Value(Bytes(*bytes)) : Value();
}

Value message_value(const MapMessage& message, bool with_version, MemberObjects& members) {
  const auto object = std::make_shared<JavaObject>();
  object->type = map_message_class(with_version);
  std::vector<Value> fields;
  if (with_version) {
    fields.emplace_back(static_cast<std::int64_t>(message.base.value_or(0)));
    fields.emplace_back(static_cast<std::int64_t>(message.content.value_or(0)));
  }
  fields.emplace_back(message.diff);
  fields.emplace_back(static_cast<std::int32_t>(message.type));
  if (with_version) {
    const MapVersion version = message.version.value_or(MapVersion());
    fields.emplace_back(
        static_cast<std::int64_t>(std::uint64_t{version.claim} << 32 | version.revision));
  }
  fields.push_back(bytes_value(message.diff_value));
  fields.push_back(message.key ? Value(Bytes(message.key->begin(), message.key->end())) : Value());
  fields.emplace_back(Bytes(message.map_id));
  fields.push_back(members.array(message.nodes));
  fields.push_back(members.object(message.primary));
  fields.push_back(bytes_value(message.value));
  object->data.push_back({std::move(fields), {}});
  return Value(object);
}

Error malformed(std::string_view what) {
  return Error{Errc::kProtocol, fmt::format("malformed MapMessage: {}", what)};
}

Result<MemberPtr> read_member(const Value& value, MapMessage& message) {
  if (value.is_null()) return MemberPtr();
  auto read = read_member_object(value);
  if (!read) return malformed(read.error().message);
  message.seen_member_impl_uid = read->member_impl_uid;
  return std::make_shared<const Member>(std::move(read->member));
}

/// The fields of a message object, by name.
class FieldsOf {
 public:
  explicit FieldsOf(JavaObject& object) : object_(object) {}

  template <class T>
  std::optional<T> number(std::string_view name) {
    const Value* field = object_.field(name);
    const T* number = field ? field->get_if<T>() : nullptr;
    return number ? std::optional<T>(*number) : std::nullopt;
  }
  /// A byte[]: nothing for null. False if it is something else.
  template <class Text>
  bool bytes(std::string_view name, std::optional<Text>& out) {
    const Value* field = object_.field(name);
    if (!field || field->is_null()) return true;
    const Bytes* const bytes = field->bytes();
    if (bytes) out.emplace(bytes->begin(), bytes->end());
    return bytes != nullptr;
  }
  Value value(std::string_view name) {
    const Value* field = object_.field(name);
    return field ? *field : Value();
  }

 private:
  JavaObject& object_;
};

Result<> read_members(FieldsOf& fields, MapMessage& message) {
  auto primary = read_member(fields.value("primary"), message);
  if (!primary) return std::move(primary).error();
  message.primary = *std::move(primary);
  const Value nodes = fields.value("nodes");
  if (nodes.is_null()) return {};
  if (!nodes.array()) return malformed("nodes is no array");
  message.nodes.emplace();
  for (const Value& one : nodes.array()->items) {
    auto node = read_member(one, message);
    if (!node) return std::move(node).error();
    if (*node) message.nodes->push_back(*std::move(node));
  }
  return {};
}

Bytes stream_of(const Value& value) {
  ObjectWriter writer;
  const auto written = writer.write_object(value);
  SERVAL_ASSERT(written.has_value(), "a map message holds nothing that cannot be written");
  return writer.finish();
}

}  // namespace

const std::shared_ptr<const JavaClass>& map_message_class(bool with_version) {
  constexpr std::string_view kObjects =
      "[ diffvalue [B,[ keydata [B,[ mapId [B,"
      "[ nodes [Lorg/apache/catalina/tribes/Member;,"
      "L primary Lorg/apache/catalina/tribes/Member;,[ valuedata [B";
  static const auto plain = describe_class(kMessageName, 1, tc::kSerializable,
                                           fmt::format("Z diff,I msgtype,{}", kObjects));
  static const auto versioned =
      describe_class(kMessageName, 1, tc::kSerializable,
                     fmt::format("J base,J content,Z diff,I msgtype,J version,{}", kObjects));
  return with_version ? versioned : plain;
}

const std::shared_ptr<const JavaClass>& member_array_class() {
  static const auto type = describe_class("[Lorg.apache.catalina.tribes.Member;",
                                          0x5ec4606b842d393c, tc::kSerializable, "");
  return type;
}

/// A text of ASCII is written without a writer: it is looked up with each request.
MapKey map_key(std::string_view text) {
  const std::size_t size = modified_utf8_size(text);
  if (size != text.size() || size > 0xFFFF) {
    ObjectWriter writer;
    writer.write_text(text);
    const Bytes stream = writer.finish();
    return {stream.begin(), stream.end()};
  }
  const auto octet = [](std::size_t number) { return static_cast<char>(number & 0xFF); };
  MapKey key;
  key.reserve(sizeof(tc::kStreamHeader) + 3 + size);
  for (int shift = 24; shift >= 0; shift -= 8) key += octet(tc::kStreamHeader >> shift);
  key += octet(tc::kString);
  key += octet(size >> 8);
  key += octet(size);
  key += text;
  return key;
}

std::optional<std::string> map_key_text(const MapKey& key) {
  const auto object =
      ObjectReader({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()}).read_object();
  const auto* const text = object ? object->get_if<std::string>() : nullptr;
  return text ? std::optional(*text) : std::nullopt;
}

Value MapMessage::to_value(const Form& form) const {
  MemberObjects members(form.member_impl_uid);
  return message_value(*this, form.with_version, members);
}

Bytes MapMessage::encode(const Form& form) const { return write_map_stream(*this, form); }

Result<MapMessage> MapMessage::from_value(const Value& value) {
  JavaObject* const object = value.object();
  if (!object || object->type->name != kMessageName) {
    return Error{Errc::kProtocol, "not a MapMessage: it is a " + value.class_name()};
  }
  FieldsOf fields(*object);
  MapMessage message;
  const auto type = fields.number<std::int32_t>("msgtype");
  if (!type) return malformed("it has no type");
  message.type = static_cast<Type>(*type);
  message.diff = fields.number<bool>("diff").value_or(false);
  if (const auto version = fields.number<std::int64_t>("version")) {
    const auto raw = static_cast<std::uint64_t>(*version);
    message.version =
        MapVersion{static_cast<std::uint32_t>(raw >> 32), static_cast<std::uint32_t>(raw)};
    const auto number = [&](std::string_view name) {
      return static_cast<std::uint64_t>(fields.number<std::int64_t>(name).value_or(0));
    };
    message.content = number("content");
    message.base = number("base");
  }
  std::optional<Bytes> map_id;
  if (!fields.bytes("mapId", map_id) || !map_id || !fields.bytes("keydata", message.key) ||
      !fields.bytes("valuedata", message.value) || !fields.bytes("diffvalue", message.diff_value)) {
    return malformed("mapId, keydata, valuedata and diffvalue are byte arrays");
  }
  message.map_id = *std::move(map_id);
  if (auto done = read_members(fields, message); !done) return std::move(done).error();
  return message;
}

Result<MapMessage> MapMessage::decode(std::span<const std::uint8_t> stream) {
  if (auto message = read_map_stream(stream)) return *std::move(message);
  auto object = ObjectReader(stream).read_object();
  if (!object) return std::move(object).error();
  return from_value(*object);
}

std::string map_message_type_name(MapMessage::Type type) {
  static constexpr std::array<std::string_view, 14> kNames{"",
                                                           "MSG_BACKUP",
                                                           "MSG_RETRIEVE_BACKUP",
                                                           "MSG_PROXY",
                                                           "MSG_REMOVE",
                                                           "MSG_STATE",
                                                           "MSG_START",
                                                           "MSG_STOP",
                                                           "MSG_INIT",
                                                           "MSG_COPY",
                                                           "MSG_STATE_COPY",
                                                           "MSG_ACCESS",
                                                           "MSG_NOTIFY_MAPMEMBER",
                                                           "MSG_PING"};
  const auto number = static_cast<std::int32_t>(type);
  if (number > 0 && number < static_cast<std::int32_t>(kNames.size())) {
    return std::string(kNames[static_cast<std::size_t>(number)]);
  }
  return fmt::format("UNKNOWN({})", number);
}

Bytes encode_map_list(const std::vector<MapMessage>& messages, const MapMessage::Form& form) {
  MemberObjects members(form.member_impl_uid);
  std::vector<Value> items;
  items.reserve(messages.size());
  for (const MapMessage& one : messages) {
    items.push_back(message_value(one, form.with_version, members));
  }
  return stream_of(make_list(std::move(items)));
}

Result<std::vector<MapMessage>> decode_map_list(std::span<const std::uint8_t> stream,
                                                std::size_t& unreadable) {
  auto object = ObjectReader(stream).read_object();
  if (!object) return std::move(object).error();
  if (!object->list()) return malformed("the state is no list");
  std::vector<MapMessage> messages;
  for (const Value& item : object->list()->items) {
    if (auto message = MapMessage::from_value(item)) {
      messages.push_back(*std::move(message));
    } else {
      ++unreadable;
    }
  }
  return messages;
}

Bytes encode_map_state(MapState state) {
  static const auto type =
      describe_class(kStateName, 0, tc::kIsEnum | tc::kSerializable, "", java_class(Known::kEnum));
  return stream_of(Value(JavaEnum{type, std::string(kStates[static_cast<std::size_t>(state)])}));
}

Result<MapState> decode_map_state(std::span<const std::uint8_t> stream) {
  const auto object = ObjectReader(stream).read_object();
  if (!object) return object.error();
  const auto* const constant = object->get_if<JavaEnum>();
  if (!constant || constant->type->name != kStateName) return malformed("not a map's state");
  const auto at = std::ranges::find(kStates, constant->constant);
  if (at == kStates.end()) return malformed("unknown state " + constant->constant);
  return static_cast<MapState>(at - kStates.begin());
}

}  // namespace serval::tribes
