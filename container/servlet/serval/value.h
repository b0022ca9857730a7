// container/servlet/serval/value.h
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace serval {

class Value;
using Bytes = std::vector<std::uint8_t>;

/// The description of a Java class as it travels: what a JVM writes once per class and stream.
struct JavaClass {
  struct Field {
    char type;  // B C D F I J S Z, '[' array, 'L' object
    std::string name;
    std::string signature;  // "Ljava/lang/String;" for '[' and 'L', else empty
  };
  std::string name;  // "demo.Cart", "[I"
  std::int64_t serial_version_uid = 0;
  std::uint8_t flags =
      2;  // 1 has writeObject data, 2 serializable, 4 externalizable, 8 block data, 16 enum
  std::vector<Field> fields;  // stream order: primitives by name, then arrays and objects by name
  std::shared_ptr<const JavaClass> super;
};

struct JavaList;
struct JavaMap;
struct JavaObject;
struct JavaArray;
/// A java.util.Date: milliseconds since 1970-01-01 UTC.
struct Date {
  std::int64_t ms = 0;
  friend bool operator==(Date, Date) = default;
};
/// An enum constant.
struct JavaEnum {
  std::shared_ptr<const JavaClass> type;
  std::string constant;
};
/// A java.lang.Class.
struct JavaClassRef {
  std::shared_ptr<const JavaClass> type;
};

/// What a session attribute may be: a null, a Java number or text, bytes, a list, a map, a date, or
/// an object of a class that only its owner knows, kept as it came. Cheap to copy: lists, maps,
/// arrays and objects are shared, as references are in Java, so a change made through one copy is
/// seen through the other (and is replicated only after set_attribute).
///
/// Text is UTF-8; a lone surrogate from Java is kept in its three-byte form.
class Value {
 public:
  using Variant =
      std::variant<std::monostate, bool, std::int8_t, std::int16_t, char16_t, std::int32_t,
                   std::int64_t, float, double, std::string, Date, std::shared_ptr<Bytes>,
                   std::shared_ptr<JavaList>, std::shared_ptr<JavaMap>, std::shared_ptr<JavaArray>,
                   std::shared_ptr<JavaObject>, JavaEnum, JavaClassRef>;

  Value() = default;
  template <class T>
  requires std::is_constructible_v<Variant, T&&> &&
      (!std::is_same_v<std::remove_cvref_t<T>, Value>)&&(
          !std::is_convertible_v<T, std::string_view>)Value(T&& value)
      : data_(std::forward<T>(value)) {}  // NOLINT: conversions are the point
  Value(std::string_view text) : data_(std::string(text)) {}
  Value(const std::string& text) : data_(text) {}
  Value(std::string&& text) : data_(std::move(text)) {}
  Value(const char* text) : data_(std::string(text)) {}
  Value(Bytes bytes) : data_(std::make_shared<Bytes>(std::move(bytes))) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  /// The content if it is of exactly this type, else nullptr. `get_if<std::int32_t>()`,
  /// `get_if<std::string>()`.
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&data_);
  }
  /// The shared content, or nullptr: `list()`, `map()`, `object()`, `array()`, `bytes()`.
  JavaList* list() const { return shared<JavaList>(); }
  JavaMap* map() const { return shared<JavaMap>(); }
  JavaObject* object() const { return shared<JavaObject>(); }
  JavaArray* array() const { return shared<JavaArray>(); }
  Bytes* bytes() const { return shared<Bytes>(); }
  const Variant& variant() const { return data_; }

  /// Java's class name: "java.lang.Integer", "[B", "java.util.ArrayList", "demo.Cart"; "null" for
  /// null.
  std::string class_name() const;

 private:
  template <class T>
  T* shared() const {
    const auto* pointer = std::get_if<std::shared_ptr<T>>(&data_);
    return pointer ? pointer->get() : nullptr;
  }
  Variant data_;
};

/// A java.util list or set; java_class keeps the exact type.
struct JavaList {
  std::string java_class = "java.util.ArrayList";
  std::vector<Value> items;
};
/// A java.util map, entries in the order read or put.
struct JavaMap {
  std::string java_class = "java.util.HashMap";
  std::vector<std::pair<Value, Value>> entries;
};
/// An array of any type but byte[].
struct JavaArray {
  std::shared_ptr<const JavaClass> type;
  std::vector<Value> items;
};
/// An object of a class without a native form. One ClassData for each class of the chain that has
/// data, root first; an externalizable object has one with annotation only.
struct JavaObject {
  struct ClassData {
    std::vector<Value> fields;  // as type->fields
    /// What writeObject or writeExternal wrote besides: bytes of primitives, or an object.
    std::vector<std::variant<Bytes, Value>> annotation;
  };
  std::shared_ptr<const JavaClass> type;
  std::vector<ClassData> data;

  /// The field of the most derived class that has one of this name, or nullptr.
  Value* field(std::string_view name);
};

inline Value make_list(std::vector<Value> items, std::string java_class = "java.util.ArrayList") {
  return Value(std::make_shared<JavaList>(JavaList{std::move(java_class), std::move(items)}));
}
inline Value make_map(std::vector<std::pair<Value, Value>> entries,
                      std::string java_class = "java.util.HashMap") {
  return Value(std::make_shared<JavaMap>(JavaMap{std::move(java_class), std::move(entries)}));
}

inline std::string Value::class_name() const {
  static constexpr const char* kNames[] = {"null",
                                           "java.lang.Boolean",
                                           "java.lang.Byte",
                                           "java.lang.Short",
                                           "java.lang.Character",
                                           "java.lang.Integer",
                                           "java.lang.Long",
                                           "java.lang.Float",
                                           "java.lang.Double",
                                           "java.lang.String",
                                           "java.util.Date",
                                           "[B"};
  if (data_.index() < std::size(kNames)) return kNames[data_.index()];
  if (const auto* l = list()) return l->java_class;
  if (const auto* m = map()) return m->java_class;
  if (const auto* a = array()) return a->type->name;
  if (const auto* o = object()) return o->type->name;
  if (const auto* e = get_if<JavaEnum>()) return e->type->name;
  return "java.lang.Class";
}

inline Value* JavaObject::field(std::string_view name) {
  std::vector<const JavaClass*> chain;  // leaf first, only classes with field data
  for (const JavaClass* c = type.get(); c; c = c->super.get()) {
    if (c->flags & 2) chain.push_back(c);
  }
  if (chain.size() != data.size()) return nullptr;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    auto& fields = data[data.size() - 1 - i].fields;
    for (std::size_t f = 0; f < chain[i]->fields.size() && f < fields.size(); ++f) {
      if (chain[i]->fields[f].name == name) return &fields[f];
    }
  }
  return nullptr;
}

}  // namespace serval
