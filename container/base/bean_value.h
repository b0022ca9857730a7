// container/base/bean_value.h
#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace serval {

/// An array of objects that are shown by their text.
struct BeanList {
  std::string_view type = "java.lang.String";  // of an item
  std::vector<std::string> items;
  friend bool operator==(const BeanList&, const BeanList&) = default;
};

/// What an attribute of a bean holds, or an operation returns. monostate is Java's null.
using BeanValue = std::variant<std::monostate, bool, std::int64_t, double, std::string, BeanList>;

/// A field as a BeanValue. A component adds an overload for a type of its own in its namespace;
/// fields of a type without one are not shown.
inline BeanValue bean_value(bool value) { return value; }
inline BeanValue bean_value(double value) { return value; }
inline BeanValue bean_value(std::string_view value) { return std::string(value); }
BeanValue bean_value(const char*) = delete;  // would become a bool
template <class T>
requires(std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>) BeanValue
    bean_value(T value) {
  return static_cast<std::int64_t>(value);
}
template <class Rep, class Period>
BeanValue bean_value(std::chrono::duration<Rep, Period> value) {
  return static_cast<std::int64_t>(value.count());
}

/// Java's name for the type of a field. What is no number and no truth value is set by its text.
template <class T>
constexpr std::string_view java_type() {
  if constexpr (std::same_as<T, bool>) return "boolean";
  if constexpr (std::floating_point<T>) return "double";
  if constexpr (std::integral<T>) return sizeof(T) > 4 ? "long" : "int";
  if constexpr (requires(T v) { v.count(); }) return "long";
  return "java.lang.String";
}

}  // namespace serval
