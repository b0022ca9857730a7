// container/base/uri.h
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "container/base/result.h"

namespace serval {

/// What happens to %2f or %5c in a path (Connector encodedSolidusHandling and
/// encodedReverseSolidusHandling).
enum class EncodedSlash { kReject, kDecode, kPassThrough };

struct PathRules {
  EncodedSlash solidus = EncodedSlash::kReject;
  EncodedSlash reverse_solidus = EncodedSlash::kDecode;
  bool allow_backslash = false;  // as a separator
  bool latin1 = false;           // URIEncoding ISO-8859-1: the result is UTF-8 all the same
};

struct DecodedPath {
  std::string_view path;                       // begins with '/'
  std::optional<std::string_view> session_id;  // of ;jsessionid=, raw
};

/// The path of a request as the mapper wants it: without ;parameters, %xx decoded, no "//", "/./",
/// "/../". The result points into `raw` when nothing changes, else into `scratch`.
///
/// Errors: kInvalidArgument with Tomcat's text ("Invalid URI", "Invalid URI: [reason]") for bad
/// escapes, refused slashes, NUL, a backslash, a path that does not begin with '/' or climbs above
/// the root.
/// Source: Tomcat CoyoteAdapter.postParseRequest, UDecoder.
Result<DecodedPath> decode_path(std::string_view raw, const PathRules& rules, std::string& scratch);

/// %xx decoded, and '+' as a blank if `form`. Nothing if an escape is broken.
std::optional<std::string> percent_decode(std::string_view text, bool form = false);

/// Value of a hexadecimal digit, -1 for other characters.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace serval
