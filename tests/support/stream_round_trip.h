// tests/support/stream_round_trip.h
#pragma once
#include <algorithm>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "container/serialization/java_hash.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"
#include "container/serialization/value_children.h"
#include "tests/support/value_compare.h"

namespace serval::testing {

/// What a Java object stream holds, in turn: bytes of primitives, objects, and objects that the
/// writer gave up (with the reader's words).
struct GivenUp {
  std::string message;
};
using StreamItem = std::variant<Bytes, Value, GivenUp>;

/// Everything up to the end of the stream, or up to where it is broken. `status` says which.
struct StreamItems {
  std::vector<StreamItem> items;
  Result<> status;
};

inline StreamItems read_items(std::span<const std::uint8_t> stream,
                              const ObjectReader::Options& options = {}) {
  ObjectReader reader(stream, options);
  StreamItems all;
  while (!reader.at_end()) {
    auto value = reader.read_object();
    if (value) {
      all.items.emplace_back(*std::move(value));
    } else if (value.error().code == Errc::kCancelled) {
      all.items.emplace_back(GivenUp{value.error().message});
    } else {
      Bytes block;
      for (auto byte = reader.read_byte(); byte; byte = reader.read_byte()) block.push_back(*byte);
      if (block.empty()) break;
      all.items.emplace_back(std::move(block));
    }
  }
  all.status = reader.status();
  return all;
}

/// Writes them again; null stands for an object that was given up. An object that cannot be written
/// is taken out of `items`.
inline Bytes write_items(std::vector<StreamItem>& items) {
  ObjectWriter writer;
  std::erase_if(items, [&](const StreamItem& item) {
    if (const auto* block = std::get_if<Bytes>(&item)) {
      writer.write_bytes(*block);
    } else if (const auto* value = std::get_if<Value>(&item)) {
      return !writer.write_object(*value);
    } else {
      writer.write_null();
    }
    return false;
  });
  return writer.finish();
}

/// "" when the items are the same, value by value; else where they differ. A given up object equals
/// the null that was written for it.
inline std::string difference(const std::vector<StreamItem>& a, const std::vector<StreamItem>& b) {
  const auto value_of = [](const StreamItem& item) -> Value {
    const auto* value = std::get_if<Value>(&item);
    return value != nullptr ? *value : Value();
  };
  if (a.size() != b.size()) return "number of items";
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::string item = "item " + std::to_string(i);
    const auto* block = std::get_if<Bytes>(&a[i]);
    const auto* other = std::get_if<Bytes>(&b[i]);
    if ((block == nullptr) != (other == nullptr)) return item + ": block or object";
    if (block != nullptr) {
      if (*block != *other) return item + ": bytes";
    } else if (auto found = GraphDifference::of(value_of(a[i]), value_of(b[i])); !found.empty()) {
      return item + ", " + found;
    }
  }
  return "";
}

/// Brings the entries of every HashMap and HashSet in the graph into the order that ObjectWriter
/// writes.
class HashOrder {
 public:
  void apply(const Value& value) {
    const void* node = value.list() != nullptr     ? static_cast<const void*>(value.list())
                       : value.map() != nullptr    ? static_cast<const void*>(value.map())
                       : value.array() != nullptr  ? static_cast<const void*>(value.array())
                       : value.object() != nullptr ? static_cast<const void*>(value.object())
                                                   : nullptr;
    if (node == nullptr || !seen_.insert(node).second) return;
    if (auto* list = value.list(); list != nullptr && list->java_class == "java.util.HashSet") {
      sort(list->items, factor(list->settings), [](const Value& item) { return &item; });
    }
    if (auto* map = value.map(); map != nullptr && map->java_class == "java.util.HashMap") {
      sort(map->entries, factor(map->settings), [](const auto& entry) { return &entry.first; });
    }
    for_each_child(value, [&](const Value& child) { apply(child); });
  }

 private:
  static float factor(const std::vector<Value>& settings) {
    const auto* given = settings.empty() ? nullptr : settings[0].get_if<float>();
    return given == nullptr ? 0.75F : std::clamp(*given, 0.05F, 1000.0F);
  }
  template <class Entries, class Key>
  static void sort(Entries& entries, float load_factor, Key key) {
    const auto order =
        java_hash_order(entries.size(), java_table_length(entries.size(), load_factor),
                        [&](std::size_t i) -> const Value& { return *key(entries[i]); });
    Entries sorted;
    for (const auto i : order) sorted.push_back(entries[i]);
    if (!order.empty()) entries = std::move(sorted);
  }
  std::set<const void*> seen_;
};

/// Reads any bytes, writes what was read, reads and writes it again. "" when everything that was
/// read came back equal, and the same bytes the second time; else what differs.
inline std::string round_trip_problem(std::span<const std::uint8_t> bytes,
                                      const ObjectReader::Options& options = {}) {
  auto read = read_items(bytes, options).items;
  HashOrder order;
  for (const auto& item : read) {
    if (const auto* value = std::get_if<Value>(&item)) order.apply(*value);
  }
  const Bytes written = write_items(read);
  ObjectReader::Options roomy;
  roomy.max_memory = 1UL << 30;  // a shared text may have become many
  auto again = read_items(written, roomy);
  if (!again.status) return "cannot be read again: " + again.status.error().message;
  if (auto found = difference(read, again.items); !found.empty()) return "read again: " + found;
  if (write_items(again.items) != written) return "written again, the bytes are others";
  return "";
}

}  // namespace serval::testing
