// container/base/big_endian.h
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

namespace serval {

/// An integer in network and Java byte order (highest byte first); the same call turns it back.
template <class T>
constexpr T big_endian(T value) {
  static_assert(std::endian::native == std::endian::little || sizeof(T) == 1);
  if constexpr (sizeof(T) == 2) {
    return __builtin_bswap16(value);
  } else if constexpr (sizeof(T) == 4) {
    return __builtin_bswap32(value);
  } else if constexpr (sizeof(T) == 8) {
    return __builtin_bswap64(value);
  } else {
    return value;
  }
}

/// Requires: sizeof(T) bytes are there.
template <class T>
T load_big_endian(const std::uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return big_endian(value);
}

}  // namespace serval
