#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "container/base/big_endian.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/object_reader.h"

namespace serval {
namespace {
constexpr float kLoadFactor = 0.75F;
}

bool ObjectReader::block_load_factor(float& out) {
  std::uint32_t raw = 0;
  if (!block_int(raw)) return false;
  out = std::bit_cast<float>(raw);
  return out > 0 || fail("an illegal load factor");
}

bool ObjectReader::block_count(std::int32_t& out) {
  std::uint32_t raw = 0;
  if (!block_int(raw)) return false;
  out = static_cast<std::int32_t>(raw);
  return out >= 0 || fail("a negative number of elements");
}

bool ObjectReader::end_of_block() {
  return block_left_ == 0 || fail("block data where an element is expected");
}

bool ObjectReader::read_items(std::int32_t size, std::vector<Value>& items) {
  if (size < 0 || static_cast<std::size_t>(size) > data_.size() - position_) {
    return fail(fmt::format("{} elements do not fit into the stream", size));
  }
  if (!end_of_block() || !charge(static_cast<std::size_t>(size) * sizeof(Value))) return false;
  items.reserve(static_cast<std::size_t>(size));
  for (std::int32_t i = 0; i < size; ++i) {
    Value item;
    if (!read_value(item)) return false;
    items.push_back(std::move(item));
  }
  return true;
}

bool ObjectReader::read_entries(std::int32_t size, JavaMap& map) {
  if (static_cast<std::size_t>(size) > (data_.size() - position_) / 2) {
    return fail(fmt::format("{} entries do not fit into the stream", size));
  }
  if (!end_of_block() || !charge(static_cast<std::size_t>(size) * 2 * sizeof(Value))) return false;
  map.entries.reserve(static_cast<std::size_t>(size));
  for (std::int32_t i = 0; i < size; ++i) {
    Value key, value;
    if (!read_value(key) || !read_value(value)) return false;
    map.entries.emplace_back(std::move(key), std::move(value));
  }
  return true;
}

bool ObjectReader::read_list(Known known, Value& out) {
  const auto list = std::make_shared<JavaList>();
  list->java_class = java_class(known)->name;
  std::size_t slot = 0;
  std::int32_t size = 0;
  out = Value(list);
  if (!charge(sizeof(JavaList)) || !open(out, slot)) return false;
  bool done = false;
  switch (known) {
    case Known::kVector:
    case Known::kStack:
      done = read_vector(*list) && skip_annotation();
      break;
    case Known::kCopyOnWriteArraySet:
      done = read_array_set(*list);
      break;
    case Known::kConcurrentLinkedQueue:
      done = read_queue(*list) && skip_annotation();
      break;
    default:
      done =
          read_list_head(known, *list, size) && read_items(size, list->items) && skip_annotation();
  }
  if (!done) return false;
  close(slot);
  return true;
}

bool ObjectReader::read_comparator(std::vector<Value>& settings) {
  Value comparator;
  if (!read_value(comparator)) return false;
  if (!comparator.is_null()) settings.push_back(std::move(comparator));
  return true;
}

bool ObjectReader::read_list_head(Known known, JavaList& list, std::int32_t& size) {
  std::uint32_t ignored = 0;
  float factor = kLoadFactor;
  switch (known) {
    case Known::kArrayList:
      return take_int(size) && block_int(ignored);
    case Known::kPriorityQueue:
      if (!take_int(size) || !read_comparator(list.settings)) return false;
      return block_int(ignored);
    case Known::kHashSet:
    case Known::kLinkedHashSet:
      if (!block_int(ignored) || !block_load_factor(factor)) return false;
      if (factor != kLoadFactor) list.settings = {Value(factor)};
      return block_count(size);
    case Known::kTreeSet:
      return read_comparator(list.settings) && block_count(size);
    default:
      return block_count(size);
  }
}

bool ObjectReader::read_vector(JavaList& list) {
  std::int32_t increment = 0, count = 0;
  Value elements;
  if (!take_int(increment) || !take_int(count) || !read_value(elements)) return false;
  const JavaArray* array = elements.array();
  if (array == nullptr || count < 0 || static_cast<std::size_t>(count) > array->items.size()) {
    return fail("a java.util.Vector without its elements");
  }
  if (!charge(static_cast<std::size_t>(count) * sizeof(Value))) return false;
  if (increment != 0) list.settings = {Value(increment)};
  list.items.assign(array->items.begin(), array->items.begin() + count);
  return true;
}

bool ObjectReader::read_array_set(JavaList& list) {
  Value content;
  if (!read_value(content)) return false;
  const JavaList* inner = content.list();
  if (inner == nullptr || known_class(inner->java_class) != Known::kCopyOnWriteArrayList) {
    return fail("a CopyOnWriteArraySet without its list");
  }
  if (!charge(inner->items.size() * sizeof(Value))) return false;
  list.items = inner->items;
  return true;
}

bool ObjectReader::read_queue(JavaList& list) {
  for (;;) {
    Value item;
    if (!read_value(item)) return false;
    if (item.is_null()) return true;
    if (!charge(sizeof(Value))) return false;
    list.items.push_back(std::move(item));
  }
}

bool ObjectReader::read_map(Known known, Value& out) {
  const auto map = std::make_shared<JavaMap>();
  map->java_class = java_class(known)->name;
  std::size_t slot = 0;
  out = Value(map);
  if (!charge(sizeof(JavaMap)) || !open(out, slot)) return false;
  bool done = false;
  switch (known) {
    case Known::kHashMap:
    case Known::kLinkedHashMap:
      done = read_hash_map(known, *map);
      break;
    case Known::kHashtable:
    case Known::kProperties:
      done = read_hashtable(known, *map);
      break;
    case Known::kTreeMap:
      done = read_tree_map(*map);
      break;
    case Known::kConcurrentSkipListMap:
      done = read_skip_list_map(*map);
      break;
    case Known::kIdentityHashMap:
      done = read_identity_map(*map);
      break;
    case Known::kEnumMap:
      done = read_enum_map(*map);
      break;
    default:
      done = read_concurrent_map(*map);
  }
  if (!done) return false;
  close(slot);
  return true;
}

bool ObjectReader::read_hash_head(float& factor, std::int32_t& size) {
  std::uint32_t raw_factor = 0, ignored = 0;
  if (!take(raw_factor) || !take(ignored) || !block_int(ignored) || !block_count(size)) {
    return false;
  }
  factor = std::bit_cast<float>(raw_factor);
  return factor > 0 || fail("an illegal load factor");
}

bool ObjectReader::read_hash_map(Known known, JavaMap& map) {
  float factor = kLoadFactor;
  std::int32_t size = 0;
  std::uint8_t access_order = 0;
  if (!read_hash_head(factor, size) || !read_entries(size, map) || !skip_annotation()) return false;
  if (known == Known::kLinkedHashMap && !take(access_order)) return false;
  if (factor != kLoadFactor || access_order != 0) map.settings.emplace_back(factor);
  if (access_order != 0) map.settings.emplace_back(true);
  return true;
}

bool ObjectReader::read_hashtable(Known known, JavaMap& map) {
  float factor = kLoadFactor;
  std::int32_t size = 0;
  Value defaults;
  if (!read_hash_head(factor, size) || !read_entries(size, map) || !skip_annotation()) return false;
  if (known == Known::kProperties && !read_value(defaults)) return false;
  if (factor != kLoadFactor || !defaults.is_null()) map.settings.emplace_back(factor);
  if (!defaults.is_null()) map.settings.push_back(std::move(defaults));
  return true;
}

bool ObjectReader::read_tree_map(JavaMap& map) {
  std::int32_t size = 0;
  return read_comparator(map.settings) && block_count(size) && read_entries(size, map) &&
         skip_annotation();
}

bool ObjectReader::read_identity_map(JavaMap& map) {
  std::int32_t ignored = 0, size = 0;
  return take_int(ignored) && block_count(size) && read_entries(size, map) && skip_annotation();
}

bool ObjectReader::read_enum_map(JavaMap& map) {
  std::int32_t size = 0;
  return read_value(map.settings.emplace_back()) && block_count(size) && read_entries(size, map) &&
         skip_annotation();
}

bool ObjectReader::read_skip_list_map(JavaMap& map) {
  if (!read_comparator(map.settings)) return false;
  for (;;) {
    Value key, value;
    if (!read_value(key)) return false;
    if (key.is_null()) return skip_annotation();
    if (!read_value(value) || !charge(2 * sizeof(Value))) return false;
    if (value.is_null()) return fail("a ConcurrentSkipListMap with a null value");
    map.entries.emplace_back(std::move(key), std::move(value));
  }
}

bool ObjectReader::read_concurrent_map(JavaMap& map) {
  std::int32_t ignored = 0;
  Value segments;
  if (!take_int(ignored) || !take_int(ignored) || !read_value(segments)) return false;
  for (;;) {
    Value key, value;
    if (!read_value(key) || !read_value(value)) return false;
    if (key.is_null() || value.is_null()) break;
    if (!charge(2 * sizeof(Value))) return false;
    map.entries.emplace_back(std::move(key), std::move(value));
  }
  return skip_annotation();
}

}  // namespace serval
