#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "container/base/big_endian.h"
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
  if (known == Known::kVector || known == Known::kStack) {
    if (!read_vector(*list)) return false;
  } else if (!read_list_head(known, *list, size) || !read_items(size, list->items)) {
    return false;
  }
  if (!skip_annotation()) return false;
  close(slot);
  return true;
}

bool ObjectReader::read_list_head(Known known, JavaList& list, std::int32_t& size) {
  std::uint32_t ignored = 0;
  float factor = kLoadFactor;
  Value comparator;
  switch (known) {
    case Known::kArrayList:
      return take_int(size) && block_int(ignored);
    case Known::kHashSet:
    case Known::kLinkedHashSet:
      if (!block_int(ignored) || !block_load_factor(factor)) return false;
      if (factor != kLoadFactor) list.settings = {Value(factor)};
      return block_count(size);
    case Known::kTreeSet:
      if (!read_value(comparator)) return false;
      if (!comparator.is_null()) list.settings.push_back(std::move(comparator));
      return block_count(size);
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
  Value comparator;
  std::int32_t size = 0;
  if (!read_value(comparator)) return false;
  if (!comparator.is_null()) map.settings.push_back(std::move(comparator));
  return block_count(size) && read_entries(size, map) && skip_annotation();
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
