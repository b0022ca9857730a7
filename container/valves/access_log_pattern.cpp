#include "container/valves/access_log_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "container/base/log.h"
#include "container/valves/access_log_codes.h"

namespace serval::core {
namespace {

using Step = AccessLogPattern::Step;

constexpr std::string_view kCommon = R"(%h %l %u %t "%r" %s %b)";
constexpr std::string_view kCombined = R"(%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-Agent}i")";

void append_unit(std::string& line, unsigned unit) {
  fmt::format_to(std::back_inserter(line), "\\u{:04X}", unit);
}

void append_character(std::string& line, char32_t c) {
  static constexpr std::string_view kShort = "\"\\\f\n\r\t", kNames = "\"\\fnrt";
  if (const auto at = c < 0x80 ? kShort.find(static_cast<char>(c)) : std::string_view::npos;
      at != std::string_view::npos) {
    line.append({'\\', kNames[at]});
  } else if (c >= 0x20 && c < 0x7f) {
    line.push_back(static_cast<char>(c));
  } else if (c < 0x10000) {
    append_unit(line, static_cast<unsigned>(c));
  } else {
    append_unit(line, static_cast<unsigned>(0xD800 + ((c - 0x10000) >> 10)));
    append_unit(line, static_cast<unsigned>(0xDC00 + ((c - 0x10000) & 0x3FF)));
  }
}

/// Takes one character off the front; a byte that is no UTF-8 counts as itself.
char32_t take_utf8(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  char32_t c = length == 1 ? first : first & (0xFFU >> (length + 1));
  bool good = first < 0x80 || (first >= 0xC2 && first < 0xF5 && length <= text.size());
  for (std::size_t i = 1; good && i < length; ++i) {
    good = (byte(i) & 0xC0) == 0x80;
    c = (c << 6) | (byte(i) & 0x3FU);
  }
  text.remove_prefix(good ? length : 1);
  return good ? c : first;
}

}  // namespace

void append_escaped(std::string& line, std::string_view text, bool utf8) {
  if (text.empty()) {
    line.push_back('-');
    return;
  }
  while (!text.empty()) {
    if (utf8) {
      append_character(line, take_utf8(text));
    } else {
      append_character(line, static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    }
  }
}

AccessLogPattern::AccessLogPattern(std::string_view pattern) {
  if (pattern == "common") pattern = kCommon;
  if (pattern == "combined") pattern = kCombined;
  text_ = pattern;
  std::string text;
  const auto end_text = [&] {
    if (!text.empty()) steps_.push_back({&append_text, std::move(text), std::nullopt, false});
    text.clear();
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      text.push_back(pattern[i]);
      continue;
    }
    end_text();
    ++i;
    const std::size_t close = pattern[i] == '{' ? pattern.find('}', i) : std::string_view::npos;
    if (close == std::string_view::npos || close + 1 == pattern.size()) {
      add_code(pattern[i], std::nullopt);
    } else {
      add_code(pattern[close + 1], std::string(pattern.substr(i + 1, close - i - 1)));
      i = close + 1;
    }
  }
  end_text();
}

void AccessLogPattern::add_code(char code, std::optional<std::string> key) {
  if (key && code == 't') {
    steps_.push_back(time_step(*std::move(key)));
  } else if (const auto append = find_code(code, key ? &*key : nullptr)) {
    steps_.push_back({append, key.value_or(std::string()), std::nullopt, false});
  } else {
    std::string unknown = key ? "???" : fmt::format("???{}???", code);
    steps_.push_back({&append_text, std::move(unknown), std::nullopt, false});
  }
}

void AccessLogPattern::append_to(std::string& line, const AccessLogEntry& entry) const {
  for (const Step& step : steps_) step.append(step, entry, line);
}

Result<> parse_into(std::string_view text, std::optional<AccessLogPattern>& value) {
  value.emplace(text);
  return {};
}

BeanValue bean_value(const std::optional<AccessLogPattern>& value) {
  return value ? BeanValue(value->text()) : BeanValue();
}

}  // namespace serval::core
