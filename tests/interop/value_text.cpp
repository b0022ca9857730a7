#include "tests/interop/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>
#include <string_view>

#include "container/serialization/modified_utf8.h"
#include "tests/support/vector_file.h"

namespace serval::testing {
namespace {

/// Collections whose order is that of a hash table: they are sorted by text.
bool is_hashed(const std::string& java_class) {
  static const std::set<std::string_view> names{
      "java.util.HashMap",         "java.util.HashSet",
      "java.util.Hashtable",       "java.util.Properties",
      "java.util.IdentityHashMap", "java.util.concurrent.ConcurrentHashMap"};
  return names.contains(java_class);
}

/// Objects whose inside is the JDK's own business: only their class is said.
bool is_opaque(const JavaClass* type) {
  static const std::set<std::string_view> names{
      "java.lang.Throwable", "java.util.Calendar",   "java.util.TimeZone",
      "java.net.URL",        "java.net.InetAddress", "java.lang.invoke.SerializedLambda"};
  for (; type != nullptr; type = type->super.get()) {
    if (names.contains(type->name)) return true;
  }
  return false;
}

char16_t unit_of(const Bytes& bytes, std::size_t& i) {
  const auto next = [&]() -> unsigned { return bytes[i++] & 0x3FU; };
  const unsigned first = bytes[i++];
  if (first < 0x80) return static_cast<char16_t>(first);
  if (first < 0xE0) return static_cast<char16_t>((first & 0x1F) << 6 | next());
  const unsigned second = next();
  return static_cast<char16_t>((first & 0x0F) << 12 | second << 6 | next());
}

}  // namespace

std::string ValueText::of(const Value& value) {
  out_.clear();
  put(value);
  return out_;
}

void ValueText::put(const Value& value) {
  struct Put {
    ValueText& t;
    void operator()(std::monostate) const { t.out_ += "null"; }
    void operator()(bool v) const { t.out_ += v ? "true" : "false"; }
    void operator()(std::int8_t v) const { t.out_ += fmt::format("b{}", v); }
    void operator()(std::int16_t v) const { t.out_ += fmt::format("s{}", v); }
    void operator()(char16_t v) const {
      t.out_ += fmt::format("c{:04x}", static_cast<unsigned>(v));
    }
    void operator()(std::int32_t v) const { t.out_ += fmt::format("i{}", v); }
    void operator()(std::int64_t v) const { t.out_ += fmt::format("l{}", v); }
    void operator()(float v) const {
      t.out_ += fmt::format("f{:08x}", std::bit_cast<std::uint32_t>(v));
    }
    void operator()(double v) const {
      t.out_ += fmt::format("d{:016x}", std::bit_cast<std::uint64_t>(v));
    }
    void operator()(const std::string& v) const { t.put_text(v); }
    void operator()(const Date& v) const {
      const auto [entry, is_new] = v.identity == 0 ? std::pair{t.numbers_.end(), true}
                                                   : t.numbers_.emplace(v.identity, t.next_);
      if (!is_new) {
        t.out_ += fmt::format("@{}", entry->second);
      } else {
        t.put_fresh_number();
        t.out_ += fmt::format("date l{}", v.ms);
      }
    }
    void operator()(const std::shared_ptr<Bytes>& v) const {
      if (t.put_number(v.get())) t.out_ += "bytes " + to_hex(*v);
    }
    void operator()(const std::shared_ptr<JavaList>& v) const {
      if (t.put_number(v.get())) t.put_list(*v);
    }
    void operator()(const std::shared_ptr<JavaMap>& v) const {
      if (t.put_number(v.get())) t.put_map(*v);
    }
    void operator()(const std::shared_ptr<JavaArray>& v) const {
      if (t.put_number(v.get())) t.put_array(*v);
    }
    void operator()(const std::shared_ptr<JavaObject>& v) const {
      if (t.put_number(v.get())) t.put_object(*v);
    }
    void operator()(const JavaEnum& v) const { t.out_ += "E" + v.type->name + "." + v.constant; }
    void operator()(const JavaClassRef& v) const { t.out_ += "class " + v.type->name; }
    void operator()(const NativeObject& v) const { t.out_ += v.type->name(); }
  };
  std::visit(Put{*this}, value.variant());
}

void ValueText::put_text(const std::string& text) {
  Bytes encoded;
  encode_modified_utf8(text, encoded);
  out_ += '"';
  for (std::size_t i = 0; i < encoded.size();) {
    const char16_t unit = unit_of(encoded, i);
    if (unit >= 0x20 && unit < 0x7F && unit != '"' && unit != '\\') {
      out_ += static_cast<char>(unit);
    } else {
      out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(unit));
    }
  }
  out_ += '"';
}

bool ValueText::put_number(const void* node) {
  const auto [entry, is_new] = numbers_.emplace(node, next_);
  if (is_new) {
    put_fresh_number();
  } else {
    out_ += fmt::format("@{}", entry->second);
  }
  return is_new;
}

void ValueText::put_list(const JavaList& list) {
  std::vector<Value> items = list.items;
  if (is_hashed(list.java_class)) {
    std::ranges::stable_sort(items, {}, [](const Value& item) { return ValueText().of(item); });
  }
  out_ += list.java_class + "[";
  for (const Value& item : items) {
    put(item);
    out_ += ' ';
  }
  put_settings(list.settings);
  out_ += ']';
}

void ValueText::put_map(const JavaMap& map) {
  auto entries = map.entries;
  if (is_hashed(map.java_class)) {
    std::ranges::stable_sort(entries, {},
                             [](const auto& entry) { return ValueText().of(entry.first); });
  }
  out_ += map.java_class + "{";
  for (const auto& [key, value] : entries) {
    put(key);
    out_ += ':';
    put(value);
    out_ += ' ';
  }
  put_settings(map.settings);
  out_ += '}';
}

void ValueText::put_settings(const std::vector<Value>& settings) {
  for (const Value& setting : settings) {
    if (setting.get_if<float>() != nullptr) continue;  // a load factor, which Java does not tell
    out_ += '!';
    put(setting);
  }
}

void ValueText::put_array(const JavaArray& array) {
  out_ += array.type->name + "[";
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out_ += ' ';
    put(array.at(i));
  }
  out_ += ']';
}

void ValueText::put_object(const JavaObject& object) {
  if (is_opaque(object.type.get())) {
    out_ += "~" + object.type->name;
    return;
  }
  if (object.type->is_proxy) {
    out_ += "proxy[";
    for (const auto& name : object.type->interfaces) out_ += name + " ";
    out_ += "]{";
  } else {
    out_ += object.type->name + "{";
  }
  std::vector<const JavaClass*> chain;  // leaf first
  for (const JavaClass* type = object.type.get(); type; type = type->super.get()) {
    if ((type->flags & 2) != 0) chain.push_back(type);
  }
  for (std::size_t i = 0; i < object.data.size(); ++i) {
    const auto& data = object.data[i];
    out_ += '(';
    for (std::size_t f = 0; f < data.fields.size(); ++f) {
      if (f > 0) out_ += ' ';
      out_ += chain[object.data.size() - 1 - i]->fields[f].name + "=";
      put(data.fields[f]);
    }
    out_ += ';';
    put_data(data);
    out_ += ')';
  }
  out_ += '}';
}

void ValueText::put_data(const JavaObject::ClassData& data) {
  for (const auto& item : data.annotation) {
    if (const auto* block = std::get_if<Bytes>(&item)) {
      out_ += "'" + to_hex(*block) + "'";
    } else {
      put(std::get<Value>(item));
      out_ += ' ';
    }
  }
}

}  // namespace serval::testing
