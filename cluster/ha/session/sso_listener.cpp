#include "cluster/ha/session/sso_listener.h"

#include "container/serialization/known_classes.h"
#include "container/serialization/stream_constants.h"

namespace serval::ha {
namespace {
constexpr const char* kClassName =
    "org.apache.catalina.ha.authenticator.ClusterSingleSignOnListener";
}

Value sso_listener(std::string_view sso_id) {
  static const auto type =
      describe_class(kClassName, 1, tc::kSerializable, "",
                     describe_class("org.apache.catalina.authenticator.SingleSignOnListener", 1,
                                    tc::kSerializable, "L ssoId Ljava/lang/String;"));
  const auto listener = std::make_shared<JavaObject>();
  listener->type = type;
  listener->data.push_back({{Value(sso_id)}, {}});
  listener->data.emplace_back();
  return Value(listener);
}

std::optional<std::string> sso_id_of(const Value& listener) {
  JavaObject* object = listener.object();
  if (object == nullptr || object->type->name != kClassName) return std::nullopt;
  const Value* id = object->field("ssoId");
  const auto* text = id != nullptr ? id->get_if<std::string>() : nullptr;
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

}  // namespace serval::ha
