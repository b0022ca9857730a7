#include "cart.h"

#include "java_text.h"

namespace demo {

std::string to_text(const Cart& cart) {
  return "Cart{count=" + std::to_string(cart.count) + ",owner=" + cart.owner.value_or("null") +
         ",items=" + to_java_string(serval::to_value(cart.items)) + "}";
}

void add_item(const serval::Value& cart, std::string item) {
  if (!cart.object() || cart.class_name() != serval::JavaType<Cart>::kClass) return;
  const serval::Value* items = cart.object()->field("items");
  if (items && items->list()) items->list()->items.emplace_back(std::move(item));
}

}  // namespace demo
