#include "container/session/principal_value.h"

#include <algorithm>
#include <memory>

#include "container/base/log.h"
#include "container/serialization/known_classes.h"

namespace serval::core {

namespace {
const Log kLog{"org.apache.catalina.ha.session.DeltaSession"};
constexpr std::uint8_t kSerializableFlags = 2 | 4 | 16;  // serializable, externalizable, enum
}  // namespace

Value value_of(const PrincipalPtr& principal, SerializablePrincipal::Form form) {
  if (!principal) return {};
  SerializablePrincipal user;
  user.name = principal->name;
  if (!principal->password.empty()) user.password = principal->password;
  user.roles = principal->roles;
  return user.to_value(form);
}

PrincipalPtr principal_of(const Value& value) {
  auto form = SerializablePrincipal::from_value(value);
  if (!form) {
    kLog.warn("The user of a session cannot be read: {}", form.error().message);
    return nullptr;
  }
  auto principal = std::make_shared<Principal>();
  principal->name = std::move(form->name);
  if (form->password) principal->password = *std::move(form->password);
  principal->roles = std::move(form->roles);
  std::ranges::sort(principal->roles);
  return principal;
}

bool is_serializable(const Value& value) {
  if (const auto* list = value.list()) return known_class(list->java_class) != Known::kNone;
  if (const auto* map = value.map()) return known_class(map->java_class) != Known::kNone;
  if (const auto* array = value.array()) return array->type != nullptr;
  if (const auto* object = value.object()) {
    return object->type && (object->type->flags & kSerializableFlags) != 0;
  }
  return value.get_if<NativeObject>() == nullptr;
}

}  // namespace serval::core
