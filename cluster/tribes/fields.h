#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "cluster/tribes/member.h"
#include "container/base/big_endian.h"

namespace serval::tribes {

/// Appends an integer with the highest byte first.
template <class Integer>
void append_big_endian(Bytes& out, Integer value) {
  const auto field = big_endian(static_cast<std::make_unsigned_t<Integer>>(value));
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&field);
  out.insert(out.end(), bytes, bytes + sizeof(field));
}

template <class Range>
void append_bytes(Bytes& out, const Range& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Writes fields into `size` bytes appended to `out`, which must not change meanwhile.
/// Requires: the fields fit.
class FieldWriter {
 public:
  FieldWriter(Bytes& out, std::size_t size) {
    const std::size_t begin = out.size();
    out.resize(begin + size);
    at_ = out.data() + begin;
  }
  template <class... Integers>
  void integers(Integers... values) {
    (integer(values), ...);
  }
  template <class Range>
  void bytes(const Range& bytes) {
    if (!std::ranges::empty(bytes)) std::memcpy(at_, std::ranges::data(bytes), bytes.size());
    at_ += bytes.size();
  }
  /// A field behind its own i32 length.
  void sized_bytes(const Bytes& field) {
    integers(static_cast<std::int32_t>(field.size()));
    bytes(field);
  }

 private:
  template <class Integer>
  void integer(Integer value) {
    const auto field = big_endian(static_cast<std::make_unsigned_t<Integer>>(value));
    std::memcpy(at_, &field, sizeof(field));
    at_ += sizeof(field);
  }
  std::uint8_t* at_;
};

/// Whether bytes are those of a text.
inline bool same_bytes(std::span<const std::uint8_t> bytes, std::string_view text) {
  return std::ranges::equal(
      bytes, text, [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

/// Reads fields from bytes of a peer. Every length is checked; after a failure all reads give
/// nothing and ok() is false.
class FieldReader {
 public:
  explicit FieldReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  template <class Integer>
  Integer integer() {
    const auto field = bytes(sizeof(Integer));
    if (!ok_) return 0;
    return static_cast<Integer>(load_big_endian<std::make_unsigned_t<Integer>>(field.data()));
  }
  std::span<const std::uint8_t> bytes(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const auto field = rest_.first(size);
    rest_ = rest_.subspan(size);
    return field;
  }
  /// A field behind its own i32 length.
  std::span<const std::uint8_t> sized_bytes() {
    const auto size = integer<std::int32_t>();
    if (size < 0) ok_ = false;
    return bytes(static_cast<std::size_t>(size));
  }
  bool ok() const { return ok_; }
  std::size_t remaining() const { return rest_.size(); }

 private:
  std::span<const std::uint8_t> rest_;
  bool ok_ = true;
};

}  // namespace serval::tribes
