#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "container/serialization/java_hash.h"
#include "container/serialization/object_writer.h"

namespace serval {
namespace {

constexpr float kLoadFactor = 0.75F;

/// The setting at this place if there is one of this type.
template <class T>
T setting(const std::vector<Value>& settings, std::size_t index, T usual) {
  if (index >= settings.size()) return usual;
  const T* given = settings[index].get_if<T>();
  return given != nullptr ? *given : usual;
}

float load_factor(const std::vector<Value>& settings) {
  const float given = setting(settings, 0, kLoadFactor);
  return given > 0 ? given : kLoadFactor;
}

/// What sizes are computed with: a factor that came from elsewhere may be absurd.
float sane(float factor) { return std::clamp(factor, 0.05F, 1000.0F); }

std::int32_t threshold(std::size_t length, float factor) {
  const float product = static_cast<float>(length) * sane(factor);
  return product < 2147483520.0F ? static_cast<std::int32_t>(product) : 0x7FFFFFFF;
}

/// Buckets a JVM's Hashtable has after growing to this size, or its Properties writes.
std::size_t hashtable_length(std::size_t size, float factor, Known id) {
  if (id == Known::kProperties) {
    const auto buckets = static_cast<std::size_t>(static_cast<float>(size) / sane(factor));
    std::size_t length = buckets + size / 20 + 3;
    if (length > size && length % 2 == 0) --length;
    return length;
  }
  std::size_t length = 11;
  while (size > static_cast<std::size_t>(threshold(length, factor))) length = length * 2 + 1;
  return length;
}

}  // namespace

bool ObjectWriter::put_known_object(Known id, const void* node) {
  put8(tc::kObject);
  put_known_class(id);
  remember(reinterpret_cast<std::uintptr_t>(node));
  return true;
}

bool ObjectWriter::put_items(const std::vector<Value>& items) {
  return std::ranges::all_of(items, [this](const Value& item) { return put_value(item); });
}

bool ObjectWriter::put_list(const JavaList& list) {
  const Known id = known_class(list.java_class);
  const auto size = static_cast<std::int32_t>(list.items.size());
  switch (id) {
    case Known::kArrayList:
      put_known_object(id, &list);
      put_int(size);
      break;
    case Known::kLinkedList:
    case Known::kArrayDeque:
    case Known::kCopyOnWriteArrayList:
      put_known_object(id, &list);
      break;
    case Known::kVector:
    case Known::kStack:
      return put_vector(list, id);
    case Known::kHashSet:
    case Known::kLinkedHashSet:
      return put_set(list, id);
    case Known::kCopyOnWriteArraySet:
      return put_array_set(list);
    case Known::kConcurrentLinkedQueue:
      return put_queue(list);
    case Known::kTreeSet:
      put_known_object(id, &list);
      if (!put_comparator(list.settings)) return false;
      break;
    case Known::kPriorityQueue:
      put_known_object(id, &list);
      put_int(size);
      if (!put_comparator(list.settings)) return false;
      write_int(std::max(2, size + 1));
      flush_block();
      if (!put_items(list.items)) return false;
      put8(tc::kEndBlockData);
      return true;
    default:
      return fail(fmt::format("no list or set class '{}' is known", list.java_class));
  }
  write_int(size);
  flush_block();
  if (!put_items(list.items)) return false;
  put8(tc::kEndBlockData);
  return true;
}

bool ObjectWriter::put_comparator(const std::vector<Value>& settings) {
  return put_value(settings.empty() ? Value() : settings[0]);
}

bool ObjectWriter::put_array_set(const JavaList& list) {
  put_known_object(Known::kCopyOnWriteArraySet, &list);
  put8(tc::kObject);
  put_known_class(Known::kCopyOnWriteArrayList);
  ++next_handle_;
  write_int(static_cast<std::int32_t>(list.items.size()));
  flush_block();
  if (!put_items(list.items)) return false;
  put8(tc::kEndBlockData);
  return true;
}

bool ObjectWriter::put_queue(const JavaList& list) {
  put_known_object(Known::kConcurrentLinkedQueue, &list);
  for (const Value& item : list.items) {
    if (item.is_null()) return fail("a ConcurrentLinkedQueue cannot hold null");
    if (!put_value(item)) return false;
  }
  put8(tc::kNull);
  put8(tc::kEndBlockData);
  return true;
}

bool ObjectWriter::put_vector(const JavaList& list, Known id) {
  put_known_object(id, &list);
  put_int(setting(list.settings, 0, std::int32_t{0}));
  put_int(static_cast<std::int32_t>(list.items.size()));
  put8(tc::kArray);
  put_known_class(Known::kObjectArray);
  ++next_handle_;
  put_int(static_cast<std::int32_t>(list.items.size()));
  if (!put_items(list.items)) return false;
  put8(tc::kEndBlockData);
  return true;
}

bool ObjectWriter::put_set(const JavaList& list, Known id) {
  const float factor = load_factor(list.settings);
  const std::size_t length = java_table_length(list.items.size(), sane(factor));
  put_known_object(id, &list);
  write_int(static_cast<std::int32_t>(length));
  write_float(factor);
  write_int(static_cast<std::int32_t>(list.items.size()));
  flush_block();
  std::vector<std::uint32_t> order;
  if (id == Known::kHashSet) {
    order = java_hash_order(list.items.size(), length,
                            [&](std::size_t i) -> const Value& { return list.items[i]; });
  }
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (!put_value(list.items[order.empty() ? i : order[i]])) return false;
  }
  put8(tc::kEndBlockData);
  return true;
}

bool ObjectWriter::put_entries(const JavaMap& map) {
  return std::ranges::all_of(map.entries, [this](const auto& entry) {
    return put_value(entry.first) && put_value(entry.second);
  });
}

bool ObjectWriter::put_map(const JavaMap& map) {
  const Known id = known_class(map.java_class);
  const auto size = static_cast<std::int32_t>(map.entries.size());
  switch (id) {
    case Known::kHashMap:
    case Known::kLinkedHashMap:
      return put_hash_map(map, id);
    case Known::kHashtable:
    case Known::kProperties:
      return put_hashtable(map, id);
    case Known::kConcurrentHashMap:
    case Known::kConcurrentSkipListMap:
      return put_concurrent_map(map);
    case Known::kTreeMap:
      put_known_object(id, &map);
      if (!put_comparator(map.settings)) return false;
      break;
    case Known::kIdentityHashMap:
      put_known_object(id, &map);
      put_int(size);
      break;
    case Known::kEnumMap:
      put_known_object(id, &map);
      if (!put_key_type(map)) return false;
      break;
    default:
      return fail(fmt::format("no map class '{}' is known", map.java_class));
  }
  write_int(size);
  flush_block();
  if (!put_entries(map)) return false;
  put8(tc::kEndBlockData);
  return true;
}

bool ObjectWriter::put_concurrent_map(const JavaMap& map) {
  for (const auto& [key, value] : map.entries) {
    if (key.is_null() || value.is_null()) {
      return fail(fmt::format("a {} cannot hold null", map.java_class));
    }
  }
  const Known id = known_class(map.java_class);
  put_known_object(id, &map);
  if (id == Known::kConcurrentHashMap) {
    // A JVM writes 16 lock segments here, for readers before Java 8; null is accepted since.
    put_int(15);
    put_int(28);
    put8(tc::kNull);
  } else if (!put_comparator(map.settings)) {
    return false;
  }
  if (!put_entries(map)) return false;
  put8(tc::kNull);
  if (id == Known::kConcurrentHashMap) put8(tc::kNull);
  put8(tc::kEndBlockData);
  return true;
}

bool ObjectWriter::put_key_type(const JavaMap& map) {
  if (!map.settings.empty()) return put_value(map.settings[0]);
  const auto* key = map.entries.empty() ? nullptr : map.entries[0].first.get_if<JavaEnum>();
  if (key == nullptr) return fail("an EnumMap has neither the class of its keys nor a key");
  return put_value(JavaClassRef{key->type});
}

bool ObjectWriter::put_hash_map(const JavaMap& map, Known id) {
  const std::size_t size = map.entries.size();
  const float factor = load_factor(map.settings);
  const std::size_t length = java_table_length(size, sane(factor));
  put_known_object(id, &map);
  put32(std::bit_cast<std::uint32_t>(factor));
  put_int(size == 0 ? 0 : threshold(length, factor));
  write_int(static_cast<std::int32_t>(length));
  write_int(static_cast<std::int32_t>(size));
  flush_block();
  std::vector<std::uint32_t> order;
  if (id == Known::kHashMap) {
    order = java_hash_order(size, length,
                            [&](std::size_t i) -> const Value& { return map.entries[i].first; });
  }
  for (std::size_t i = 0; i < size; ++i) {
    const auto& [key, value] = map.entries[order.empty() ? i : order[i]];
    if (!put_value(key) || !put_value(value)) return false;
  }
  put8(tc::kEndBlockData);
  if (id == Known::kLinkedHashMap) put_bool(setting(map.settings, 1, false));
  return true;
}

bool ObjectWriter::put_hashtable(const JavaMap& map, Known id) {
  const std::size_t size = map.entries.size();
  const float factor = load_factor(map.settings);
  const std::size_t length = hashtable_length(size, factor, id);
  put_known_object(id, &map);
  put32(std::bit_cast<std::uint32_t>(factor));
  put_int(threshold(length, factor));
  write_int(static_cast<std::int32_t>(length));
  write_int(static_cast<std::int32_t>(size));
  flush_block();
  for (const auto& [key, value] : map.entries) {
    if (key.is_null() || value.is_null()) return fail("a Hashtable cannot hold null");
  }
  if (!put_entries(map)) return false;
  put8(tc::kEndBlockData);
  if (id != Known::kProperties) return true;
  return put_value(map.settings.size() > 1 ? map.settings[1] : Value());
}

}  // namespace serval
