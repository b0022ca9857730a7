#include "container/base/attribute.h"

#include <fmt/format.h>

#include <cctype>

namespace serval {

Result<> parse_into(std::string_view text, bool& value) {
  constexpr std::string_view kTrue = "true";
  value = std::ranges::equal(
      text, kTrue, [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
  return {};
}

Result<> parse_into(std::string_view text, std::string& value) {
  value = text;
  return {};
}

Result<> parse_into(std::string_view text, std::int64_t& value) {
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  const char* end = digits.data() + digits.size();
  std::int64_t parsed = 0;
  const auto [stop, ec] = std::from_chars(digits.data(), end, parsed);
  if (ec != std::errc() || stop != end) return Error{Errc::kInvalidArgument, "not a whole number"};
  value = parsed;
  return {};
}

void report_property(Diagnostics& diagnostics, const Element& element,
                     const Element::Attribute& property, std::string_view reason) {
  const bool separate = !reason.empty() && !reason.starts_with(',');
  diagnostics.warning(
      element.origin,
      fmt::format("Match [{}] failed to set property [{}] to [{}]{}{}", element.path, property.name,
                  property.value, separate ? ": " : "", reason));
}

bool same_attribute(std::string_view a, std::string_view b) {
  if (a.ends_with('*')) {
    a.remove_suffix(1);
    b = b.substr(0, a.size());
  }
  if (a.empty() || a.size() != b.size()) return a == b;
  return std::tolower(static_cast<unsigned char>(a[0])) ==
             std::tolower(static_cast<unsigned char>(b[0])) &&
         a.substr(1) == b.substr(1);
}

}  // namespace serval
