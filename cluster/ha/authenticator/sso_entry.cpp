#include "cluster/ha/authenticator/sso_entry.h"

#include "container/serialization/known_classes.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"
#include "container/serialization/stream_constants.h"
#include "container/session/principal_value.h"

namespace serval::ha {
namespace {

constexpr const char* kEntryClass = "org.apache.catalina.authenticator.SingleSignOnEntry";
constexpr const char* kKeyClass = "org.apache.catalina.authenticator.SingleSignOnSessionKey";

const std::shared_ptr<const JavaClass>& entry_class() {
  static const auto type =
      describe_class(kEntryClass, 1, tc::kSerializable | tc::kHasWriteMethod,
                     "Z canReauthenticate,"
                     "L authType Ljava/lang/String;,L password Ljava/lang/String;,"
                     "L sessionKeys Ljava/util/Map;,L username Ljava/lang/String;");
  return type;
}

const std::shared_ptr<const JavaClass>& key_class() {
  static const auto type =
      describe_class(kKeyClass, 1, tc::kSerializable,
                     "L contextName Ljava/lang/String;,L hostName Ljava/lang/String;,"
                     "L sessionId Ljava/lang/String;");
  return type;
}

Value value_of(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

Value value_of(const core::SingleSignOnSessionKey& key) {
  const auto object = std::make_shared<JavaObject>();
  object->type = key_class();
  object->data.push_back({{key.context_name, key.host_name, key.session_id}, {}});
  return Value(object);
}

/// As a map of each key to itself, which is how Tomcat makes a set.
Value value_of(const std::set<core::SingleSignOnSessionKey>& keys) {
  std::vector<std::pair<Value, Value>> entries;
  for (const auto& key : keys) {
    const Value value = value_of(key);
    entries.emplace_back(value, value);
  }
  return make_map(std::move(entries), "java.util.concurrent.ConcurrentHashMap");
}

std::optional<std::string> text(JavaObject& object, std::string_view field) {
  const Value* const value = object.field(field);
  const auto* const content = value ? value->get_if<std::string>() : nullptr;
  return content ? std::optional(*content) : std::nullopt;
}

std::set<core::SingleSignOnSessionKey> keys_of(JavaObject& entry) {
  std::set<core::SingleSignOnSessionKey> keys;
  const Value* const field = entry.field("sessionKeys");
  const JavaMap* const map = field ? field->map() : nullptr;
  if (!map) return keys;
  for (const auto& [key, same] : map->entries) {
    JavaObject* const object = key.object();
    if (!object || object->type->name != kKeyClass) continue;
    keys.insert({text(*object, "sessionId").value_or(""), text(*object, "contextName").value_or(""),
                 text(*object, "hostName").value_or("")});
  }
  return keys;
}

core::PrincipalPtr user_of(const JavaObject& entry) {
  for (const auto& item : entry.data.back().annotation) {
    if (const auto* const value = std::get_if<Value>(&item); value && !value->is_null())
      return core::principal_of(*value);
  }
  return nullptr;
}

}  // namespace

Result<Bytes> encode_sso_entry(const core::SingleSignOnEntry& entry,
                               core::SerializablePrincipal::Form form) {
  const auto login = entry.login();
  const auto object = std::make_shared<JavaObject>();
  object->type = entry_class();
  JavaObject::ClassData data;
  data.fields = {login.can_reauthenticate(), login.auth_type, value_of(login.password),
                 value_of(entry.sessions()), value_of(login.user)};
  data.annotation.emplace_back(Bytes{static_cast<std::uint8_t>(login.principal ? 1 : 0)});
  if (login.principal) data.annotation.emplace_back(value_of(login.principal, form));
  object->data.push_back(std::move(data));
  ObjectWriter writer;
  if (auto done = writer.write_object(Value(object)); !done) return std::move(done).error();
  return writer.finish();
}

Result<core::SingleSignOnEntryPtr> decode_sso_entry(std::span<const std::uint8_t> stream) {
  auto value = ObjectReader(stream).read_object();
  if (!value) return std::move(value).error();
  JavaObject* const object = value->object();
  if (!object || object->type->name != kEntryClass || object->data.empty())
    return Error{Errc::kProtocol, "not a SingleSignOnEntry: it is a " + value->class_name()};
  core::SingleSignOnEntry::Login login{.principal = user_of(*object),
                                       .auth_type = text(*object, "authType").value_or(""),
                                       .user = text(*object, "username"),
                                       .password = text(*object, "password")};
  return std::make_shared<core::SingleSignOnEntry>(std::move(login), keys_of(*object));
}

}  // namespace serval::ha
