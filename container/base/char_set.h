// container/base/char_set.h
#pragma once
#include <array>
#include <string_view>

namespace serval {

/// A set of characters, as a table.
class CharSet {
 public:
  constexpr CharSet() = default;
  constexpr explicit CharSet(std::string_view characters) { add(characters); }
  constexpr bool contains(char c) const { return in_[static_cast<unsigned char>(c)]; }
  constexpr CharSet& add(std::string_view characters) {
    for (const char c : characters) in_[static_cast<unsigned char>(c)] = true;
    return *this;
  }
  constexpr CharSet& add_range(unsigned char first, unsigned char last) {
    for (unsigned c = first; c <= last; ++c) in_[c] = true;
    return *this;
  }
  /// Length of the longest beginning of `text` made of these characters.
  constexpr std::size_t span(std::string_view text) const {
    std::size_t n = 0;
    while (n < text.size() && contains(text[n])) ++n;
    return n;
  }

 private:
  std::array<bool, 256> in_{};
};

inline constexpr CharSet kAlphaNumeric =
    CharSet().add_range('0', '9').add_range('A', 'Z').add_range('a', 'z');
/// RFC 7230 tchar: methods, header names, cookie names.
inline constexpr CharSet kToken = CharSet(kAlphaNumeric).add("!#$%&'*+-.^_`|~");

}  // namespace serval
