#include "cart.h"

#include "java_text.h"

namespace demo {

using serval::Value;

serval::Value make_cart(std::int32_t count, std::string owner, std::vector<std::string> items) {
  static const auto type = std::make_shared<const serval::JavaClass>(
      serval::JavaClass{.name = kCartClass,
                        .serial_version_uid = 42,
                        .flags = 2,
                        .fields = {{'I', "count", ""},
                                   {'L', "items", "Ljava/util/ArrayList;"},
                                   {'L', "owner", "Ljava/lang/String;"}},
                        .super = nullptr});
  std::vector<Value> list(items.begin(), items.end());
  auto cart = std::make_shared<serval::JavaObject>();
  cart->type = type;
  cart->data.push_back({{count, serval::make_list(std::move(list)), std::move(owner)}, {}});
  return Value(std::move(cart));
}

std::string cart_text(serval::JavaObject& cart) {
  const auto text = [&cart](const char* field) {
    const Value* value = cart.field(field);
    return value ? to_java_string(*value) : std::string("null");
  };
  return "Cart{count=" + text("count") + ",owner=" + text("owner") + ",items=" + text("items") +
         "}";
}

void add_item(const Value& cart, std::string item) {
  if (!cart.object() || cart.object()->type->name != kCartClass) return;
  const Value* items = cart.object()->field("items");
  if (items && items->list()) items->list()->items.emplace_back(std::move(item));
}

}  // namespace demo
