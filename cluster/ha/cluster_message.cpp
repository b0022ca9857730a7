#include "cluster/ha/cluster_message.h"

#include <algorithm>
#include <array>

namespace serval::ha {

std::string_view class_of_stream(std::span<const std::uint8_t> stream) {
  // Stream header, TC_OBJECT, TC_CLASSDESC, length of the name.
  static constexpr std::array<std::uint8_t, 6> kNewObject{0xAC, 0xED, 0x00, 0x05, 0x73, 0x72};
  constexpr std::size_t kNameAt = kNewObject.size() + 2;
  if (stream.size() < kNameAt || !std::ranges::equal(stream.first(kNewObject.size()), kNewObject)) {
    return {};
  }
  const std::size_t length = static_cast<std::size_t>(stream[6] << 8 | stream[7]);
  if (stream.size() - kNameAt < length) return {};
  return {reinterpret_cast<const char*>(stream.data()) + kNameAt, length};
}

}  // namespace serval::ha
