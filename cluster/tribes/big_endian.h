#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "cluster/tribes/member.h"

namespace serval::tribes {

/// Appends an integer with the highest byte first.
template <class Integer>
void append_big_endian(Bytes& out, Integer value) {
  std::array<std::uint8_t, sizeof(Integer)> field;
  for (std::size_t i = 0; i < field.size(); ++i) {
    field[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >>
                                         (8 * (field.size() - 1 - i)));
  }
  out.insert(out.end(), field.begin(), field.end());
}

template <class Range>
void append_bytes(Bytes& out, const Range& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Reads fields from bytes of a peer. Every length is checked; after a failure all reads give
/// nothing and ok() is false.
class FieldReader {
 public:
  explicit FieldReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  template <class Integer>
  Integer integer() {
    const auto field = bytes(sizeof(Integer));
    std::uint64_t value = 0;
    for (const std::uint8_t byte : field) value = value << 8 | byte;
    return static_cast<Integer>(value);
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
