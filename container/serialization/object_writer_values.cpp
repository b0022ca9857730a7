#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "container/serialization/object_writer.h"

namespace serval {
namespace {

// Keys of objects_ that are not addresses (those have no bit above 47).
constexpr std::uint64_t kBoxKey = 1ULL << 60, kDateKey = 2ULL << 60, kClassKey = 3ULL << 60;

std::uint64_t address_key(const void* node) { return reinterpret_cast<std::uintptr_t>(node); }

/// The range in which Java's valueOf gives the same object for the same value.
template <class T>
bool is_cached(T value) {
  return value >= -128 && value <= 127;
}

}  // namespace

bool ObjectWriter::put_value(const Value& value) {
  struct Put {
    ObjectWriter& w;
    bool box(Known id, std::uint64_t raw, int width, bool cached) const {
      w.put_box(id, raw, width, cached);
      return true;
    }
    bool operator()(std::monostate) const {
      w.put8(tc::kNull);
      return true;
    }
    bool operator()(bool v) const { return box(Known::kBoolean, v ? 1 : 0, 1, true); }
    bool operator()(std::int8_t v) const {
      return box(Known::kByte, static_cast<std::uint8_t>(v), 1, true);
    }
    bool operator()(std::int16_t v) const {
      return box(Known::kShort, static_cast<std::uint16_t>(v), 2, is_cached(v));
    }
    bool operator()(char16_t v) const { return box(Known::kCharacter, v, 2, v <= 127); }
    bool operator()(std::int32_t v) const {
      return box(Known::kInteger, static_cast<std::uint32_t>(v), 4, is_cached(v));
    }
    bool operator()(std::int64_t v) const {
      return box(Known::kLong, static_cast<std::uint64_t>(v), 8, is_cached(v));
    }
    bool operator()(float v) const {
      return box(Known::kFloat, std::bit_cast<std::uint32_t>(v), 4, false);
    }
    bool operator()(double v) const {
      return box(Known::kDouble, std::bit_cast<std::uint64_t>(v), 8, false);
    }
    bool operator()(const std::string& text) const {
      w.put_string(text);
      return true;
    }
    bool operator()(const Date& date) const { return w.put_date(date); }
    bool operator()(const JavaEnum& constant) const { return w.put_enum(constant); }
    bool operator()(const JavaClassRef& ref) const { return w.put_class_value(ref); }
    bool operator()(const NativeObject& object) const {
      return w.fail(fmt::format("an object of C++ ({}) is nothing that a JVM could read",
                                object.type ? object.type->name() : "null"));
    }
  };
  const auto& variant = value.variant();
  const Put put{*this};
  return std::visit(
      [&](const auto& content) {
        if constexpr (std::is_invocable_v<Put, decltype(content)>) {
          return put(content);
        } else {
          return put_container(value);
        }
      },
      variant);
}

bool ObjectWriter::put_container(const Value& value) {
  const void* node = std::visit(
      [](const auto& content) -> const void* {
        if constexpr (requires { content.use_count(); }) {
          return content.get();
        } else {
          return nullptr;
        }
      },
      value.variant());
  if (node == nullptr) {
    put8(tc::kNull);
    return true;
  }
  if (put_if_known(address_key(node))) return true;
  if (depth_ >= options_.max_depth) {
    return fail(fmt::format("{} is nested deeper than {}", value.class_name(), options_.max_depth));
  }
  ++depth_;
  kept_.push_back(value);
  bool done = false;
  if (const auto* list = value.list()) {
    done = put_list(*list);
  } else if (const auto* map = value.map()) {
    done = put_map(*map);
  } else if (const auto* array = value.array()) {
    done = put_array(*array);
  } else if (const auto* object = value.object()) {
    done = put_object(*object);
  } else {
    done = put_bytes(*value.bytes());
  }
  --depth_;
  return done;
}

void ObjectWriter::put_box(Known id, std::uint64_t raw, int width, bool cached) {
  const std::uint64_t key = kBoxKey | static_cast<std::uint64_t>(id) << 32 | (raw & 0xFFFF);
  if (cached && put_if_known(key)) return;
  put8(tc::kObject);
  put_known_class(id);
  if (cached) {
    remember(key);
  } else {
    ++next_handle_;
  }
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
    put8(static_cast<std::uint8_t>(raw >> shift));
  }
}

bool ObjectWriter::put_date(const Date& date) {
  if (date.identity != 0 && put_if_known(kDateKey | date.identity)) return true;
  put8(tc::kObject);
  put_known_class(Known::kDate);
  if (date.identity != 0) {
    remember(kDateKey | date.identity);
  } else {
    ++next_handle_;
  }
  write_long(date.ms);
  end_data();
  return true;
}

bool ObjectWriter::put_enum(const JavaEnum& constant) {
  if (constant.type == nullptr) return fail("an enum constant has no class");
  const auto [entry, is_new] =
      enums_.try_emplace({constant.type.get(), constant.constant}, next_handle_);
  if (!is_new) {
    put_reference(entry->second);
    return true;
  }
  put8(tc::kEnumConstant);
  if (!put_class(constant.type)) return false;
  entry->second = next_handle_++;
  put_string(constant.constant, true);  // a JVM accepts no reference here
  return true;
}

bool ObjectWriter::put_class_value(const JavaClassRef& ref) {
  if (ref.type == nullptr) return fail("a java.lang.Class value names no class");
  if (ref.is_descriptor) return put_class(ref.type);
  const std::uint64_t key = kClassKey | address_key(ref.type.get());
  if (put_if_known(key)) return true;
  put8(tc::kClass);
  if (!put_class(ref.type)) return false;
  remember(key);
  return true;
}

bool ObjectWriter::put_bytes(const Bytes& bytes) {
  put8(tc::kArray);
  put_known_class(Known::kByteArray);
  remember(address_key(&bytes));
  put32(static_cast<std::uint32_t>(bytes.size()));
  put_raw(bytes);
  return true;
}

bool ObjectWriter::put_array(const JavaArray& array) {
  if (array.type == nullptr || array.type->name.size() < 2 || array.type->name[0] != '[') {
    return fail("an array has no array class");
  }
  put8(tc::kArray);
  if (!put_class(array.type)) return false;
  remember(address_key(&array));
  const std::size_t width = detail::element_width(array.element_type());
  if (width != 0) {
    if (!array.items.empty() || array.packed.size() % width != 0) {
      return fail(fmt::format("the elements of a {} are not packed", array.type->name));
    }
    put32(static_cast<std::uint32_t>(array.packed.size() / width));
    put_raw(array.packed);
    return true;
  }
  put32(static_cast<std::uint32_t>(array.items.size()));
  return put_items(array.items);
}

bool ObjectWriter::put_object(const JavaObject& object) {
  if (object.type == nullptr) return fail("an object has no class");
  const std::uint8_t flags = object.type->flags;
  put8(tc::kObject);
  if (!put_class(object.type)) return false;
  remember(address_key(&object));
  if ((flags & tc::kExternalizable) != 0) return put_external(object);
  std::array<const JavaClass*, tc::kMaxClassChain> chain;
  std::size_t length = 0;
  for (const JavaClass* type = object.type.get(); type; type = type->super.get()) {
    if ((type->flags & tc::kSerializable) != 0) chain[length++] = type;
  }
  if (length == 0 || length != object.data.size()) {
    return fail(fmt::format("an object of {} has data for {} classes of {}", object.type->name,
                            object.data.size(), length));
  }
  for (const auto& data : object.data) {
    const JavaClass& type = *chain[--length];
    const bool left_out = data.fields.empty() && (type.flags & tc::kHasWriteMethod) != 0;
    if (data.fields.size() != type.fields.size() && !left_out) {
      return fail(fmt::format("an object has {} fields of class {}, which has {}",
                              data.fields.size(), type.name, type.fields.size()));
    }
    for (std::size_t i = 0; i < data.fields.size(); ++i) {
      if (!put_field(type, type.fields[i], data.fields[i])) return false;
    }
    if ((type.flags & tc::kHasWriteMethod) != 0) {
      if (!put_annotation(data)) return false;
    } else if (!data.annotation.empty()) {
      return fail(fmt::format("class {} has no writeObject, but data of it", type.name));
    }
  }
  return true;
}

bool ObjectWriter::put_external(const JavaObject& object) {
  if ((object.type->flags & tc::kExternalBlockData) == 0 || object.data.size() != 1) {
    return fail(
        fmt::format("an object of {} is not in the form of an Externalizable", object.type->name));
  }
  return put_annotation(object.data[0]);
}

bool ObjectWriter::put_field(const JavaClass& type, const JavaClass::Field& field,
                             const Value& value) {
  const auto put_as = [&]<class T>(std::type_identity<T>) {
    const T* content = value.get_if<T>();
    if (content == nullptr) return false;
    if constexpr (sizeof(T) == 1) put8(static_cast<std::uint8_t>(*content));
    if constexpr (sizeof(T) == 2) put16(static_cast<std::uint16_t>(*content));
    if constexpr (sizeof(T) == 4) put32(std::bit_cast<std::uint32_t>(*content));
    if constexpr (sizeof(T) == 8) put64(std::bit_cast<std::uint64_t>(*content));
    return true;
  };
  bool fits = false;
  switch (field.type) {
    case '[':
    case 'L':
      return put_value(value);
    case 'B':
      fits = put_as(std::type_identity<std::int8_t>{});
      break;
    case 'C':
      fits = put_as(std::type_identity<char16_t>{});
      break;
    case 'D':
      fits = put_as(std::type_identity<double>{});
      break;
    case 'F':
      fits = put_as(std::type_identity<float>{});
      break;
    case 'I':
      fits = put_as(std::type_identity<std::int32_t>{});
      break;
    case 'J':
      fits = put_as(std::type_identity<std::int64_t>{});
      break;
    case 'S':
      fits = put_as(std::type_identity<std::int16_t>{});
      break;
    case 'Z':
      fits = put_as(std::type_identity<bool>{});
      break;
    default:
      break;
  }
  return fits || fail(fmt::format("field {} of {} has type '{}' and a value of {}", field.name,
                                  type.name, field.type, value.class_name()));
}

bool ObjectWriter::put_annotation(const JavaObject::ClassData& data) {
  for (const auto& item : data.annotation) {
    if (const auto* bytes = std::get_if<Bytes>(&item)) {
      write_bytes(*bytes);
    } else {
      flush_block();
      if (!put_value(std::get<Value>(item))) return false;
    }
  }
  end_data();
  return true;
}

}  // namespace serval
