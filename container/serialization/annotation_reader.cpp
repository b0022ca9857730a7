#include "container/serialization/annotation_reader.h"

#include "container/base/big_endian.h"
#include "container/serialization/modified_utf8.h"

namespace serval {

void AnnotationReader::advance() {
  for (; item_ < data_.annotation.size(); ++item_, offset_ = 0) {
    const auto* bytes = std::get_if<Bytes>(&data_.annotation[item_]);
    if (bytes == nullptr || offset_ < bytes->size()) return;
  }
}

Result<Value> AnnotationReader::read_object() {
  const auto& items = data_.annotation;
  advance();
  if (item_ >= items.size() || !std::holds_alternative<Value>(items[item_])) {
    return Error{Errc::kBadState, "no object is next in the data of a class"};
  }
  return std::get<Value>(items[item_++]);
}

Result<Bytes> AnnotationReader::read_bytes(std::size_t count) {
  if (count == 0) return Bytes();
  const auto& items = data_.annotation;
  advance();
  if (item_ >= items.size() || !std::holds_alternative<Bytes>(items[item_])) {
    return Error{Errc::kBadState, "no primitive is next in the data of a class"};
  }
  const auto& bytes = std::get<Bytes>(items[item_]);
  if (bytes.size() - offset_ < count) {
    return Error{Errc::kProtocol, "a primitive is cut off in the data of a class"};
  }
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(offset_);
  offset_ += count;
  return Bytes(begin, begin + static_cast<std::ptrdiff_t>(count));
}

template <class T>
Result<T> AnnotationReader::read_number() {
  const auto bytes = read_bytes(sizeof(T));
  if (!bytes) return bytes.error();
  return load_big_endian<T>(bytes->data());
}

Result<bool> AnnotationReader::read_bool() {
  const auto raw = read_number<std::uint8_t>();
  if (!raw) return raw.error();
  return *raw != 0;
}

Result<std::int32_t> AnnotationReader::read_int() {
  const auto raw = read_number<std::uint32_t>();
  if (!raw) return raw.error();
  return static_cast<std::int32_t>(*raw);
}

Result<std::int64_t> AnnotationReader::read_long() {
  const auto raw = read_number<std::uint64_t>();
  if (!raw) return raw.error();
  return static_cast<std::int64_t>(*raw);
}

Result<std::string> AnnotationReader::read_utf() {
  const auto size = read_number<std::uint16_t>();
  if (!size) return size.error();
  const auto bytes = read_bytes(*size);
  if (!bytes) return bytes.error();
  std::string text;
  if (!decode_modified_utf8(*bytes, text)) {
    return Error{Errc::kProtocol, "malformed modified UTF-8"};
  }
  return text;
}

bool AnnotationReader::at_end() {
  advance();
  return item_ >= data_.annotation.size();
}

}  // namespace serval
