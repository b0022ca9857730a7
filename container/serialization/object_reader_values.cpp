#include <fmt/format.h>

#include <atomic>
#include <bit>
#include <utility>

#include "container/base/big_endian.h"
#include "container/serialization/modified_utf8.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/stream_constants.h"

namespace serval {
namespace {

std::uint64_t next_date_identity() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool is_throwable(const Value& value) {
  const auto* object = value.object();
  const auto* type = object != nullptr ? object->type.get() : nullptr;
  while (type != nullptr && type->name != "java.lang.Throwable") type = type->super.get();
  return type != nullptr;
}

/// What an operator reads about a throwable: its class and its message.
std::string describe_throwable(const Value& throwable) {
  std::string text = throwable.class_name();
  if (auto* object = throwable.object()) {
    const Value* message = object->field("detailMessage");
    const auto* detail = message != nullptr ? message->get_if<std::string>() : nullptr;
    if (detail != nullptr) text += ": " + *detail;
  }
  return text;
}

}  // namespace

bool ObjectReader::read_value(Value& out) {
  std::uint8_t tag = 0;
  return next_tag(tag) && read_value_behind(tag, out);
}

bool ObjectReader::read_value_behind(std::uint8_t tag, Value& out) {
  if (tag == tc::kNull) {
    out = Value();
    return true;
  }
  if (tag == tc::kReference) return read_reference(out);
  if (tag == tc::kString || tag == tc::kLongString) return read_text(tag, out);
  if (tag == tc::kException) return read_exception();
  if (depth_ >= options_.max_depth) {
    return fail(fmt::format("it is nested deeper than {}", options_.max_depth));
  }
  ++depth_;
  bool done = false;
  switch (tag) {
    case tc::kObject:
      done = read_instance(out);
      break;
    case tc::kArray:
      done = read_array(out);
      break;
    case tc::kEnumConstant:
      done = read_enum(out);
      break;
    case tc::kClass:
      done = read_class_value(out);
      break;
    case tc::kClassDesc:
    case tc::kProxyClassDesc: {
      ClassEntry entry;
      done = read_class_behind(tag, entry);
      if (done) out = Value(JavaClassRef{entry.type, true});
      break;
    }
    default:
      done = fail(fmt::format("type code {:#x} where an object is expected", tag));
  }
  --depth_;
  return done;
}

bool ObjectReader::read_reference(Value& out) {
  Handle handle{};
  if (!reference(handle)) return false;
  switch (handle.kind) {
    case Handle::Kind::kText: {
      std::span<const std::uint8_t> bytes;
      std::string text;
      if (!known_text(handle.index, bytes) || !charge(bytes.size())) return false;
      if (!decode_modified_utf8(bytes, text)) return fail("malformed modified UTF-8");
      out = Value(std::move(text));
      return true;
    }
    case Handle::Kind::kClass:
      if (handle.is_open) return fail("a reference to a descriptor that is not complete");
      out = Value(JavaClassRef{classes_[handle.index].type, true});
      return true;
    default:
      out = values_[handle.index];
      if (handle.is_open) {
        if (out.is_null()) return fail("a reference to an object that cannot contain itself");
        has_cycle_ = true;
      }
      return true;
  }
}

bool ObjectReader::read_text(std::uint8_t tag, Value& out) {
  std::span<const std::uint8_t> bytes;
  std::string text;
  if (!add_handle(Handle::Kind::kText, position_ - 1, false) ||
      !text_bytes(tag, position_, bytes) || !charge(bytes.size())) {
    return false;
  }
  if (!decode_modified_utf8(bytes, text)) return fail("malformed modified UTF-8");
  out = Value(std::move(text));
  return true;
}

bool ObjectReader::open(const Value& value, std::size_t& slot) {
  slot = handles_.size();
  if (!add_handle(Handle::Kind::kValue, values_.size(), true)) return false;
  values_.push_back(value);
  return true;
}

void ObjectReader::close(std::size_t slot) { handles_[slot].is_open = false; }

bool ObjectReader::close_with(std::size_t slot, const Value& value) {
  values_[handles_[slot].index] = value;
  close(slot);
  return true;
}

bool ObjectReader::read_instance(Value& out) {
  ClassEntry entry;
  if (!read_class(entry)) return false;
  if (entry.type == nullptr) return fail("an object without a class");
  const std::uint8_t flags = entry.type->flags;
  if ((flags & tc::kIsEnum) != 0 || entry.type->name.starts_with('[')) {
    return fail(fmt::format("an object of {}", entry.type->name));
  }
  switch (entry.known) {
    case Known::kByte:
    case Known::kShort:
    case Known::kInteger:
    case Known::kLong:
    case Known::kFloat:
    case Known::kDouble:
    case Known::kCharacter:
    case Known::kBoolean:
      return read_box(entry.known, out);
    case Known::kDate:
      return read_date(out);
    case Known::kArrayList:
    case Known::kLinkedList:
    case Known::kVector:
    case Known::kStack:
    case Known::kArrayDeque:
    case Known::kCopyOnWriteArrayList:
    case Known::kCopyOnWriteArraySet:
    case Known::kConcurrentLinkedQueue:
    case Known::kPriorityQueue:
    case Known::kHashSet:
    case Known::kLinkedHashSet:
    case Known::kTreeSet:
      return read_list(entry.known, out);
    case Known::kHashMap:
    case Known::kLinkedHashMap:
    case Known::kHashtable:
    case Known::kProperties:
    case Known::kTreeMap:
    case Known::kConcurrentHashMap:
    case Known::kConcurrentSkipListMap:
    case Known::kIdentityHashMap:
    case Known::kEnumMap:
      return read_map(entry.known, out);
    default:
      return read_generic(entry, out);
  }
}

bool ObjectReader::read_box(Known known, Value& out) {
  std::size_t slot = 0;
  return open(Value(), slot) && read_field(java_class(known)->fields[0].type, out) &&
         close_with(slot, out);
}

bool ObjectReader::read_date(Value& out) {
  std::size_t slot = 0;
  std::uint64_t ms = 0;
  if (!open(Value(), slot) || !block_int(ms) || !skip_annotation()) return false;
  out = Value(Date{static_cast<std::int64_t>(ms), next_date_identity()});
  return close_with(slot, out);
}

bool ObjectReader::read_generic(const ClassEntry& entry, Value& out) {
  const auto object = std::make_shared<JavaObject>();
  object->type = entry.type;
  std::size_t slot = 0;
  out = Value(object);
  if (!charge(sizeof(JavaObject) + sizeof(JavaObject::ClassData)) || !open(out, slot)) return false;
  const std::uint8_t flags = entry.type->flags;
  if ((flags & tc::kExternalizable) != 0) {
    if ((flags & tc::kExternalBlockData) == 0) {
      return fail(fmt::format("{} is written in the protocol of JDK 1.1", entry.type->name));
    }
    if (!read_annotation(object->data.emplace_back())) return false;
    close(slot);
    return true;
  }
  if ((flags & tc::kSerializable) == 0) {
    return fail(fmt::format("an object of {}, which is not serializable", entry.type->name));
  }
  std::vector<const std::shared_ptr<const JavaClass>*> chain;
  for (const auto* type = &entry.type; *type; type = &(*type)->super) {
    if (((*type)->flags & tc::kSerializable) != 0) chain.push_back(type);
  }
  object->data.resize(chain.size());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!read_class_data(*chain[chain.size() - 1 - i], object->data[i])) return false;
  }
  close(slot);
  return true;
}

bool ObjectReader::read_class_data(const std::shared_ptr<const JavaClass>& described,
                                   JavaObject::ClassData& data) {
  const JavaClass& type = *described;
  const bool writes_itself = (type.flags & tc::kHasWriteMethod) != 0;
  if (writes_itself && !type.fields.empty() && leaves_fields_out(described)) {
    return read_annotation(data);
  }
  if (!charge(sizeof(data) + type.fields.size() * sizeof(Value))) return false;
  data.fields.resize(type.fields.size());
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    if (!read_field(type.fields[i].type, data.fields[i])) return false;
  }
  return !writes_itself || read_annotation(data);
}

bool ObjectReader::take_int(std::int32_t& out) {
  std::uint32_t raw = 0;
  if (!take(raw)) return false;
  out = static_cast<std::int32_t>(raw);
  return true;
}

bool ObjectReader::read_field(char type, Value& out) {
  std::uint8_t raw8 = 0;
  std::uint16_t raw16 = 0;
  std::uint32_t raw32 = 0;
  std::uint64_t raw64 = 0;
  const auto set = [&out](auto value) {
    out = Value(value);
    return true;
  };
  switch (type) {
    case 'B':
      return take(raw8) && set(static_cast<std::int8_t>(raw8));
    case 'Z':
      return take(raw8) && set(raw8 != 0);
    case 'C':
      return take(raw16) && set(static_cast<char16_t>(raw16));
    case 'S':
      return take(raw16) && set(static_cast<std::int16_t>(raw16));
    case 'I':
      return take(raw32) && set(static_cast<std::int32_t>(raw32));
    case 'F':
      return take(raw32) && set(std::bit_cast<float>(raw32));
    case 'J':
      return take(raw64) && set(static_cast<std::int64_t>(raw64));
    case 'D':
      return take(raw64) && set(std::bit_cast<double>(raw64));
    default:
      return read_value(out);
  }
}

bool ObjectReader::read_annotation(JavaObject::ClassData& data) {
  for (;;) {
    if (open_block()) {
      if (data.annotation.empty() || !std::holds_alternative<Bytes>(data.annotation.back())) {
        if (!charge(sizeof(data.annotation[0]))) return false;
        data.annotation.emplace_back(Bytes());
      }
      auto& bytes = std::get<Bytes>(data.annotation.back());
      const auto block = data_.subspan(position_, block_left_);
      bytes.insert(bytes.end(), block.begin(), block.end());
      position_ += block_left_;
      block_left_ = 0;
      if (!charge(block.size())) return false;
      continue;
    }
    std::uint8_t tag = 0;
    if (state_ != State::kGood || !next_tag(tag)) return false;
    if (tag == tc::kEndBlockData) return true;
    if (!charge(sizeof(data.annotation[0]))) return false;
    Value item;
    if (!read_value_behind(tag, item)) return false;
    data.annotation.emplace_back(std::move(item));
  }
}

bool ObjectReader::read_array(Value& out) {
  ClassEntry entry;
  if (!read_class(entry)) return false;
  if (entry.type == nullptr || entry.type->name.size() < 2 || entry.type->name[0] != '[') {
    return fail("an array without an array class");
  }
  const char element = entry.type->name[1];
  const std::size_t width = detail::element_width(element);
  if (width == 0 && element != 'L' && element != '[') return fail("an array of unknown elements");
  std::size_t slot = 0;
  if (element == 'B') {
    const auto bytes = std::make_shared<Bytes>();
    out = Value(bytes);
    if (!open(Value(), slot) || !read_packed(1, *bytes)) return false;
    return close_with(slot, out);
  }
  const auto array = std::make_shared<JavaArray>();
  array->type = entry.type;
  out = Value(array);
  if (!charge(sizeof(JavaArray)) || !open(out, slot)) return false;
  std::int32_t size = 0;
  if (width != 0) {
    if (!read_packed(width, array->packed)) return false;
  } else if (!take_int(size) || !read_items(size, array->items)) {
    return false;
  }
  close(slot);
  return true;
}

bool ObjectReader::read_packed(std::size_t width, Bytes& out) {
  std::int32_t size = 0;
  if (!take_int(size)) return false;
  if (size < 0 || static_cast<std::size_t>(size) > (data_.size() - position_) / width) {
    return fail(fmt::format("an array of {} elements does not fit into the stream", size));
  }
  const std::size_t bytes = static_cast<std::size_t>(size) * width;
  if (!charge(bytes + sizeof(Bytes))) return false;
  const auto content = data_.subspan(position_, bytes);
  out.assign(content.begin(), content.end());
  position_ += bytes;
  return true;
}

bool ObjectReader::read_enum(Value& out) {
  ClassEntry entry;
  if (!read_class(entry)) return false;
  if (entry.type == nullptr || (entry.type->flags & tc::kIsEnum) == 0) {
    return fail("an enum constant without an enum class");
  }
  std::size_t slot = 0;
  Value name;
  if (!open(Value(), slot) || !read_value(name)) return false;
  const auto* constant = name.get_if<std::string>();
  if (constant == nullptr) return fail("the name of an enum constant is not text");
  out = Value(JavaEnum{entry.type, *constant});
  return close_with(slot, out);
}

bool ObjectReader::read_class_value(Value& out) {
  ClassEntry entry;
  if (!read_class(entry)) return false;
  if (entry.type == nullptr) return fail("a java.lang.Class without a class");
  std::size_t slot = 0;
  out = Value(JavaClassRef{entry.type});
  return open(Value(), slot) && close_with(slot, out);
}

bool ObjectReader::read_exception() {
  seal_cycles(nullptr);
  HandleState before{std::exchange(handles_, {}), std::exchange(classes_, {}),
                     std::exchange(values_, {}), std::exchange(first_value_, 0)};
  Value throwable;
  const bool done =
      !in_exception_ && (in_exception_ = true, read_value(throwable)) && is_throwable(throwable);
  in_exception_ = false;
  seal_cycles(done ? &throwable : nullptr);
  if (!done) {  // it was none: a guess about what stands before it may still help
    handles_ = std::move(before.handles);
    classes_ = std::move(before.classes);
    values_ = std::move(before.values);
    first_value_ = before.first_value;
    return fail("an exception without its Throwable");
  }
  clear_handles();
  state_ = State::kAborted;
  error_ = "the peer could not write an object: " + describe_throwable(throwable);
  return false;
}

}  // namespace serval
