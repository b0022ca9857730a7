#include "java_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "cart.h"
#include "shirt.h"

namespace demo {

using serval::Value;

namespace {

// Java: at least one digit after the point; from 10^7 on and below 10^-3 in the form 1.5E-4.
template <class T>
std::string floating(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  const T size = std::fabs(value);
  const bool plain = size >= T(1e-3) && size < T(1e7);
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific)
                       .ptr;
  std::string text(buffer.data(), end);
  if (plain) return text.find('.') == std::string::npos ? text + ".0" : text;
  const std::size_t e = text.find('e');
  std::string digits = text.substr(0, e);
  if (digits.find('.') == std::string::npos) digits += ".0";
  return digits + "E" + std::to_string(std::stoi(text.substr(e + 1)));
}

// "Thu Jan 01 00:00:00 UTC 1970"
std::string date_text(std::int64_t ms) {
  const std::time_t seconds = ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> buffer;
  const std::size_t size =
      std::strftime(buffer.data(), buffer.size(), "%a %b %d %H:%M:%S UTC %Y", &parts);
  return {buffer.data(), size};
}

std::string list_text(const serval::JavaList& list) {
  std::string text = "[";
  for (const Value& item : list.items) {
    if (text.size() > 1) text += ", ";
    text += to_java_string(item);
  }
  return text + "]";
}

std::string map_text(const serval::JavaMap& map) {
  std::string text = "{";
  for (const auto& [key, value] : map.entries) {
    if (text.size() > 1) text += ", ";
    text += to_java_string(key) + "=" + to_java_string(value);
  }
  return text + "}";
}

void append_utf8(std::string& text, char16_t unit) {
  if (unit < 0x80) {
    text += static_cast<char>(unit);
  } else if (unit < 0x800) {
    text += static_cast<char>(0xC0 | (unit >> 6));
    text += static_cast<char>(0x80 | (unit & 0x3F));
  } else {
    text += static_cast<char>(0xE0 | (unit >> 12));
    text += static_cast<char>(0x80 | ((unit >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (unit & 0x3F));
  }
}

/// Bytes of the UTF-8 sequence at the start of the text; 1 where there is none: such a byte stands
/// for itself, as in a header that Tomcat reads as ISO-8859-1.
std::size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0xC2 || lead > 0xF4) return 1;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < length) return 1;
  const bool whole =
      std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length),
                  [](char c) { return (c & 0xC0) == 0x80; });
  return whole ? length : 1;
}

/// An array is written as Java's Arrays.toString does.
struct ToText {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(char16_t v) const {
    std::string text;
    append_utf8(text, v);
    return text;
  }
  std::string operator()(float v) const { return floating(v); }
  std::string operator()(double v) const { return floating(v); }
  std::string operator()(const std::string& v) const { return v; }
  std::string operator()(serval::Date v) const { return date_text(v.ms); }
  std::string operator()(const std::shared_ptr<serval::Bytes>&) const { return "[B"; }
  std::string operator()(const std::shared_ptr<serval::JavaList>& v) const { return list_text(*v); }
  std::string operator()(const std::shared_ptr<serval::JavaMap>& v) const { return map_text(*v); }
  std::string operator()(const std::shared_ptr<serval::JavaArray>& v) const {
    std::string text = "[";
    for (std::size_t i = 0; i < v->size(); ++i) {
      if (i > 0) text += ", ";
      text += to_java_string(v->at(i));
    }
    return text + "]";
  }
  std::string operator()(const std::shared_ptr<serval::JavaObject>& v) const {
    if (v->type->name == serval::JavaType<Cart>::kClass) {
      return to_text(serval::from_value<Cart>(Value(v)));
    }
    if (v->type->name == serval::JavaType<Shirt>::kClass) {
      return to_text(serval::from_value<Shirt>(Value(v)));
    }
    return v->type->name;
  }
  std::string operator()(const serval::JavaEnum& v) const { return v.constant; }
  std::string operator()(const serval::JavaClassRef& v) const { return "class " + v.type->name; }
  std::string operator()(const serval::NativeObject& v) const { return v.type->name(); }
  template <class Integer>
  std::string operator()(Integer v) const {
    return std::to_string(v);
  }
};

}  // namespace

std::string to_java_string(const Value& value) { return std::visit(ToText{}, value.variant()); }

std::string to_java_string(double value) { return floating(value); }

std::u16string to_utf16(std::string_view text) {
  std::u16string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = sequence_length(text.substr(i));
    std::uint32_t point = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    }
    i += length;
    if (point < 0x10000) {
      out += static_cast<char16_t>(point);
    } else {
      out += static_cast<char16_t>(0xD7C0 + (point >> 10));
      out += static_cast<char16_t>(0xDC00 + (point & 0x3FF));
    }
  }
  return out;
}

std::int32_t hash_code(std::u16string_view text) {
  std::uint32_t hash = 0;
  for (const char16_t unit : text) hash = 31 * hash + unit;
  return static_cast<std::int32_t>(hash);
}

std::int64_t parse_integer(std::string_view text, int radix, std::int64_t min, std::int64_t max) {
  const bool plus = text.starts_with('+');
  const std::string_view digits = text.substr(plus ? 1 : 0);
  const char* const last = digits.data() + digits.size();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), last, value, radix);
  const bool read = error == std::errc() && end == last && !(plus && digits.starts_with('-'));
  if (!read || value < min || value > max) {
    throw BadValue("For input string: \"" + std::string(text) + "\"");
  }
  return value;
}

double parse_double(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  std::string_view number = text;
  while (!number.empty() && blank(number.front())) number.remove_prefix(1);
  while (!number.empty() && blank(number.back())) number.remove_suffix(1);
  std::string_view digits = number;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  const double sign = number.starts_with('-') ? -1 : 1;
  if (digits == "NaN") return std::nan("");
  if (digits == "Infinity") return sign * HUGE_VAL;
  if (!digits.empty() && std::string_view("fFdD").find(digits.back()) != std::string_view::npos) {
    digits.remove_suffix(1);
  }
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool starts =
      !digits.empty() && (digits[0] == '.' || (digits[0] >= '0' && digits[0] <= '9'));
  if (!starts || end != digits.data() + digits.size() || error == std::errc::invalid_argument) {
    throw BadValue("For input string: \"" + std::string(text) + "\"");
  }
  // Out of range: Java gives infinity or zero, which the exponent's sign tells apart.
  if (error == std::errc::result_out_of_range) {
    value =
        digits.find("e-") != std::string_view::npos || digits.find("E-") != std::string_view::npos
            ? 0
            : HUGE_VAL;
  }
  return sign * value;
}

std::vector<std::string> split_commas(std::string_view text) {
  if (text.find(',') == std::string_view::npos) return {std::string(text)};
  std::vector<std::string> parts;
  for (std::size_t start = 0;;) {
    const std::size_t comma = text.find(',', start);
    parts.emplace_back(text.substr(start, comma - start));
    if (comma == std::string_view::npos) break;
    start = comma + 1;
  }
  while (!parts.empty() && parts.back().empty()) parts.pop_back();
  return parts;
}

Value hash_map(const std::vector<std::pair<std::string, std::string>>& entries) {
  struct Entry {
    std::uint32_t hash;
    std::string key, value;
  };
  std::vector<Entry> map;
  for (const auto& [key, value] : entries) {
    const auto known = std::ranges::find(map, key, &Entry::key);
    if (known != map.end()) {
      known->value = value;
      continue;
    }
    const auto hash = static_cast<std::uint32_t>(hash_code(to_utf16(key)));
    map.push_back({hash ^ (hash >> 16), key, value});
  }
  // A table grows to twice its size when it is more than three quarters full; one bucket keeps the
  // order of insertion.
  std::size_t capacity = 16;
  while (map.size() > capacity / 4 * 3) capacity *= 2;
  std::ranges::stable_sort(map, {}, [capacity](const Entry& e) { return e.hash & (capacity - 1); });
  std::vector<std::pair<Value, Value>> ordered;
  for (Entry& e : map) ordered.emplace_back(std::move(e.key), std::move(e.value));
  return serval::make_map(std::move(ordered));
}

}  // namespace demo
