// container/config/log_format.h
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "container/base/log.h"
#include "container/base/result.h"

namespace serval {

/// Appends a record to a text, line end included.
///
/// Threads: any; keeps no state.
using LogFormatter = std::function<void(const LogRecord&, std::string&)>;

/// The formatter of a Java class: OneLineFormatter, VerbatimFormatter and JsonFormatter of
/// org.apache.juli, java.util.logging.SimpleFormatter. `time_format` is a SimpleDateFormat pattern
/// for the two with a time stamp of their own; empty: their default.
///
/// Errors: kNotFound for another class, kInvalidArgument for a pattern.
Result<LogFormatter> log_formatter(std::string_view java_class, std::string_view time_format);

/// "SEVERE" for Level::kSevere, as Java names them.
std::string_view level_name(Level level);
/// The level of a name or of one of Java's numbers (800 is INFO).
///
/// Errors: kInvalidArgument.
Result<Level> parse_level(std::string_view text);

}  // namespace serval
