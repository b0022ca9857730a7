// container/servlet/serval/typed_values.h
#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "error.h"
#include "java_values.h"

/// C++ types as values: to_value and from_value, which Session::get, set and edit use.
///
/// bool and numbers are Java's (std::int32_t is an Integer, std::int64_t a Long), std::string a
/// String, Bytes a byte[], Date a Date, std::vector an ArrayList, std::set a TreeSet, std::map a
/// TreeMap, the unordered ones HashSet and HashMap. std::optional of these may be null; a null that
/// is read as one of the others is an empty text or collection, and an error for a number. Value
/// stands for anything. A std::shared_ptr of any other type stays on its node (make_native).
///
/// A struct or an enum is written as a Java class, and read from it, once it says which:
///
///   template <>
///   struct serval::JavaType<shop::Cart> {
///     static constexpr const char* kClass = "shop.Cart";
///     static constexpr std::int64_t kSerialVersionUid = 42;
///     static auto fields() {
///       return std::tuple(java_field("count", &shop::Cart::count),
///                         java_field("items", &shop::Cart::items, "Ljava/util/LinkedList;"));
///     }
///   };
///   template <>
///   struct serval::JavaType<shop::Size> {
///     static constexpr const char* kClass = "shop.Size";
///     static constexpr std::pair<shop::Size, const char*> kConstants[] = {
///         {shop::Size::kSmall, "SMALL"}, {shop::Size::kLarge, "LARGE"}};
///   };
///
/// `using Super = shop::Goods;` in the first one: the Java class extends that of Goods, and the
/// struct derives from it. Fields that only the Java class has are left out when it is written
/// (Java sets them to 0 or null) and skipped when it is read; fields that only the struct has keep
/// their values. A class with a writeObject of its own is no such type: read its JavaObject.
namespace serval {

template <class T>
struct JavaType;

/// A field of a class: its name, and its declared type where that is not the usual one, as a
/// signature: "Ljava/util/LinkedList;", "Ljava/util/List;", "[I".
template <class Owner, class T>
struct JavaField {
  const char* name;
  T Owner::*member;
  std::string_view signature;
};
template <class Owner, class T>
constexpr JavaField<Owner, T> java_field(const char* name, T Owner::*member,
                                         std::string_view signature = {}) {
  return {name, member, signature};
}

template <class T>
Value to_value(const T& object);
/// Errors: ClassCastException, of Java's name too, for a value of another type.
template <class T>
T from_value(const Value& value);

namespace detail {

template <class T>
concept JavaEnumLike = requires {
  JavaType<T>::kConstants;
};
template <class T>
concept JavaStruct = requires {
  JavaType<T>::fields();
};

[[noreturn]] inline void wrong_class(const Value& value, std::string_view wanted) {
  throw ClassCastException("a " + value.class_name() + " cannot be read as " + std::string(wanted));
}

inline std::string signature_of_class(std::string_view name) {
  std::string signature = "L" + std::string(name) + ";";
  std::ranges::replace(signature, '.', '/');
  return signature;
}
inline std::string class_of_signature(std::string_view signature) {
  std::string name(signature.substr(1, signature.size() - 2));
  std::ranges::replace(name, '/', '.');
  return name;
}

/// How a type is written and read, and what Java declares a field of it as.
template <class T>
struct Codec;

/// The letter of a primitive type, 0 for objects.
template <class T>
constexpr char primitive_letter() {
  if (std::is_same_v<T, bool>) return 'Z';
  if (std::is_same_v<T, std::int8_t>) return 'B';
  if (std::is_same_v<T, std::int16_t>) return 'S';
  if (std::is_same_v<T, char16_t>) return 'C';
  if (std::is_same_v<T, std::int32_t>) return 'I';
  if (std::is_same_v<T, std::int64_t>) return 'J';
  if (std::is_same_v<T, float>) return 'F';
  return std::is_same_v<T, double> ? 'D' : '\0';
}

template <class T>
requires(primitive_letter<T>() != '\0') struct Codec<T> {
  static constexpr char kPrimitive = primitive_letter<T>();
  static Value to(const T& content) { return Value(content); }
  static T from(const Value& value) {
    if (const T* content = value.get_if<T>()) return *content;
    wrong_class(value, Value(T{}).class_name());
  }
  static std::string signature() { return signature_of_class(Value(T{}).class_name()); }
};

/// Everything that is no primitive type as a field.
struct ObjectCodec {
  static constexpr char kPrimitive = 0;
};

template <>
struct Codec<std::string> : ObjectCodec {
  static Value to(const std::string& text) { return Value(text); }
  static std::string from(const Value& value) {
    if (value.is_null()) return {};
    if (const auto* text = value.get_if<std::string>()) return *text;
    wrong_class(value, "java.lang.String");
  }
  static std::string signature() { return "Ljava/lang/String;"; }
};

template <>
struct Codec<Date> : ObjectCodec {
  static Value to(const Date& date) { return Value(date); }
  static Date from(const Value& value) {
    if (const auto* date = value.get_if<Date>()) return *date;
    wrong_class(value, "java.util.Date");
  }
  static std::string signature() { return "Ljava/util/Date;"; }
};

template <>
struct Codec<Bytes> : ObjectCodec {
  static Value to(const Bytes& bytes) { return Value(bytes); }
  static Bytes from(const Value& value) {
    if (value.is_null()) return {};
    if (const Bytes* bytes = value.bytes()) return *bytes;
    wrong_class(value, "byte[]");
  }
  static std::string signature() { return "[B"; }
};

template <>
struct Codec<Value> : ObjectCodec {
  static Value to(const Value& value) { return value; }
  static Value from(const Value& value) { return value; }
  static std::string signature() { return "Ljava/lang/Object;"; }
};

template <class T>
struct Codec<std::optional<T>> : ObjectCodec {
  static Value to(const std::optional<T>& content) {
    return content ? Codec<T>::to(*content) : Value();
  }
  static std::optional<T> from(const Value& value) {
    return value.is_null() ? std::nullopt : std::optional<T>(Codec<T>::from(value));
  }
  static std::string signature() { return Codec<T>::signature(); }
};

template <class T>
struct Codec<std::shared_ptr<T>> : ObjectCodec {
  static Value to(const std::shared_ptr<T>& object) { return make_native(object); }
  static std::shared_ptr<T> from(const Value& value) {
    auto object = value.native<T>();
    if (!object && !value.is_null()) wrong_class(value, typeid(T).name());
    return object;
  }
  static std::string signature() { return "Ljava/lang/Object;"; }
};

/// Calls each(item) for the items of a list, set or array; nothing for a null.
template <class Each>
void for_each_item(const Value& value, std::string_view wanted, Each each) {
  if (value.is_null()) return;
  if (const JavaList* list = value.list()) {
    for (const Value& item : list->items) each(item);
  } else if (const JavaArray* array = value.array()) {
    for (std::size_t i = 0; i < array->size(); ++i) each(array->at(i));
  } else {
    wrong_class(value, wanted);
  }
}

/// std::vector and the sets.
template <class Collection, class T>
struct CollectionCodec : ObjectCodec {
  static Value make(const Collection& items, std::string java_class) {
    std::vector<Value> values;
    values.reserve(items.size());
    for (const auto& item : items) values.push_back(Codec<T>::to(item));
    return make_list(std::move(values), std::move(java_class));
  }
  static Collection read(const Value& value, std::string_view java_class) {
    Collection items;
    for_each_item(value, java_class,
                  [&](const Value& item) { items.insert(items.end(), Codec<T>::from(item)); });
    return items;
  }
};

/// The order of UTF-16 units, which Java sorts text by, for UTF-8.
inline bool before_in_java(std::string_view a, std::string_view b) {
  const auto rank = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0xEE || byte == 0xEF ? 0xFE : int{byte};
  };
  return std::ranges::lexicographical_compare(a, b, {}, rank, rank);
}
/// A JVM takes the items of a TreeSet or TreeMap for sorted.
inline void sort_texts(std::vector<Value>& items) {
  std::ranges::stable_sort(items, before_in_java, [](const Value& v) {
    return std::string_view(*v.get_if<std::string>());
  });
}
inline void sort_texts(std::vector<std::pair<Value, Value>>& entries) {
  std::ranges::stable_sort(entries, before_in_java, [](const auto& entry) {
    return std::string_view(*entry.first.template get_if<std::string>());
  });
}

template <class T>
struct Codec<std::vector<T>> : CollectionCodec<std::vector<T>, T> {
  static Value to(const std::vector<T>& items) { return Codec::make(items, "java.util.ArrayList"); }
  static std::vector<T> from(const Value& value) {
    return Codec::read(value, "java.util.ArrayList");
  }
  static std::string signature() { return "Ljava/util/ArrayList;"; }
};
template <class T>
struct Codec<std::set<T>> : CollectionCodec<std::set<T>, T> {
  static Value to(const std::set<T>& items) {
    Value value = Codec::make(items, "java.util.TreeSet");
    if constexpr (std::is_same_v<T, std::string>) sort_texts(value.list()->items);
    return value;
  }
  static std::set<T> from(const Value& value) { return Codec::read(value, "java.util.TreeSet"); }
  static std::string signature() { return "Ljava/util/TreeSet;"; }
};
template <class T>
struct Codec<std::unordered_set<T>> : CollectionCodec<std::unordered_set<T>, T> {
  static Value to(const std::unordered_set<T>& items) {
    return Codec::make(items, "java.util.HashSet");
  }
  static std::unordered_set<T> from(const Value& value) {
    return Codec::read(value, "java.util.HashSet");
  }
  static std::string signature() { return "Ljava/util/HashSet;"; }
};

template <class Map>
struct MapCodec : ObjectCodec {
  using Key = typename Map::key_type;
  using Mapped = typename Map::mapped_type;
  static Value make(const Map& map, std::string java_class) {
    std::vector<std::pair<Value, Value>> entries;
    entries.reserve(map.size());
    for (const auto& [key, mapped] : map) {
      entries.emplace_back(Codec<Key>::to(key), Codec<Mapped>::to(mapped));
    }
    return make_map(std::move(entries), std::move(java_class));
  }
  static Map from(const Value& value) {
    Map map;
    if (value.is_null()) return map;
    const JavaMap* entries = value.map();
    if (!entries) wrong_class(value, "java.util.Map");
    for (const auto& [key, mapped] : entries->entries) {
      map.insert_or_assign(Codec<Key>::from(key), Codec<Mapped>::from(mapped));
    }
    return map;
  }
};
template <class K, class V>
struct Codec<std::map<K, V>> : MapCodec<std::map<K, V>> {
  static Value to(const std::map<K, V>& map) {
    Value value = Codec::make(map, "java.util.TreeMap");
    if constexpr (std::is_same_v<K, std::string>) sort_texts(value.map()->entries);
    return value;
  }
  static std::string signature() { return "Ljava/util/TreeMap;"; }
};
template <class K, class V>
struct Codec<std::unordered_map<K, V>> : MapCodec<std::unordered_map<K, V>> {
  static Value to(const std::unordered_map<K, V>& map) {
    return Codec::make(map, "java.util.HashMap");
  }
  static std::string signature() { return "Ljava/util/HashMap;"; }
};

template <JavaEnumLike T>
struct Codec<T> : ObjectCodec {
  static Value to(const T& constant) {
    static const auto type = java_enum(JavaType<T>::kClass, "").template get_if<JavaEnum>()->type;
    for (const auto& [known, name] : JavaType<T>::kConstants) {
      if (known == constant) return JavaEnum{type, name};
    }
    throw IllegalArgumentException(std::string(JavaType<T>::kClass) + " has no constant " +
                                   std::to_string(static_cast<long>(constant)));
  }
  static T from(const Value& value) {
    const auto* held = value.get_if<JavaEnum>();
    if (!held || held->type->name != JavaType<T>::kClass) wrong_class(value, JavaType<T>::kClass);
    for (const auto& [known, name] : JavaType<T>::kConstants) {
      if (held->constant == name) return known;
    }
    throw ClassCastException(held->type->name + "." + held->constant +
                             " is no constant that this application knows");
  }
  static std::string signature() { return signature_of_class(JavaType<T>::kClass); }
};

/// A Java array of this signature.
template <class T>
requires(!std::is_same_v<T, std::uint8_t>) Value
    fit_array(const std::vector<T>& items, std::string_view signature) {
  if constexpr (std::is_same_v<T, bool>) {
    const auto flat = std::make_unique<bool[]>(items.size());
    std::ranges::copy(items, flat.get());
    return boolean_array({flat.get(), items.size()});
  }
  if constexpr (std::is_same_v<T, std::int8_t>) return Bytes(items.begin(), items.end());
  if constexpr (std::is_same_v<T, std::int16_t>) return short_array(items);
  if constexpr (std::is_same_v<T, char16_t>) return char_array(items);
  if constexpr (std::is_same_v<T, std::int32_t>) return int_array(items);
  if constexpr (std::is_same_v<T, std::int64_t>) return long_array(items);
  if constexpr (std::is_same_v<T, float>) return float_array(items);
  if constexpr (std::is_same_v<T, double>) return double_array(items);
  if constexpr (std::is_same_v<T, std::string>) return string_array(items);
  std::string name(signature);
  std::ranges::replace(name, '/', '.');
  auto array = std::make_shared<JavaArray>();
  array->type = java_class_of(std::move(name), 0, {});  // a JVM does not look at an array's UID
  for (const auto& item : items) array->items.push_back(Codec<T>::to(item));
  return Value(std::move(array));
}

/// Puts the value into the form that a field of this signature takes.
template <class T>
Value fit(const T& content, std::string_view signature) {
  if constexpr (requires { fit_array(content, signature); }) {
    if (signature.starts_with('[')) return fit_array(content, signature);
  }
  Value value = Codec<T>::to(content);
  if (!signature.starts_with("Ljava/util/")) return value;
  static constexpr std::string_view kInterfaces[] = {"Collection",   "Deque",        "List",  "Map",
                                                     "NavigableMap", "NavigableSet", "Queue", "Set",
                                                     "SortedMap",    "SortedSet"};
  const std::string_view short_name = signature.substr(11, signature.size() - 12);
  if (std::ranges::find(kInterfaces, short_name) != std::end(kInterfaces)) return value;
  if (JavaList* list = value.list()) list->java_class = class_of_signature(signature);
  if (JavaMap* map = value.map()) map->java_class = class_of_signature(signature);
  return value;
}

template <JavaStruct T>
struct Codec<T> : ObjectCodec {
  static Value to(const T& object) {
    auto made = std::make_shared<JavaObject>();
    made->type = type();
    add_data(object, *made);
    return Value(std::move(made));
  }

  static T from(const Value& value) {
    JavaObject* object = value.object();
    if (!object || object->type->name != JavaType<T>::kClass) {
      wrong_class(value, JavaType<T>::kClass);
    }
    T made{};
    read_data(*object, made);
    return made;
  }

  static std::string signature() { return signature_of_class(JavaType<T>::kClass); }

  /// The class as it travels, one for the process.
  static const std::shared_ptr<const JavaClass>& type() {
    static const auto made = [] {
      std::vector<JavaClass::Field> fields;
      for_each_field([&](const auto& field) { fields.push_back(declare(field)); });
      return java_class_of(JavaType<T>::kClass, JavaType<T>::kSerialVersionUid, std::move(fields),
                           super());
    }();
    return made;
  }

  static void add_data(const T& object, JavaObject& to) {
    if constexpr (requires { typename JavaType<T>::Super; }) {
      Codec<typename JavaType<T>::Super>::add_data(object, to);
    }
    to.data.emplace_back();
    to.data.back().fields.resize(type()->fields.size());
    for_each_field([&](const auto& field) {
      *to_field(to.data.back(), *type(), field.name) = fit(object.*field.member, declared(field));
    });
  }

  static void read_data(const JavaObject& from, T& object) {
    if constexpr (requires { typename JavaType<T>::Super; }) {
      Codec<typename JavaType<T>::Super>::read_data(from, object);
    }
    const auto chain = from.data_classes();
    for (std::size_t i = 0; i < chain.size() && i < from.data.size(); ++i) {
      if (chain[i]->name == JavaType<T>::kClass) read_fields(*chain[i], from.data[i], object);
    }
  }

 private:
  template <class Each>
  static void for_each_field(Each each) {
    std::apply([&](const auto&... field) { (each(field), ...); }, JavaType<T>::fields());
  }

  static std::shared_ptr<const JavaClass> super() {
    if constexpr (requires { typename JavaType<T>::Super; }) {
      return Codec<typename JavaType<T>::Super>::type();
    }
    return nullptr;
  }

  template <class Member>
  static std::string declared(const JavaField<T, Member>& field) {
    if (!field.signature.empty()) return std::string(field.signature);
    return Codec<Member>::signature();
  }

  template <class Member>
  static JavaClass::Field declare(const JavaField<T, Member>& field) {
    const char primitive = Codec<Member>::kPrimitive;
    if (primitive != 0 && field.signature.empty()) return {primitive, field.name, ""};
    const std::string signature = declared(field);
    return {signature[0], field.name, signature};
  }

  template <class Data>
  static auto* to_field(Data& data, const JavaClass& type, std::string_view name) {
    const auto at = std::ranges::find(type.fields, name, &JavaClass::Field::name);
    const auto index = static_cast<std::size_t>(at - type.fields.begin());
    return index < data.fields.size() ? &data.fields[index] : nullptr;
  }

  static void read_fields(const JavaClass& sent, const JavaObject::ClassData& data, T& object) {
    if (sent.serial_version_uid != JavaType<T>::kSerialVersionUid) {
      throw ClassCastException(sent.name + " has serialVersionUID " +
                               std::to_string(sent.serial_version_uid) + ", not " +
                               std::to_string(JavaType<T>::kSerialVersionUid));
    }
    for_each_field([&](const auto& field) {
      const Value* value = to_field(data, sent, field.name);
      if (!value) return;
      using Member = std::remove_reference_t<decltype(object.*field.member)>;
      try {
        object.*field.member = Codec<Member>::from(*value);
      } catch (const ClassCastException& wrong) {
        throw ClassCastException(sent.name + "." + field.name + ": " + wrong.what());
      }
    });
  }
};

}  // namespace detail

template <class T>
Value to_value(const T& object) {
  return detail::Codec<T>::to(object);
}
template <class T>
T from_value(const Value& value) {
  return detail::Codec<T>::from(value);
}

}  // namespace serval
