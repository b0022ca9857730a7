// tests/support/value_compare.h
#pragma once
#include <bit>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "container/servlet/serval/value.h"

namespace serval::testing {

/// Says where two value graphs differ, or nothing. Lists, maps, arrays, objects and byte arrays
/// must be shared in both alike; numbers are compared by their bits; classes by what they say.
class GraphDifference {
 public:
  /// "" when the graphs are isomorphic, else the place and what differs there.
  static std::string of(const Value& a, const Value& b) {
    GraphDifference difference;
    difference.compare(a, b, "value");
    return difference.found_;
  }

 private:
  void note(const std::string& path, const std::string& what) {
    if (found_.empty()) found_ = path + ": " + what;
  }

  void compare_classes(const JavaClass* a, const JavaClass* b, const std::string& path) {
    for (; a != nullptr && b != nullptr && a != b; a = a->super.get(), b = b->super.get()) {
      if (a->name != b->name || a->serial_version_uid != b->serial_version_uid ||
          a->flags != b->flags || a->interfaces != b->interfaces || a->is_proxy != b->is_proxy ||
          a->fields.size() != b->fields.size()) {
        return note(path, "class " + a->name + " / " + b->name);
      }
      for (std::size_t i = 0; i < a->fields.size(); ++i) {
        if (a->fields[i].type != b->fields[i].type || a->fields[i].name != b->fields[i].name ||
            a->fields[i].signature != b->fields[i].signature) {
          return note(path, "field " + a->fields[i].name + " of " + a->name);
        }
      }
    }
    if (a != b) note(path, "super class");
  }

  /// True when this pair of nodes was met before (then nothing is left to compare).
  bool met(const void* a, const void* b, const std::string& path) {
    const auto [left, left_is_new] = left_.emplace(a, b);
    const auto [right, right_is_new] = right_.emplace(b, a);
    if (left->second != b || right->second != a) note(path, "shared differently");
    return !left_is_new || !right_is_new;
  }

  void compare_all(const std::vector<Value>& a, const std::vector<Value>& b,
                   const std::string& path) {
    if (a.size() != b.size()) return note(path, "number of elements");
    for (std::size_t i = 0; i < a.size() && found_.empty(); ++i) {
      compare(a[i], b[i], path + "[" + std::to_string(i) + "]");
    }
  }

  void compare_maps(const JavaMap& a, const JavaMap& b, const std::string& path) {
    if (a.java_class != b.java_class) return note(path, a.java_class + " / " + b.java_class);
    if (a.entries.size() != b.entries.size()) return note(path, "number of entries");
    for (std::size_t i = 0; i < a.entries.size() && found_.empty(); ++i) {
      compare(a.entries[i].first, b.entries[i].first, path + ".key" + std::to_string(i));
      compare(a.entries[i].second, b.entries[i].second, path + ".value" + std::to_string(i));
    }
    compare_all(a.settings, b.settings, path + ".settings");
  }

  void compare_objects(const JavaObject& a, const JavaObject& b, const std::string& path) {
    compare_classes(a.type.get(), b.type.get(), path);
    if (a.data.size() != b.data.size()) return note(path, "number of class data");
    for (std::size_t i = 0; i < a.data.size() && found_.empty(); ++i) {
      const std::string here = path + ".data" + std::to_string(i);
      compare_all(a.data[i].fields, b.data[i].fields, here);
      const auto& left = a.data[i].annotation;
      const auto& right = b.data[i].annotation;
      if (left.size() != right.size()) return note(here, "number of annotation items");
      for (std::size_t k = 0; k < left.size(); ++k) {
        if (left[k].index() != right[k].index()) return note(here, "kind of annotation item");
        if (const auto* bytes = std::get_if<Bytes>(&left[k])) {
          if (*bytes != std::get<Bytes>(right[k])) return note(here, "annotation bytes");
        } else {
          compare(std::get<Value>(left[k]), std::get<Value>(right[k]), here + ".annotation");
        }
      }
    }
  }

  void compare(const Value& a, const Value& b, const std::string& path) {
    if (!found_.empty()) return;
    if (a.variant().index() != b.variant().index()) {
      return note(path, a.class_name() + " / " + b.class_name());
    }
    if (auto* left = a.list()) {
      if (met(left, b.list(), path)) return;
      if (left->java_class != b.list()->java_class) return note(path, "list class");
      compare_all(left->items, b.list()->items, path);
      compare_all(left->settings, b.list()->settings, path + ".settings");
    } else if (a.map() != nullptr) {
      if (!met(a.map(), b.map(), path)) compare_maps(*a.map(), *b.map(), path);
    } else if (auto* array = a.array()) {
      if (met(array, b.array(), path)) return;
      compare_classes(array->type.get(), b.array()->type.get(), path);
      compare_all(array->items, b.array()->items, path);
      if (array->packed != b.array()->packed) note(path, "array content");
    } else if (a.object() != nullptr) {
      if (!met(a.object(), b.object(), path)) compare_objects(*a.object(), *b.object(), path);
    } else if (a.bytes() != nullptr) {
      if (!met(a.bytes(), b.bytes(), path) && *a.bytes() != *b.bytes()) note(path, "bytes");
    } else {
      compare_simple(a, b, path);
    }
  }

  void compare_simple(const Value& a, const Value& b, const std::string& path) {
    if (const auto* left = a.get_if<JavaEnum>()) {
      const auto* right = b.get_if<JavaEnum>();
      compare_classes(left->type.get(), right->type.get(), path);
      if (left->constant != right->constant) note(path, "enum constant");
    } else if (const auto* ref = a.get_if<JavaClassRef>()) {
      compare_classes(ref->type.get(), b.get_if<JavaClassRef>()->type.get(), path);
    } else if (const auto* date = a.get_if<Date>()) {
      if (date->ms != b.get_if<Date>()->ms) note(path, "date");
      if (date->identity != 0 && b.get_if<Date>()->identity != 0) {
        const auto pair = dates_.emplace(date->identity, b.get_if<Date>()->identity).first;
        if (pair->second != b.get_if<Date>()->identity) note(path, "date shared differently");
      }
    } else if (const auto* text = a.get_if<std::string>()) {
      if (*text != *b.get_if<std::string>()) note(path, "text");
    } else if (bits(a) != bits(b)) {
      note(path, "number");
    }
  }

  static std::uint64_t bits(const Value& value) {
    if (const auto* v = value.get_if<float>()) return std::bit_cast<std::uint32_t>(*v);
    if (const auto* v = value.get_if<double>()) return std::bit_cast<std::uint64_t>(*v);
    return std::visit(
        [](const auto& v) -> std::uint64_t {
          if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(v)>>) {
            return static_cast<std::uint64_t>(v);
          } else {
            return 0;
          }
        },
        value.variant());
  }

  std::map<const void*, const void*> left_, right_;
  std::map<std::uint64_t, std::uint64_t> dates_;
  std::string found_;
};

}  // namespace serval::testing
