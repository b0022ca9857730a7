#include <fmt/format.h>

#include <algorithm>

#include "container/base/big_endian.h"
#include "container/serialization/class_cache.h"
#include "container/serialization/modified_utf8.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/stream_constants.h"

namespace serval {
namespace {

bool is_plain_ascii(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b != 0 && b < 0x80; });
}

/// What a boxed number needs: two classes and itself. A stream of one value allocates once.
constexpr std::size_t kFewHandles = 8, kFewClasses = 4;

std::size_t chain_length(const JavaClass* type) {
  std::size_t length = 0;
  for (; type != nullptr; type = type->super.get()) ++length;
  return length;
}

}  // namespace

bool ObjectReader::add_handle(Handle::Kind kind, std::size_t index, bool is_open) {
  if (handles_.size() >= options_.max_handles) {
    return fail(fmt::format("it has more than {} handles", options_.max_handles));
  }
  if (handles_.empty()) handles_.reserve(kFewHandles);
  handles_.push_back({kind, is_open, static_cast<std::uint32_t>(index)});
  return true;
}

bool ObjectReader::reference(Handle& out) {
  if (!need(4)) return false;
  const auto wire = load_big_endian<std::uint32_t>(data_.data() + position_);
  position_ += 4;
  if (wire < tc::kBaseWireHandle || wire - tc::kBaseWireHandle >= handles_.size()) {
    return fail(fmt::format("handle {:#x} does not exist", wire));
  }
  out = handles_[wire - tc::kBaseWireHandle];
  return true;
}

bool ObjectReader::text_bytes(std::uint8_t tag, std::size_t& position,
                              std::span<const std::uint8_t>& out) {
  const std::size_t width = tag == tc::kLongString ? 8 : 2;
  if (data_.size() - position < width) return fail("a string ends too early");
  const std::uint64_t size = width == 2 ? load_big_endian<std::uint16_t>(data_.data() + position)
                                        : load_big_endian<std::uint64_t>(data_.data() + position);
  position += width;
  if (size > data_.size() - position) return fail("a string is longer than the stream");
  out = data_.subspan(position, static_cast<std::size_t>(size));
  position += static_cast<std::size_t>(size);
  return true;
}

bool ObjectReader::known_text(std::uint32_t index, std::span<const std::uint8_t>& out) {
  std::size_t position = index + 1;
  return text_bytes(data_[index], position, out);
}

bool ObjectReader::name_of(std::span<const std::uint8_t> bytes, std::string_view& out) {
  if (is_plain_ascii(bytes)) {
    out = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    return true;
  }
  std::string name;
  if (!decode_modified_utf8(bytes, name)) return fail("malformed modified UTF-8");
  if (!charge(name.size())) return false;
  out = names_.emplace_front(std::move(name));
  return true;
}

bool ObjectReader::read_name(std::string_view& out) {
  std::span<const std::uint8_t> bytes;
  return text_bytes(tc::kString, position_, bytes) && name_of(bytes, out);
}

bool ObjectReader::check_class_name(std::string_view name) {
  const bool good =
      !name.empty() && std::ranges::none_of(name, [](char c) { return c >= 0 && c < 0x20; });
  return good || fail("a class name is empty or has control characters");
}

bool ObjectReader::read_signature(char type, std::string_view& out) {
  std::uint8_t tag = 0;
  if (!next_tag(tag)) return false;
  std::span<const std::uint8_t> bytes;
  if (tag == tc::kReference) {
    Handle handle{};
    if (!reference(handle)) return false;
    if (handle.kind != Handle::Kind::kText) return fail("a type string refers to something else");
    if (!known_text(handle.index, bytes)) return false;
  } else if (tag == tc::kString || tag == tc::kLongString) {
    if (!add_handle(Handle::Kind::kText, position_ - 1, false)) return false;
    if (!text_bytes(tag, position_, bytes)) return false;
  } else {
    return fail(fmt::format("type code {:#x} where a type string is expected", tag));
  }
  if (!name_of(bytes, out) || !check_class_name(out)) return false;
  const bool fits = type == '[' ? out.size() > 1 && out[0] == '['
                                : out.size() > 2 && out[0] == 'L' && out.back() == ';';
  return fits || fail(fmt::format("type string '{}' does not fit type code '{}'", out, type));
}

bool ObjectReader::read_class(ClassEntry& out) {
  std::uint8_t tag = 0;
  return next_tag(tag) && read_class_behind(tag, out);
}

bool ObjectReader::read_class_behind(std::uint8_t tag, ClassEntry& out) {
  switch (tag) {
    case tc::kNull:
      out = {};
      return true;
    case tc::kReference: {
      Handle handle{};
      if (!reference(handle)) return false;
      if (handle.kind != Handle::Kind::kClass || handle.is_open) {
        return fail("a class reference does not denote a complete descriptor");
      }
      out = classes_[handle.index];
      return true;
    }
    case tc::kClassDesc:
    case tc::kProxyClassDesc: {
      if (depth_ >= options_.max_depth) {
        return fail(fmt::format("it is nested deeper than {}", options_.max_depth));
      }
      ++depth_;
      const std::size_t fields = fields_.size();
      const bool done = tag == tc::kClassDesc ? read_new_class(out) : read_proxy_class(out);
      fields_.resize(fields);
      --depth_;
      return done;
    }
    case tc::kException:
      return read_exception();
    default:
      return fail(fmt::format("type code {:#x} where a class is expected", tag));
  }
}

bool ObjectReader::open_class(std::size_t& slot) {
  slot = handles_.size();
  if (!add_handle(Handle::Kind::kClass, classes_.size(), true)) return false;
  if (classes_.empty()) classes_.reserve(kFewClasses);
  classes_.emplace_back();
  return true;
}

bool ObjectReader::read_fields(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!need(3)) return false;
    ParsedField field{static_cast<char>(data_[position_++]), {}, {}};
    if (!read_name(field.name)) return false;
    if (field.type == '[' || field.type == 'L') {
      if (!read_signature(field.type, field.signature)) return false;
    } else if (detail::element_width(field.type) == 0) {
      return fail(fmt::format("field type {:#x}", static_cast<unsigned>(field.type) & 0xFF));
    }
    fields_.push_back(field);
  }
  return true;
}

bool ObjectReader::skip_annotation() {
  for (;;) {
    position_ += block_left_;
    block_left_ = 0;
    if (open_block()) continue;
    std::uint8_t tag = 0;
    if (state_ != State::kGood || !next_tag(tag)) return false;
    if (tag == tc::kEndBlockData) return true;
    Value ignored;
    if (!read_value_behind(tag, ignored)) return false;
  }
}

bool ObjectReader::read_new_class(ClassEntry& out) {
  std::string_view name;
  std::size_t slot = 0;
  if (!read_name(name) || !check_class_name(name) || !need(8)) return false;
  const auto uid =
      static_cast<std::int64_t>(load_big_endian<std::uint64_t>(data_.data() + position_));
  position_ += 8;
  if (!open_class(slot) || !need(3)) return false;
  const std::uint8_t flags = data_[position_];
  const auto count = load_big_endian<std::uint16_t>(data_.data() + position_ + 1);
  position_ += 3;
  const bool is_enum = (flags & tc::kIsEnum) != 0;
  if ((flags & tc::kSerializable) != 0 && (flags & tc::kExternalizable) != 0) {
    return fail(fmt::format("class {} is Serializable and Externalizable", name));
  }
  if (is_enum && (uid != 0 || count != 0)) {
    return fail(fmt::format("enum {} has a serialVersionUID or fields", name));
  }
  const std::size_t first_field = fields_.size();
  ClassEntry super;
  if (!read_fields(count) || !skip_annotation() || !read_class(super)) return false;
  if (chain_length(super.type.get()) >= tc::kMaxClassChain) {
    return fail(fmt::format("class {} has more than {} super classes", name, tc::kMaxClassChain));
  }
  const auto fields = std::span<const ParsedField>(fields_).subspan(first_field);
  out.known = match_known(name, uid, flags, fields, super.type.get());
  if (out.known != Known::kNone) {
    out.type = java_class(out.known);
  } else {
    if (!charge(sizeof(JavaClass) + fields.size() * sizeof(JavaClass::Field))) return false;
    for (const auto& field : fields) {
      if (!charge(field.name.size() + field.signature.size())) return false;
    }
    out.type = cached_class({name, uid, flags, fields, super.type});
  }
  return close_class(slot, out);
}

bool ObjectReader::read_proxy_class(ClassEntry& out) {
  constexpr std::uint32_t kMaxInterfaces = 255;
  std::size_t slot = 0;
  if (!open_class(slot) || !need(4)) return false;
  const auto count = load_big_endian<std::uint32_t>(data_.data() + position_);
  position_ += 4;
  if (count > kMaxInterfaces) return fail(fmt::format("a proxy has {} interfaces", count));
  const auto type = std::make_shared<JavaClass>();
  type->is_proxy = true;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string_view name;
    if (!read_name(name) || !check_class_name(name) || !charge(name.size())) return false;
    type->interfaces.emplace_back(name);
  }
  ClassEntry super;
  if (!skip_annotation() || !read_class(super)) return false;
  if (chain_length(super.type.get()) >= tc::kMaxClassChain) {
    return fail(fmt::format("a proxy has more than {} super classes", tc::kMaxClassChain));
  }
  type->super = super.type;
  out = {type, Known::kNone};
  return close_class(slot, out);
}

bool ObjectReader::close_class(std::size_t slot, const ClassEntry& entry) {
  classes_[handles_[slot].index] = entry;
  handles_[slot].is_open = false;
  return true;
}

Known ObjectReader::match_known(std::string_view name, std::int64_t uid, std::uint8_t flags,
                                std::span<const ParsedField> fields, const JavaClass* super) const {
  const Known id = known_class(name);
  if (id == Known::kNone) return id;
  const JavaClass& type = *java_class(id);
  const bool same =
      type.serial_version_uid == uid && type.flags == flags && type.super.get() == super &&
      std::ranges::equal(type.fields, fields, [](const auto& a, const ParsedField& b) {
        return a.type == b.type && a.name == b.name && a.signature == b.signature;
      });
  return same ? id : Known::kNone;
}

}  // namespace serval
