#include "container/session/java_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <type_traits>

namespace serval::core {

namespace {
constexpr int kMaxDepth = 16;

std::string utf8(char16_t c) {
  std::string text;
  if (c < 0x80) return std::string(1, static_cast<char>(c));
  if (c < 0x800) {
    text += static_cast<char>(0xC0 | (c >> 6));
  } else {
    text += static_cast<char>(0xE0 | (c >> 12));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
  }
  return text + static_cast<char>(0x80 | (c & 0x3F));
}

std::string text_of(const Value& value, int depth) {
  if (depth > kMaxDepth) return "...";
  const auto one = [&](const auto& content) -> std::string {
    using T = std::decay_t<decltype(content)>;
    if constexpr (std::is_same_v<T, std::monostate>) return "null";
    if constexpr (std::is_same_v<T, bool>) return content ? "true" : "false";
    if constexpr (std::is_same_v<T, std::string>) return content;
    if constexpr (std::is_same_v<T, Date>) return java_date_text(content.ms);
    if constexpr (std::is_same_v<T, JavaEnum>) return content.constant;
    if constexpr (std::is_same_v<T, char16_t>) {
      return utf8(content);
    } else if constexpr (std::is_integral_v<T>) {
      return std::to_string(content);
    } else if constexpr (std::is_floating_point_v<T>) {
      return java_text(static_cast<double>(content));
    } else if constexpr (std::is_same_v<T, std::shared_ptr<JavaList>>) {
      std::string text;
      for (const auto& item : content->items) {
        text += (text.empty() ? "" : ", ") + text_of(item, depth + 1);
      }
      return "[" + text + "]";
    } else if constexpr (std::is_same_v<T, std::shared_ptr<JavaMap>>) {
      std::string text;
      for (const auto& [key, mapped] : content->entries) {
        text +=
            (text.empty() ? "" : ", ") + text_of(key, depth + 1) + "=" + text_of(mapped, depth + 1);
      }
      return "{" + text + "}";
    } else {
      return value.class_name();
    }
  };
  return std::visit(one, value.variant());
}
}  // namespace

std::string java_text(const Value& value) { return text_of(value, 0); }

std::string java_text(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_not_of("-0123456789") == text.npos) text += ".0";
  return text;
}

std::string java_date_text(std::int64_t ms) {
  return fmt::format("{:%a %b %d %H:%M:%S %Z %Y}",
                     fmt::localtime(static_cast<std::time_t>(ms / 1000)));
}

}  // namespace serval::core
