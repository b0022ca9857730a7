// webapps/session-demo/WEB-INF/src/cart.h
#pragma once
#include <serval/servlet.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace demo {

/// A class of the application itself, as Java has it:
///
///   class demo.Cart implements Serializable {
///     static final long serialVersionUID = 42;
///     int count; String owner; ArrayList<String> items;
///   }
struct Cart {
  std::int32_t count = 0;
  std::optional<std::string> owner;
  std::vector<std::string> items;
};

/// "Cart{count=2,owner=ann,items=[a, b]}".
std::string to_text(const Cart& cart);
/// Adds to `items` of a cart in place; does nothing for another class.
void add_item(const serval::Value& cart, std::string item);

}  // namespace demo

template <>
struct serval::JavaType<demo::Cart> {
  static constexpr const char* kClass = "demo.Cart";
  static constexpr std::int64_t kSerialVersionUid = 42;
  static auto fields() {
    return std::tuple(java_field("count", &demo::Cart::count),
                      java_field("owner", &demo::Cart::owner),
                      java_field("items", &demo::Cart::items));
  }
};
