#include "cluster/tribes/option.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "container/base/attribute.h"

namespace serval::tribes {
namespace {

struct Name {
  std::string_view text;
  Options value;
};
/// From the highest bit down; the first name of a value is the one that is printed.
constexpr std::array kNames{
    Name{"multicast", option::kMulticast},
    Name{"udp", option::kUdp},
    Name{"secure", option::kSecure},
    Name{"async", option::kAsynchronous},
    Name{"asynchronous", option::kAsynchronous},
    Name{"sync", option::kSynchronizedAck},
    Name{"synchronized_ack", option::kSynchronizedAck},
    Name{"use_ack", option::kUseAck},
    Name{"byte", option::kByteMessage},
    Name{"byte_message", option::kByteMessage},
};

constexpr std::string_view kBlank = " \t\n\v\f\r";

/// White space around a comma goes, that at the ends of the whole text stays (and is an error).
std::string_view trim(std::string_view word, bool first, bool last) {
  if (!first) word.remove_prefix(std::min(word.find_first_not_of(kBlank), word.size()));
  if (!last) word.remove_suffix(word.size() - 1 - word.find_last_not_of(kBlank));
  return word;
}

Result<Options> value_of(std::string_view word) {
  for (const Name& name : kNames) {
    if (name.text == word) return name.value;
  }
  return Error{Errc::kInvalidArgument, fmt::format("[{}] is not a valid option", word)};
}

}  // namespace

Result<Options> parse_options(std::string_view text) {
  Options number = 0;
  if (serval::parse_into(text, number)) return number;
  // As Java's split: what stands after the last separator counts only if it is not empty.
  Options options = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const bool last = comma == text.size();
    const auto value = value_of(trim(text.substr(begin, comma - begin), begin == 0, last));
    if (!value) return value;
    options |= *value;
    begin = comma + 1;
  }
  return options;
}

std::string options_text(Options options) {
  std::string text;
  Options printed = 0;
  for (const Name& name : kNames) {
    if ((options & name.value) == 0 || (printed & name.value) != 0) continue;
    printed |= name.value;
    if (!text.empty()) text += ", ";
    text += name.text;
  }
  return text;
}

}  // namespace serval::tribes
