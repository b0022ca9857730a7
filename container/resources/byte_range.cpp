#include "container/resources/byte_range.h"

#include <charconv>
#include <limits>

#include "container/base/ascii.h"

namespace serval::core {
namespace {

constexpr std::size_t kMaxParts = 100;

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Digits only; what does not fit is as good as the largest number.
std::uint64_t number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return failed == std::errc() ? value : std::numeric_limits<std::uint64_t>::max();
}

std::optional<ByteRange> parse_part(std::string_view part, std::uint64_t length) {
  const std::size_t dash = part.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first = trim(part.substr(0, dash)), last = trim(part.substr(dash + 1));
  if (!is_digits(first) || !is_digits(last) || (first.empty() && last.empty())) return std::nullopt;
  ByteRange range;
  if (first.empty()) {
    const std::uint64_t suffix = number(last);
    if (suffix == 0) return std::nullopt;
    range = {suffix >= length ? 0 : length - suffix, length - 1};
  } else {
    range = {number(first), last.empty() ? length - 1 : std::min(number(last), length - 1)};
    if (!last.empty() && number(last) < range.first) return std::nullopt;
  }
  if (range.first >= length) return std::nullopt;
  return range;
}

}  // namespace

RangeRequest parse_range(std::string_view header, std::uint64_t length) {
  RangeRequest request;
  if (length == 0) return request;
  RangeRequest unsatisfiable{RangeRequest::Kind::kUnsatisfiable, {}};
  const std::size_t equals = header.find('=');
  if (equals == std::string_view::npos) return unsatisfiable;
  if (!same_ignoring_case(trim(header.substr(0, equals)), "bytes")) return request;
  std::string_view rest = header.substr(equals + 1);
  while (true) {
    const std::size_t comma = rest.find(',');
    const auto part = parse_part(trim(rest.substr(0, comma)), length);
    if (!part) return unsatisfiable;
    request.parts.push_back(*part);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
    if (request.parts.size() == kMaxParts) return {};
  }
  request.kind = RangeRequest::Kind::kParts;
  return request;
}

}  // namespace serval::core
