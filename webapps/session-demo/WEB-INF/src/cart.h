// webapps/session-demo/WEB-INF/src/cart.h
#pragma once
#include <serval/servlet.h>

#include <cstdint>
#include <string>
#include <vector>

namespace demo {

/// A class of the application itself, as Java has it:
///
///   class demo.Cart implements Serializable {
///     static final long serialVersionUID = 42;
///     int count; String owner; ArrayList<String> items;
///   }
///
/// It travels as a JavaObject, so a JVM on another node reads a demo.Cart.
inline constexpr const char* kCartClass = "demo.Cart";

serval::Value make_cart(std::int32_t count, std::string owner, std::vector<std::string> items);
/// "Cart{count=2,owner=ann,items=[a, b]}". Requires: an object of class demo.Cart.
std::string cart_text(serval::JavaObject& cart);
/// Adds to `items` in place; does nothing for another class.
void add_item(const serval::Value& cart, std::string item);

}  // namespace demo
