// container/connector/http_chars.h
#pragma once
#include "container/base/char_set.h"

namespace serval::connector {

/// RFC 3986 path (pchar and '/') and query, with '%'; the escapes are checked when decoded.
inline constexpr CharSet kPath = CharSet(kAlphaNumeric).add("-._~!$&'()*+,;=:@/%");
inline constexpr CharSet kQuery = CharSet(kPath).add("?");
/// What a header value may hold: no control characters but the tab; bytes above 127 pass.
inline constexpr CharSet kValue = CharSet().add("\t").add_range(32, 126).add_range(128, 255);
inline constexpr CharSet kProtocol = CharSet("HTTP/.").add_range('0', '9');

}  // namespace serval::connector
