#include "container/serialization/object_writer.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <utility>

#include "container/base/big_endian.h"
#include "container/serialization/modified_utf8.h"
#include "container/serialization/stream_constants.h"

namespace serval {
namespace {
template <class T>
std::span<const std::uint8_t> bytes_of(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(T)};
}
}  // namespace

ObjectWriter::ObjectWriter(const Options& options) : options_(options) {
  out_.reserve(options_.reserve);
  put32(tc::kStreamHeader);
}

template <class T>
void ObjectWriter::write_primitive(T value) {
  const T wire = big_endian(value);
  if (block_size_ + sizeof(T) <= kBlockSize) {
    std::memcpy(block_.data() + block_size_, &wire, sizeof(T));
    block_size_ += sizeof(T);
  } else {
    write_bytes(bytes_of(wire));
  }
}

void ObjectWriter::write_byte(std::uint8_t value) { write_primitive(value); }
void ObjectWriter::write_short(std::int16_t value) {
  write_primitive(static_cast<std::uint16_t>(value));
}
void ObjectWriter::write_char(char16_t value) {
  write_primitive(static_cast<std::uint16_t>(value));
}
void ObjectWriter::write_int(std::int32_t value) {
  write_primitive(static_cast<std::uint32_t>(value));
}
void ObjectWriter::write_long(std::int64_t value) {
  write_primitive(static_cast<std::uint64_t>(value));
}
void ObjectWriter::write_float(float value) {
  write_primitive(std::bit_cast<std::uint32_t>(value));
}
void ObjectWriter::write_double(double value) {
  write_primitive(std::bit_cast<std::uint64_t>(value));
}

void ObjectWriter::write_bytes(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    if (block_size_ == kBlockSize) flush_block();
    const std::size_t part = std::min(bytes.size(), kBlockSize - block_size_);
    std::memcpy(block_.data() + block_size_, bytes.data(), part);
    block_size_ += part;
    bytes = bytes.subspan(part);
  }
}

Result<> ObjectWriter::write_utf(std::string_view text) {
  const std::size_t size = modified_utf8_size(text);
  if (size > 0xFFFF) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("text of {} bytes is longer than 65535, the limit of writeUTF", size)};
  }
  write_primitive(static_cast<std::uint16_t>(size));
  if (size == text.size()) {
    write_bytes({reinterpret_cast<const std::uint8_t*>(text.data()), size});
  } else {
    Bytes encoded;
    encode_modified_utf8(text, encoded);
    write_bytes(encoded);
  }
  return {};
}

void ObjectWriter::flush_block() {
  if (block_size_ == 0) return;
  if (block_size_ < 256) {
    put8(tc::kBlockData);
    put8(static_cast<unsigned>(block_size_));
  } else {
    put8(tc::kBlockDataLong);
    put32(static_cast<std::uint32_t>(block_size_));
  }
  put_raw({block_.data(), block_size_});
  block_size_ = 0;
}

Result<> ObjectWriter::write_object(const Value& value) {
  flush_block();
  const Mark before = mark();
  depth_ = 0;
  if (put_value(value)) return {};
  roll_back(before);
  return Error{Errc::kInvalidArgument, std::exchange(error_, {})};
}

void ObjectWriter::write_null() {
  flush_block();
  put8(tc::kNull);
}

void ObjectWriter::write_text(std::string_view text) {
  flush_block();
  put_string(text);
}

void ObjectWriter::write_byte_array(std::span<const std::uint8_t> bytes) {
  flush_block();
  put8(tc::kArray);
  put_known_class(Known::kByteArray);
  ++next_handle_;
  put32(static_cast<std::uint32_t>(bytes.size()));
  put_raw(bytes);
}

void ObjectWriter::reset() {
  flush_block();
  put8(tc::kReset);
  Mark start{out_.size(), 0, 0, 0, tc::kBaseWireHandle};
  roll_back(start);
}

void ObjectWriter::begin_object(const std::shared_ptr<const JavaClass>& type) {
  flush_block();
  put8(tc::kObject);
  const bool done = put_class(type);
  SERVAL_ASSERT(done, "begin_object is for classes that the program itself describes");
  ++next_handle_;
}

void ObjectWriter::end_data() {
  flush_block();
  put8(tc::kEndBlockData);
}

void ObjectWriter::put_prebuilt(std::span<const std::uint8_t> bytes, std::uint32_t handles) {
  flush_block();
  put_raw(bytes);
  next_handle_ += handles;
}

void ObjectWriter::write_reference(std::uint32_t handle) {
  flush_block();
  put_reference(handle);
}

Bytes ObjectWriter::finish() {
  flush_block();
  return std::move(out_);
}

void ObjectWriter::put16(unsigned value) {
  put_raw(bytes_of(big_endian(static_cast<std::uint16_t>(value))));
}
void ObjectWriter::put32(std::uint32_t value) { put_raw(bytes_of(big_endian(value))); }
void ObjectWriter::put64(std::uint64_t value) { put_raw(bytes_of(big_endian(value))); }

void ObjectWriter::put_reference(std::uint32_t handle) {
  put8(tc::kReference);
  put32(handle);
}

bool ObjectWriter::fail(std::string message) {
  error_ = std::move(message);
  return false;
}

ObjectWriter::Mark ObjectWriter::mark() const {
  return {out_.size(), objects_.size(), strings_.size(), kept_.size(), next_handle_};
}

void ObjectWriter::roll_back(const Mark& mark) {
  out_.resize(mark.out);
  block_size_ = 0;
  objects_.truncate(mark.objects);
  strings_.truncate(mark.strings);
  kept_.resize(mark.kept);
  next_handle_ = mark.next_handle;
  std::erase_if(enums_, [&](const auto& entry) { return entry.second >= next_handle_; });
  for (auto& handle : known_handles_) {
    if (handle >= mark.next_handle) handle = 0;
  }
}

void ObjectWriter::put_string(std::string_view text, bool must_be_new) {
  const std::size_t start = out_.size();
  put8(tc::kString);
  put16(0);
  encode_modified_utf8(text, out_);
  std::size_t size = out_.size() - start - 3;
  if (size > 0xFFFF) {
    std::array<std::uint8_t, 9> head{tc::kLongString};
    const auto wire = big_endian(static_cast<std::uint64_t>(size));
    std::memcpy(head.data() + 1, &wire, 8);
    out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(start) + 3, 6, 0);
    std::memcpy(out_.data() + start, head.data(), head.size());
  } else {
    const auto wire = big_endian(static_cast<std::uint16_t>(size));
    std::memcpy(out_.data() + start + 1, &wire, 2);
  }
  size = out_.size() - start;
  const std::string_view encoded(reinterpret_cast<const char*>(out_.data() + start), size);
  const std::uint64_t hash = std::hash<std::string_view>{}(encoded);
  if (const auto* same = strings_.find(hash)) {
    if (!must_be_new && same->extra + size <= start &&
        std::memcmp(out_.data() + same->extra, encoded.data(), size) == 0) {
      const std::uint32_t handle = same->handle;
      out_.resize(start);
      put_reference(handle);
      return;
    }
  } else if (start <= 0xFFFFFFFF) {
    strings_.add(hash, next_handle_, static_cast<std::uint32_t>(start));
  }
  ++next_handle_;
}

bool ObjectWriter::put_name(std::string_view text) {
  const std::size_t start = out_.size();
  put16(0);
  encode_modified_utf8(text, out_);
  const std::size_t size = out_.size() - start - 2;
  if (size > 0xFFFF) return fail("the name of a class or field is longer than 65535 bytes");
  const auto wire = big_endian(static_cast<std::uint16_t>(size));
  std::memcpy(out_.data() + start, &wire, 2);
  return true;
}

bool ObjectWriter::put_if_known(std::uint64_t key) {
  const auto* entry = objects_.find(key);
  if (entry == nullptr) return false;
  put_reference(entry->handle);
  return true;
}

void ObjectWriter::put_known_class(Known id) {
  auto& handle = known_handles_[static_cast<std::size_t>(id)];
  if (handle != 0) return put_reference(handle);
  const auto& type = *java_class(id);
  handle = next_handle_++;
  const Bytes& prebuilt = known_descriptor(id);
  if (!prebuilt.empty()) {
    put_raw(prebuilt);
  } else {
    put8(tc::kClassDesc);
    put_name(type.name);
    put64(static_cast<std::uint64_t>(type.serial_version_uid));
    put8(type.flags);
    put16(static_cast<unsigned>(type.fields.size()));
    for (const auto& field : type.fields) {
      put8(static_cast<std::uint8_t>(field.type));
      put_name(field.name);
      if (!field.signature.empty()) put_string(field.signature);
    }
    put8(tc::kEndBlockData);
  }
  if (type.super) {
    put_known_class(known_class(type.super.get()));
  } else {
    put8(tc::kNull);
  }
}

bool ObjectWriter::put_class(const std::shared_ptr<const JavaClass>& type, std::size_t chain) {
  if (type == nullptr) {
    put8(tc::kNull);
    return true;
  }
  if (const Known id = known_class(type.get()); id != Known::kNone) {
    put_known_class(id);
    return true;
  }
  const auto key = reinterpret_cast<std::uintptr_t>(type.get());
  if (put_if_known(key)) return true;
  kept_.emplace_back(JavaClassRef{type});
  if (const Known id = known_equal(*type); id != Known::kNone) {
    put_known_class(id);
    objects_.add(key, known_handles_[static_cast<std::size_t>(id)]);
    return true;
  }
  return put_new_class(type, chain);
}

bool ObjectWriter::put_new_class(const std::shared_ptr<const JavaClass>& type, std::size_t chain) {
  if (chain >= tc::kMaxClassChain) {
    return fail(
        fmt::format("class {} has more than {} super classes", type->name, tc::kMaxClassChain));
  }
  const auto key = reinterpret_cast<std::uintptr_t>(type.get());
  if (type->is_proxy) {
    put8(tc::kProxyClassDesc);
    remember(key);
    put32(static_cast<std::uint32_t>(type->interfaces.size()));
    for (const auto& name : type->interfaces) {
      if (!put_name(name)) return false;
    }
  } else {
    put8(tc::kClassDesc);
    if (!put_name(type->name)) return false;
    put64(static_cast<std::uint64_t>(type->serial_version_uid));
    remember(key);
    put8(type->flags);
    if (type->fields.size() > 0xFFFF) return fail("a class has more than 65535 fields");
    put16(static_cast<unsigned>(type->fields.size()));
    for (const auto& field : type->fields) {
      put8(static_cast<std::uint8_t>(field.type));
      if (!put_name(field.name)) return false;
      if (field.type == '[' || field.type == 'L') put_string(field.signature);
    }
  }
  put8(tc::kEndBlockData);
  return put_class(type->super, chain + 1);
}

}  // namespace serval
