#include "container/serialization/modified_utf8.h"

#include <algorithm>
#include <cstring>

namespace serval {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_plain(std::uint8_t byte) { return byte != 0 && byte < 0x80; }

/// Length of the prefix of plain characters, which are the same in every encoding.
template <class Byte>
std::size_t plain_prefix(const Byte* data, std::size_t size) {
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, data + i, 8);
    // A byte with the top bit, or one that borrows from it when 1 is subtracted: a zero.
    if (((word | (word - 0x0101010101010101U)) & 0x8080808080808080U) != 0) break;
  }
  while (i < size && is_plain(static_cast<std::uint8_t>(data[i]))) ++i;
  return i;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 63));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 63));
    put(0x80 | (c & 63));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 63));
    put(0x80 | (c >> 6 & 63));
    put(0x80 | (c & 63));
  }
}

/// The next character of internal text; anything malformed is U+FFFD and one byte long.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const auto follows = [&](std::size_t count) {
    if (text.size() - at <= count) return false;
    for (std::size_t i = 1; i <= count; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return false;
    }
    return true;
  };
  const std::uint8_t first = byte(0);
  char32_t c = kReplacement;
  std::size_t length = 1;
  if (first < 0x80) {
    c = first;
  } else if (first >= 0xC2 && first < 0xE0 && follows(1)) {
    c = static_cast<char32_t>((first & 31) << 6 | (byte(1) & 63));
    length = 2;
  } else if ((first & 0xF0) == 0xE0 && follows(2)) {
    const auto wide =
        static_cast<char32_t>((first & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63));
    if (wide >= 0x800) c = wide, length = 3;
  } else if (first >= 0xF0 && first < 0xF5 && follows(3)) {
    const auto wide = static_cast<char32_t>((first & 7) << 18 | (byte(1) & 63) << 12 |
                                            (byte(2) & 63) << 6 | (byte(3) & 63));
    if (wide >= 0x10000 && wide < 0x110000) c = wide, length = 4;
  }
  at += length;
  return c;
}

/// Calls put(unit) for each UTF-16 unit of the text.
template <class Put>
void for_each_unit(std::string_view text, Put put) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    if (c < 0x10000) {
      put(static_cast<char16_t>(c));
    } else {
      put(static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10)));
      put(static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF)));
    }
  }
}

std::size_t unit_size(char16_t unit) { return unit != 0 && unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3; }

/// One UTF-16 unit as a JVM reads it (it accepts overlong forms); false if malformed.
bool read_unit(std::span<const std::uint8_t> in, std::size_t& at, char32_t& unit) {
  const std::uint8_t first = in[at];
  const auto follow = [&](std::size_t i) { return static_cast<char32_t>(in[at + i] & 63); };
  const auto follows = [&](std::size_t count) {
    if (in.size() - at <= count) return false;
    return (in[at + 1] & 0xC0) == 0x80 && (count < 2 || (in[at + 2] & 0xC0) == 0x80);
  };
  if (first < 0x80) {
    unit = first;
    at += 1;
  } else if ((first & 0xE0) == 0xC0 && follows(1)) {
    unit = static_cast<char32_t>(first & 31) << 6 | follow(1);
    at += 2;
  } else if ((first & 0xF0) == 0xE0 && follows(2)) {
    unit = static_cast<char32_t>(first & 15) << 12 | follow(1) << 6 | follow(2);
    at += 3;
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool decode_modified_utf8(std::span<const std::uint8_t> in, std::string& out) {
  const std::size_t plain = plain_prefix(in.data(), in.size());
  out.assign(reinterpret_cast<const char*>(in.data()), plain);
  char32_t high = 0;  // a high surrogate that waits for its low one
  for (std::size_t at = plain; at < in.size();) {
    char32_t unit = 0;
    if (!read_unit(in, at, unit)) return false;
    const bool is_low = unit >= 0xDC00 && unit < 0xE000;
    if (high != 0 && is_low) {
      append_utf8(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
      high = 0;
      continue;
    }
    if (high != 0) append_utf8(out, high);
    high = 0;
    if (unit >= 0xD800 && unit < 0xDC00) {
      high = unit;
    } else {
      append_utf8(out, unit);
    }
  }
  if (high != 0) append_utf8(out, high);
  return true;
}

std::size_t modified_utf8_size(std::string_view text) {
  std::size_t size = plain_prefix(text.data(), text.size());
  for_each_unit(text.substr(size), [&size](char16_t unit) { size += unit_size(unit); });
  return size;
}

void encode_modified_utf8(std::string_view text, std::vector<std::uint8_t>& out) {
  const std::size_t plain = plain_prefix(text.data(), text.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  out.insert(out.end(), bytes, bytes + plain);
  for_each_unit(text.substr(plain), [&out](char16_t unit) {
    switch (unit_size(unit)) {
      case 1:
        out.push_back(static_cast<std::uint8_t>(unit));
        break;
      case 2:
        out.push_back(static_cast<std::uint8_t>(0xC0 | unit >> 6));
        out.push_back(static_cast<std::uint8_t>(0x80 | (unit & 63)));
        break;
      default:
        out.push_back(static_cast<std::uint8_t>(0xE0 | unit >> 12));
        out.push_back(static_cast<std::uint8_t>(0x80 | (unit >> 6 & 63)));
        out.push_back(static_cast<std::uint8_t>(0x80 | (unit & 63)));
    }
  });
}

std::int32_t java_string_hash(std::string_view text) {
  std::uint32_t hash = 0;
  for_each_unit(text, [&hash](char16_t unit) { hash = hash * 31 + unit; });
  return static_cast<std::int32_t>(hash);
}

}  // namespace serval
