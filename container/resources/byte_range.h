// container/resources/byte_range.h
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace serval::core {

/// A part of a file: first and last byte, both inside it.
struct ByteRange {
  std::uint64_t first = 0, last = 0;
  std::uint64_t length() const { return last - first + 1; }
  friend bool operator==(ByteRange, ByteRange) = default;
};

struct RangeRequest {
  enum class Kind { kWhole, kParts, kUnsatisfiable };
  Kind kind = Kind::kWhole;
  std::vector<ByteRange> parts;
};

/// What a Range header asks for of a file of `length` bytes, as Tomcat answers it: another unit
/// than bytes, an empty file or more than 100 parts is the whole file; a malformed header or one
/// part that is not in the file is unsatisfiable (416).
RangeRequest parse_range(std::string_view header, std::uint64_t length);

}  // namespace serval::core
