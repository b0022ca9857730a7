// container/config/date_format.h
#pragma once
#include <chrono>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/bean_value.h"
#include "container/base/result.h"

namespace serval {

/// A date pattern of java.text.SimpleDateFormat ("dd-MMM-yyyy HH:mm:ss.SSS"): letters y M d D E a H
/// k K h m s S z Z X, text in single quotes, everything else as it stands. English names, local
/// time.
///
/// Errors: kInvalidArgument for another letter or an open quote.
/// Threads: any; never changes.
/// Source: the pattern language of java.text.SimpleDateFormat.
class DateFormat {
 public:
  static Result<DateFormat> parse(std::string_view pattern);

  std::string format(std::chrono::system_clock::time_point time) const;
  const std::string& pattern() const { return pattern_; }

 private:
  struct Field {
    char letter;        // 0 for text
    std::size_t count;  // of letters
    std::string text;
  };
  DateFormat() = default;
  static void append(const Field& field, const std::tm& local, long millis, std::string& out);
  std::string pattern_;
  std::vector<Field> fields_;
};

/// As an attribute: its pattern.
Result<> parse_into(std::string_view text, DateFormat& value);
inline BeanValue bean_value(const DateFormat& value) { return value.pattern(); }

}  // namespace serval
