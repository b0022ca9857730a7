// container/valves/access_log_codes.h
#pragma once
#include <string>
#include <string_view>

#include "container/valves/access_log_pattern.h"

namespace serval::core {

/// The step of fixed text.
void append_text(const AccessLogPattern::Step& step, const AccessLogEntry& entry,
                 std::string& line);

/// What a code of the pattern does, `key` being the text in its braces; null if it is not known.
AccessLogPattern::Step::Append find_code(char code, const std::string* key);

/// %{format}t: a date pattern, or sec, msec, msec_frac, after "begin:" or "end:".
AccessLogPattern::Step time_step(const std::string& format);

}  // namespace serval::core
