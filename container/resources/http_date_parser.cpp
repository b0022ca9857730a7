#include "container/resources/http_date_parser.h"

#include <ctime>
#include <string>

namespace serval::core {

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  const std::string copy(text);
  for (const char* const form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* const end = ::strptime(copy.c_str(), form, &parts);
    if (end && *end == '\0') return static_cast<std::int64_t>(::timegm(&parts)) * 1000;
  }
  return std::nullopt;
}

}  // namespace serval::core
