#include "container/session/serializable_principal.h"

#include <algorithm>

#include "container/serialization/known_classes.h"
#include "container/serialization/stream_constants.h"

namespace serval::core {
namespace {

constexpr const char* kClassName =
    "org.apache.catalina.realm.GenericPrincipal$SerializablePrincipal";

const std::shared_ptr<const JavaClass>& class_of(SerializablePrincipal::Form form) {
  static const auto nine = describe_class(
      kClassName, 1, tc::kSerializable,
      "L attributes Ljava/util/Map;,L name Ljava/lang/String;,L password Ljava/lang/String;,"
      "L principal Ljava/security/Principal;,[ roles [Ljava/lang/String;");
  static const auto ten =
      describe_class(kClassName, 1, tc::kSerializable,
                     "L attributes Ljava/util/Map;,L name Ljava/lang/String;,"
                     "L principal Ljava/security/Principal;,[ roles [Ljava/lang/String;");
  return form == SerializablePrincipal::Form::kTomcat9 ? nine : ten;
}

Value field(JavaObject& object, std::string_view name) {
  const Value* value = object.field(name);
  return value != nullptr ? *value : Value();
}

}  // namespace

Value SerializablePrincipal::to_value(Form form) const {
  auto sorted = roles;
  std::ranges::sort(sorted);
  const auto array = std::make_shared<JavaArray>();
  array->type = java_class(Known::kStringArray);
  array->items.assign(sorted.begin(), sorted.end());
  const auto object = std::make_shared<JavaObject>();
  object->type = class_of(form);
  std::vector<Value> fields = {attributes, Value(name)};
  if (form == Form::kTomcat9) fields.push_back(password ? Value(*password) : Value());
  fields.push_back(user_principal);
  fields.emplace_back(array);
  object->data.push_back({std::move(fields), {}});
  return Value(object);
}

Result<SerializablePrincipal> SerializablePrincipal::from_value(const Value& value) {
  JavaObject* object = value.object();
  if (object == nullptr || object->type->name != kClassName) {
    return Error{Errc::kProtocol, "not a SerializablePrincipal: it is a " + value.class_name()};
  }
  SerializablePrincipal principal;
  const Value name = field(*object, "name");
  if (const auto* text = name.get_if<std::string>()) principal.name = *text;
  const Value password = field(*object, "password");
  if (const auto* text = password.get_if<std::string>()) principal.password = *text;
  principal.attributes = field(*object, "attributes");
  principal.user_principal = field(*object, "principal");
  const Value roles = field(*object, "roles");
  if (const auto* array = roles.array()) {
    for (const Value& role : array->items) {
      if (const auto* text = role.get_if<std::string>()) principal.roles.push_back(*text);
    }
  }
  return principal;
}

}  // namespace serval::core
