// container/servlet/serval/java_values.h
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "value.h"

/// Makers of Java values that have no native form in value.h: arrays, UUID, BigDecimal, java.time,
/// Locale, URI, EnumSet and others, and objects of the application's own Java classes. A JVM in the
/// cluster reads them as the real classes.
///
/// Errors: std::invalid_argument for text that is no number and for a field that a class has not.
namespace serval {

/// Describes a class as `class Cart implements Serializable { int count; String owner; }` is
/// described: java_class_of("demo.Cart", 42, {{'I', "count", ""},
/// {'L', "owner", "Ljava/lang/String;"}}). Fields may come in any order. Make it once, keep it.
inline std::shared_ptr<const JavaClass> java_class_of(
    std::string name, std::int64_t serial_version_uid, std::vector<JavaClass::Field> fields,
    std::shared_ptr<const JavaClass> super = nullptr) {
  std::ranges::sort(fields, [](const auto& a, const auto& b) {
    const bool a_is_object = a.type == 'L' || a.type == '[';
    const bool b_is_object = b.type == 'L' || b.type == '[';
    return std::tie(a_is_object, a.name) < std::tie(b_is_object, b.name);
  });
  auto type = std::make_shared<JavaClass>();
  type->name = std::move(name);
  type->serial_version_uid = serial_version_uid;
  type->fields = std::move(fields);
  type->super = std::move(super);
  return type;
}

/// An object of a class without writeObject. Fields that are not named are 0 or null.
/// Example: java_object(cart, {{"count", 3}, {"owner", "alice"}}).
inline Value java_object(
    const std::shared_ptr<const JavaClass>& type,
    std::initializer_list<std::pair<std::string_view, Value>> named_fields = {}) {
  const auto zero = [](char field_type) -> Value {
    switch (field_type) {
      case 'B':
        return std::int8_t{0};
      case 'C':
        return u'\0';
      case 'D':
        return 0.0;
      case 'F':
        return 0.0F;
      case 'I':
        return std::int32_t{0};
      case 'J':
        return std::int64_t{0};
      case 'S':
        return std::int16_t{0};
      case 'Z':
        return false;
      default:
        return {};
    }
  };
  auto object = std::make_shared<JavaObject>();
  object->type = type;
  for (const JavaClass* part = type.get(); part != nullptr; part = part->super.get()) {
    JavaObject::ClassData data;
    for (const auto& field : part->fields) data.fields.push_back(zero(field.type));
    object->data.insert(object->data.begin(), std::move(data));
  }
  for (const auto& [name, value] : named_fields) {
    Value* field = object->field(name);
    if (field == nullptr) {
      throw std::invalid_argument(type->name + " has no field " + std::string(name));
    }
    *field = value;
  }
  return Value(std::move(object));
}

inline Value java_enum(std::string class_name, std::string constant) {
  static const auto base = [] {
    auto type = std::make_shared<JavaClass>();
    type->name = "java.lang.Enum";
    type->flags = 18;
    return type;
  }();
  auto type = std::make_shared<JavaClass>();
  type->name = std::move(class_name);
  type->flags = 18;
  type->super = base;
  return JavaEnum{std::move(type), std::move(constant)};
}

namespace detail {

template <class T>
void append_big_endian(Bytes& out, T value) {
  for (int shift = static_cast<int>(8 * (sizeof(T) - 1)); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> shift));
  }
}

template <class Bits, class T>
Value packed_array(const char* class_name, std::int64_t uid, std::span<const T> elements) {
  auto array = std::make_shared<JavaArray>();
  array->type = java_class_of(class_name, uid, {});
  array->packed.reserve(elements.size() * sizeof(T));
  for (const T& element : elements) {
    append_big_endian(array->packed, std::bit_cast<Bits>(element));
  }
  return Value(std::move(array));
}

/// A class of the JDK that has a writeObject.
inline std::shared_ptr<const JavaClass> writing_class(
    std::string name, std::uint64_t uid, std::vector<JavaClass::Field> fields,
    std::shared_ptr<const JavaClass> super = nullptr) {
  auto type = *java_class_of(std::move(name), static_cast<std::int64_t>(uid), std::move(fields),
                             std::move(super));
  type.flags = 3;
  return std::make_shared<const JavaClass>(std::move(type));
}

inline const std::shared_ptr<const JavaClass>& number_class() {
  static const auto type =
      java_class_of("java.lang.Number", static_cast<std::int64_t>(0x86ac951d0b94e08b), {});
  return type;
}

/// A java.util.Date or a class below it: the milliseconds are data of Date.
inline Value date_object(const std::shared_ptr<const JavaClass>& type, std::int64_t ms) {
  Value date = java_object(type);
  Bytes bytes;
  append_big_endian(bytes, ms);
  date.object()->data[0].annotation.emplace_back(std::move(bytes));
  return date;
}

inline const std::shared_ptr<const JavaClass>& date_class() {
  static const auto type = writing_class("java.util.Date", 0x686a81014b597419, {});
  return type;
}

/// Decimal digits to a big-endian magnitude without leading zeros.
inline Bytes magnitude_of(std::string_view digits) {
  if (digits.empty()) throw std::invalid_argument("a number without digits");
  Bytes magnitude;  // little-endian while it grows
  for (const char c : digits) {
    if (c < '0' || c > '9') throw std::invalid_argument("not a digit: " + std::string(1, c));
    unsigned carry = static_cast<unsigned>(c - '0');
    for (auto& byte : magnitude) {
      carry += byte * 10U;
      byte = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) magnitude.push_back(static_cast<std::uint8_t>(carry));
  }
  std::ranges::reverse(magnitude);
  return magnitude;
}

/// A java.time value: its class's code and what that writes.
inline Value java_time(std::uint8_t code,
                       std::initializer_list<std::pair<std::int64_t, int>> parts) {
  static const auto type = [] {
    auto ser = std::make_shared<JavaClass>();
    ser->name = "java.time.Ser";
    ser->serial_version_uid = static_cast<std::int64_t>(0x955d84ba1b2248b2);
    ser->flags = 12;
    return ser;
  }();
  Bytes bytes = {code};
  for (const auto& [value, width] : parts) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> shift));
    }
  }
  auto object = std::make_shared<JavaObject>();
  object->type = type;
  object->data.push_back({{}, {std::move(bytes)}});
  return Value(std::move(object));
}

}  // namespace detail

inline Value int_array(std::span<const std::int32_t> elements) {
  return detail::packed_array<std::uint32_t>("[I", 0x4dba602676eab2a5, elements);
}
inline Value long_array(std::span<const std::int64_t> elements) {
  return detail::packed_array<std::uint64_t>("[J", 0x782004b512b17593, elements);
}
inline Value double_array(std::span<const double> elements) {
  return detail::packed_array<std::uint64_t>("[D", 0x3ea68c14ab635a1e, elements);
}
inline Value float_array(std::span<const float> elements) {
  return detail::packed_array<std::uint32_t>("[F", 0x0b9c818922e00c42, elements);
}
inline Value short_array(std::span<const std::int16_t> elements) {
  return detail::packed_array<std::uint16_t>("[S", static_cast<std::int64_t>(0xef832e06e55db0fa),
                                             elements);
}
inline Value char_array(std::span<const char16_t> elements) {
  return detail::packed_array<std::uint16_t>("[C", static_cast<std::int64_t>(0xb02666b0e25d84ac),
                                             elements);
}
inline Value boolean_array(std::span<const bool> elements) {
  return detail::packed_array<std::uint8_t>("[Z", 0x578f203914b85de2, elements);
}
inline Value string_array(std::vector<std::string> elements) {
  auto array = std::make_shared<JavaArray>();
  array->type =
      java_class_of("[Ljava.lang.String;", static_cast<std::int64_t>(0xadd256e7e91d7b47), {});
  for (auto& element : elements) array->items.emplace_back(std::move(element));
  return Value(std::move(array));
}
inline Value object_array(std::vector<Value> elements) {
  auto array = std::make_shared<JavaArray>();
  array->type =
      java_class_of("[Ljava.lang.Object;", static_cast<std::int64_t>(0x90ce589f1073296c), {});
  array->items = std::move(elements);
  return Value(std::move(array));
}

/// java.util.UUID from its two halves.
inline Value java_uuid(std::uint64_t most, std::uint64_t least) {
  static const auto type =
      java_class_of("java.util.UUID", static_cast<std::int64_t>(0xbc9903f7986d852f),
                    {{'J', "leastSigBits", ""}, {'J', "mostSigBits", ""}});
  return java_object(type, {{"leastSigBits", static_cast<std::int64_t>(least)},
                            {"mostSigBits", static_cast<std::int64_t>(most)}});
}

/// java.math.BigInteger from decimal text: "-12345678901234567890".
inline Value java_big_integer(std::string_view text) {
  static const auto type = detail::writing_class("java.math.BigInteger", 0x8cfc9f1fa93bfb1d,
                                                 {{'I', "bitCount", ""},
                                                  {'I', "bitLength", ""},
                                                  {'I', "firstNonzeroByteNum", ""},
                                                  {'I', "lowestSetBit", ""},
                                                  {'I', "signum", ""},
                                                  {'[', "magnitude", "[B"}},
                                                 detail::number_class());
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  Bytes magnitude = detail::magnitude_of(text);
  const std::int32_t sign = magnitude.empty() ? 0 : is_negative ? -1 : 1;
  return java_object(type, {{"bitCount", -1},
                            {"bitLength", -1},
                            {"firstNonzeroByteNum", -2},
                            {"lowestSetBit", -2},
                            {"signum", sign},
                            {"magnitude", std::move(magnitude)}});
}

/// java.math.BigDecimal from decimal text without exponent: "123.456".
inline Value java_big_decimal(std::string_view text) {
  static const auto type = detail::writing_class(
      "java.math.BigDecimal", 0x54c71557f981284f,
      {{'I', "scale", ""}, {'L', "intVal", "Ljava/math/BigInteger;"}}, detail::number_class());
  std::string digits(text);
  std::int32_t scale = 0;
  if (const auto point = digits.find('.'); point != std::string::npos) {
    scale = static_cast<std::int32_t>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  return java_object(type, {{"scale", scale}, {"intVal", java_big_integer(digits)}});
}

/// java.sql.Date: milliseconds since 1970-01-01 UTC.
inline Value java_sql_date(std::int64_t ms) {
  static const auto type =
      java_class_of("java.sql.Date", 0x14fa46683f356697, {}, detail::date_class());
  return detail::date_object(type, ms);
}

/// java.sql.Timestamp: milliseconds since 1970-01-01 UTC (whole seconds count) and nanoseconds.
inline Value java_sql_timestamp(std::int64_t ms, std::int32_t nanos) {
  static const auto type = java_class_of("java.sql.Timestamp", 0x2618d5c80153bf65,
                                         {{'I', "nanos", ""}}, detail::date_class());
  const std::int64_t part = ms % 1000;
  Value timestamp = detail::date_object(type, ms - (part < 0 ? part + 1000 : part));
  *timestamp.object()->field("nanos") = nanos;
  return timestamp;
}

inline Value java_instant(std::int64_t seconds, std::int32_t nanos) {
  return detail::java_time(2, {{seconds, 8}, {nanos, 4}});
}
inline Value java_duration(std::int64_t seconds, std::int32_t nanos) {
  return detail::java_time(1, {{seconds, 8}, {nanos, 4}});
}
inline Value java_local_date(std::int32_t year, int month, int day) {
  return detail::java_time(3, {{year, 4}, {month, 1}, {day, 1}});
}

/// java.util.concurrent.atomic.AtomicInteger, AtomicLong, AtomicBoolean.
inline Value java_atomic_integer(std::int32_t value) {
  static const auto type =
      java_class_of("java.util.concurrent.atomic.AtomicInteger", 0x563f5ecc8c6c168a,
                    {{'I', "value", ""}}, detail::number_class());
  return java_object(type, {{"value", value}});
}
inline Value java_atomic_long(std::int64_t value) {
  static const auto type =
      java_class_of("java.util.concurrent.atomic.AtomicLong", 0x1ac0fab477001718,
                    {{'J', "value", ""}}, detail::number_class());
  return java_object(type, {{"value", value}});
}
inline Value java_atomic_boolean(bool value) {
  static const auto type = java_class_of("java.util.concurrent.atomic.AtomicBoolean",
                                         0x4098b70a4f3ffc33, {{'I', "value", ""}});
  return java_object(type, {{"value", std::int32_t{value}}});
}

/// java.util.Locale: language "de", country "DE", script "Hans"; "" leaves a part out.
inline Value java_locale(std::string_view language, std::string_view country = "",
                         std::string_view variant = "", std::string_view script = "") {
  static const auto type = detail::writing_class("java.util.Locale", 0x7ef811609c30f9ec,
                                                 {{'I', "hashcode", ""},
                                                  {'L', "country", "Ljava/lang/String;"},
                                                  {'L', "extensions", "Ljava/lang/String;"},
                                                  {'L', "language", "Ljava/lang/String;"},
                                                  {'L', "script", "Ljava/lang/String;"},
                                                  {'L', "variant", "Ljava/lang/String;"}});
  return java_object(type, {{"hashcode", -1},
                            {"country", country},
                            {"extensions", ""},
                            {"language", language},
                            {"script", script},
                            {"variant", variant}});
}

/// java.util.Currency: "EUR".
inline Value java_currency(std::string_view code) {
  static const auto type =
      java_class_of("java.util.Currency", static_cast<std::int64_t>(0xfdcd934a5911a91f),
                    {{'L', "currencyCode", "Ljava/lang/String;"}});
  return java_object(type, {{"currencyCode", code}});
}

/// java.net.URI. A JVM refuses text that is no URI.
inline Value java_uri(std::string_view text) {
  static const auto type = detail::writing_class("java.net.URI", 0xac01782e439e49ab,
                                                 {{'L', "string", "Ljava/lang/String;"}});
  return java_object(type, {{"string", text}});
}

/// java.util.BitSet: bit 0 is the lowest of the first word. The last word must not be 0.
inline Value java_bit_set(std::span<const std::int64_t> words) {
  static const auto type =
      detail::writing_class("java.util.BitSet", 0x6efd887e3934ab21, {{'[', "bits", "[J"}});
  return java_object(type, {{"bits", long_array(words)}});
}

/// java.util.AbstractMap.SimpleEntry.
inline Value java_entry(const Value& key, const Value& value) {
  static const auto type = java_class_of(
      "java.util.AbstractMap$SimpleEntry", static_cast<std::int64_t>(0x8a0aeca5fc56801f),
      {{'L', "key", "Ljava/lang/Object;"}, {'L', "value", "Ljava/lang/Object;"}});
  return java_object(type, {{"key", key}, {"value", value}});
}

/// java.util.EnumSet of an enum class, with these of its constants.
inline Value java_enum_set(const std::string& class_name, std::span<const std::string> constants) {
  static const auto type = java_class_of(
      "java.util.EnumSet$SerializationProxy", 0x0507d3db7654cad1,
      {{'L', "elementType", "Ljava/lang/Class;"}, {'[', "elements", "[Ljava/lang/Enum;"}});
  auto elements = std::make_shared<JavaArray>();
  elements->type =
      java_class_of("[Ljava.lang.Enum;", static_cast<std::int64_t>(0xa88dea2d33d22f98), {});
  const auto enum_type = java_enum(class_name, "").get_if<JavaEnum>()->type;
  for (const auto& constant : constants)
    elements->items.emplace_back(JavaEnum{enum_type, constant});
  return java_object(
      type, {{"elementType", JavaClassRef{enum_type}}, {"elements", Value(std::move(elements))}});
}

}  // namespace serval
