// container/valves/access_log_pattern.h
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/bean_value.h"
#include "container/base/result.h"
#include "container/config/date_format.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {

/// What one line of an access log is about.
struct AccessLogEntry {
  Request& request;
  Response& response;
  std::int64_t elapsed_ns;
  std::int64_t end_ms;              // wall clock
  bool request_attributes = false;  // what RemoteIpValve says goes before what the connection says
};

/// The pattern of an AccessLogValve as a list of steps (container-behaviour 13). "common" and
/// "combined" are known by name. What is not known shows as "???Z???" or "???".
///
/// Threads: constant; append_to() from any.
/// Source: Tomcat AbstractAccessLogValve.
class AccessLogPattern {
 public:
  explicit AccessLogPattern(std::string_view pattern);
  /// The codes, also of a pattern that was known by name.
  const std::string& text() const { return text_; }
  /// Adds a line without its end.
  void append_to(std::string& line, const AccessLogEntry& entry) const;

  /// One step: fixed text, or a code with the key of its braces.
  struct Step {
    using Append = void (*)(const Step&, const AccessLogEntry&, std::string&);
    Append append;
    std::string text;
    std::optional<DateFormat> date;
    bool at_begin = false;  // of the request, not its end
  };

 private:
  void add_code(char code, std::optional<std::string> key);
  std::string text_;
  std::vector<Step> steps_;
};

/// As an attribute that has no value unless it is written.
Result<> parse_into(std::string_view text, std::optional<AccessLogPattern>& value);
BeanValue bean_value(const std::optional<AccessLogPattern>& value);

/// Text as it stands in the log: '"' and '\' with a backslash, control characters and what is not
/// ASCII as an escape. `utf8`: the text is; else each byte is one character, as in headers.
void append_escaped(std::string& line, std::string_view text, bool utf8 = false);

}  // namespace serval::core
