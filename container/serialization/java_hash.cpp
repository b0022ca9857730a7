#include "container/serialization/java_hash.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "container/serialization/modified_utf8.h"

namespace serval {
namespace {
std::int32_t fold(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return static_cast<std::int32_t>(bits ^ bits >> 32);
}
}  // namespace

std::optional<std::int32_t> java_hash(const Value& value) {
  if (value.is_null()) return 0;
  if (const auto* text = value.get_if<std::string>()) return java_string_hash(*text);
  if (const auto* v = value.get_if<std::int32_t>()) return *v;
  if (const auto* v = value.get_if<std::int64_t>()) return fold(*v);
  if (const auto* v = value.get_if<bool>()) return *v ? 1231 : 1237;
  if (const auto* v = value.get_if<std::int8_t>()) return *v;
  if (const auto* v = value.get_if<std::int16_t>()) return *v;
  if (const auto* v = value.get_if<char16_t>()) return *v;
  if (const auto* v = value.get_if<Date>()) return fold(v->ms);
  if (const auto* v = value.get_if<float>()) {
    return std::isnan(*v) ? 0x7FC00000 : std::bit_cast<std::int32_t>(*v);
  }
  if (const auto* v = value.get_if<double>()) {
    return fold(std::isnan(*v) ? 0x7FF8000000000000 : std::bit_cast<std::int64_t>(*v));
  }
  return std::nullopt;
}

std::size_t java_table_length(std::size_t size, float load_factor) {
  constexpr std::size_t kLargest = std::size_t{1} << 30;
  std::size_t length = 16;
  while (length<kLargest&& static_cast<double>(size)> static_cast<double>(length) * load_factor) {
    length *= 2;
  }
  return length;
}

std::vector<std::uint32_t> java_hash_order(std::size_t size, std::size_t table_length,
                                           const std::function<const Value&(std::size_t)>& key) {
  if (size < 2) return {};
  std::vector<std::pair<std::uint32_t, std::uint32_t>> slots;  // bucket, position
  slots.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto hash = java_hash(key(i));
    if (!hash) return {};
    const auto bits = static_cast<std::uint32_t>(*hash);
    slots.emplace_back((bits ^ bits >> 16) & (table_length - 1), i);
  }
  if (std::ranges::is_sorted(slots)) return {};
  std::ranges::sort(slots);
  std::vector<std::uint32_t> order;
  order.reserve(size);
  for (const auto& slot : slots) order.push_back(slot.second);
  return order;
}

}  // namespace serval
