#include "cluster/tools/text/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <vector>

#include "cluster/tools/text/printable.h"
#include "container/serialization/object_reader.h"

namespace serval::tools {
namespace {

/// "ArrayList" for java.util.ArrayList; the packages of the JDK that everybody knows go.
std::string simple_name(const std::string& java_class) {
  for (const std::string_view package : {"java.util.concurrent.", "java.util.", "java.lang."}) {
    if (java_class.starts_with(package)) return printable(java_class.substr(package.size()));
  }
  return printable(java_class);
}

/// "int" for "[I", "String[]" for "[[Ljava.lang.String;".
std::string element_name(std::string_view array_class) {
  static constexpr std::array<std::pair<char, std::string_view>, 8> kPrimitives{{{'B', "byte"},
                                                                                 {'C', "char"},
                                                                                 {'D', "double"},
                                                                                 {'F', "float"},
                                                                                 {'I', "int"},
                                                                                 {'J', "long"},
                                                                                 {'S', "short"},
                                                                                 {'Z', "boolean"}}};
  std::string_view name = array_class.substr(std::min<std::size_t>(1, array_class.size()));
  std::string brackets;
  while (name.starts_with('[')) {
    name.remove_prefix(1);
    brackets += "[]";
  }
  if (name.size() == 1) {
    const auto it = std::ranges::find(kPrimitives, name[0], [](const auto& p) { return p.first; });
    if (it != kPrimitives.end()) return std::string(it->second) + brackets;
  }
  if (name.starts_with('L') && name.ends_with(';')) name = name.substr(1, name.size() - 2);
  return simple_name(std::string(name)) + brackets;
}

/// "2026-11-21T12:03:41.123Z", or the number where no calendar has such a year.
std::string date_text(const Date& date) {
  const std::chrono::milliseconds ms(date.ms);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(ms);
  const std::time_t time = static_cast<std::time_t>(seconds.count());
  std::tm utc{};
  if (!::gmtime_r(&time, &utc) || utc.tm_year + 1900 > 9999 || utc.tm_year + 1900 < 0)
    return fmt::format("Date {}", date.ms);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     (ms - seconds).count());
}

class Writer {
 public:
  explicit Writer(const TextLimit& limit) : limit_(limit) {}

  void put(const Value& value);
  void put_stream(std::span<const std::uint8_t> stream);
  std::string take() { return is_full() ? cut(out_, limit_.characters) : std::move(out_); }

 private:
  bool is_full() const { return out_.size() > limit_.characters * 4 || full_; }
  void append(std::string_view text) {
    out_ += text;
    // Bytes are at least characters, so the count is made only when it may matter.
    if (out_.size() > limit_.characters) full_ = width_of(out_) > limit_.characters;
  }
  /// Puts each of `size` things, with commas, until the text is full.
  template <class PutOne>
  void put_each(std::size_t size, PutOne put_one) {
    for (std::size_t i = 0; i < size && !is_full(); ++i) {
      if (i > 0) append(", ");
      put_one(i);
    }
  }
  void put_bytes(std::span<const std::uint8_t> bytes);
  void put_list(const JavaList& list);
  void put_map(const JavaMap& map);
  void put_array(const JavaArray& array);
  void put_object(const JavaObject& object);
  void put_annotation(const JavaObject::ClassData& data, bool& first);
  void put_number(const Value& value);
  static const void* node_of(const Value& value);

  const TextLimit limit_;
  std::string out_;
  bool full_ = false;
  std::vector<const void*> open_;  // what is being written, outermost first
};

const void* Writer::node_of(const Value& value) {
  if (const auto* list = value.list()) return list;
  if (const auto* map = value.map()) return map;
  if (const auto* array = value.array()) return array;
  return value.object();
}

void Writer::put(const Value& value) {
  if (is_full()) return;
  const void* const node = node_of(value);
  if (!node) return value.bytes() ? put_bytes(*value.bytes()) : put_number(value);
  if (std::ranges::find(open_, node) != open_.end())
    return append("<" + simple_name(value.class_name()) + " again>");
  if (open_.size() >= limit_.depth) return append("<" + simple_name(value.class_name()) + " ...>");
  open_.push_back(node);
  if (const auto* list = value.list()) put_list(*list);
  if (const auto* map = value.map()) put_map(*map);
  if (const auto* array = value.array()) put_array(*array);
  if (const auto* object = value.object()) put_object(*object);
  open_.pop_back();
}

void Writer::put_number(const Value& value) {
  if (value.is_null()) {
    append("null");
  } else if (const auto* b = value.get_if<bool>()) {
    append(*b ? "true" : "false");
  } else if (const auto* text = value.get_if<std::string>()) {
    append(quoted(std::string_view(*text).substr(0, limit_.characters * 4)));
  } else if (const auto* i8 = value.get_if<std::int8_t>()) {
    append(fmt::format("byte {}", *i8));
  } else if (const auto* i16 = value.get_if<std::int16_t>()) {
    append(fmt::format("short {}", *i16));
  } else if (const auto* i32 = value.get_if<std::int32_t>()) {
    append(fmt::format("{}", *i32));
  } else if (const auto* i64 = value.get_if<std::int64_t>()) {
    append(fmt::format("{}L", *i64));
  } else if (const auto* f = value.get_if<float>()) {
    append(fmt::format("{}f", *f));
  } else if (const auto* d = value.get_if<double>()) {
    append(fmt::format("{}", *d));
  } else if (const auto* c = value.get_if<char16_t>()) {
    append(*c > 0x20 && *c < 0x7F ? fmt::format("'{}'", static_cast<char>(*c))
                                  : fmt::format("'\\u{:04x}'", static_cast<unsigned>(*c)));
  } else if (const auto* date = value.get_if<Date>()) {
    append(date_text(*date));
  } else if (const auto* constant = value.get_if<JavaEnum>()) {
    append(simple_name(value.class_name()) + "." + printable(constant->constant));
  } else if (const auto* type = value.get_if<JavaClassRef>()) {
    append((type->type ? simple_name(type->type->name) : "?") + ".class");
  }
}

void Writer::put_bytes(std::span<const std::uint8_t> bytes) {
  append(fmt::format("byte[{}]", bytes.size()));
  if (bytes.empty()) return;
  if (is_object_stream(bytes) && open_.size() < limit_.depth) {
    open_.push_back(bytes.data());
    append(" (");
    put_stream(bytes);
    append(")");
    open_.pop_back();
  } else {
    append(" " + bytes_text(bytes, limit_.bytes));
  }
}

void Writer::put_list(const JavaList& list) {
  append(simple_name(list.java_class) + " [");
  put_each(list.items.size(), [&](std::size_t i) { put(list.items[i]); });
  append("]");
}

void Writer::put_map(const JavaMap& map) {
  append(simple_name(map.java_class) + " {");
  put_each(map.entries.size(), [&](std::size_t i) {
    put(map.entries[i].first);
    append(": ");
    put(map.entries[i].second);
  });
  append("}");
}

void Writer::put_array(const JavaArray& array) {
  append(fmt::format("{}[{}] [", element_name(array.type ? array.type->name : ""), array.size()));
  put_each(array.size(), [&](std::size_t i) { put(array.at(i)); });
  append("]");
}

/// The class of each part, root first, as JavaObject::data has them.
std::vector<const JavaClass*> parts_of(const JavaObject& object) {
  std::vector<const JavaClass*> parts;
  for (const JavaClass* part = object.type.get(); part; part = part->super.get()) {
    if ((part->flags & 2) != 0) parts.insert(parts.begin(), part);
  }
  if (parts.size() != object.data.size()) parts.assign(object.data.size(), nullptr);
  return parts;
}

void Writer::put_object(const JavaObject& object) {
  if (object.type && object.type->is_proxy) {
    append("Proxy(");
    const auto& all = object.type->interfaces;
    put_each(all.size(), [&](std::size_t i) { append(simple_name(all[i])); });
    append(")");
  } else {
    append(object.type ? simple_name(object.type->name) : "?");
  }
  append(" {");
  const auto parts = parts_of(object);
  bool first = true;
  for (std::size_t p = 0; p < parts.size() && !is_full(); ++p) {
    const JavaObject::ClassData& data = object.data[p];
    const std::size_t named = parts[p] ? parts[p]->fields.size() : 0;
    for (std::size_t f = 0; f < data.fields.size() && !is_full(); ++f) {
      append(first ? "" : ", ");
      append(f < named ? printable(parts[p]->fields[f].name) + ": " : "");
      put(data.fields[f]);
      first = false;
    }
    put_annotation(data, first);
  }
  append("}");
}

void Writer::put_annotation(const JavaObject::ClassData& data, bool& first) {
  for (const auto& item : data.annotation) {
    if (is_full()) return;
    append(first ? "" : ", ");
    first = false;
    if (const auto* inner = std::get_if<Value>(&item)) {
      put(*inner);
    } else {
      append("<" + bytes_text(std::get<Bytes>(item), limit_.bytes) + ">");
    }
  }
}

void Writer::put_stream(std::span<const std::uint8_t> stream) {
  ObjectReader reader(stream);
  for (bool first = true; !is_full() && !reader.at_end(); first = false) {
    if (!first) append(", ");
    auto object = reader.read_object();
    if (object) {
      put(*object);
      continue;
    }
    if (object.error().code == Errc::kProtocol) break;
    if (object.error().code == Errc::kCancelled) {
      append("<given up by its sender: " + printable(object.error().message) + ">");
      continue;
    }
    Bytes block;
    while (auto byte = reader.read_byte()) block.push_back(*byte);
    if (block.empty()) break;
    append("<" + bytes_text(block, limit_.bytes) + ">");
  }
  if (auto status = reader.status(); !status)
    append("<unreadable: " + printable(status.error().message) + ">");
}

}  // namespace

bool is_object_stream(std::span<const std::uint8_t> bytes) {
  static constexpr std::array<std::uint8_t, 4> kHeader{0xAC, 0xED, 0x00, 0x05};
  return bytes.size() > kHeader.size() && std::equal(kHeader.begin(), kHeader.end(), bytes.begin());
}

std::string value_text(const Value& value, const TextLimit& limit) {
  Writer writer(limit);
  writer.put(value);
  return writer.take();
}

std::string stream_text(std::span<const std::uint8_t> stream, const TextLimit& limit) {
  Writer writer(limit);
  writer.put_stream(stream);
  return writer.take();
}

}  // namespace serval::tools
