#include "container/config/date_format.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace serval {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
constexpr std::string_view kLetters = "yMdDEaHkKhmsSzZX";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void pad(std::string& out, long value, std::size_t width) {
  fmt::format_to(std::back_inserter(out), "{:0{}}", value, width);
}

void name(std::string& out, std::string_view full, std::size_t count) {
  out += count >= 4 ? full : full.substr(0, 3);
}

/// "+0100", "+01:00" or "+01"; X writes "Z" for UTC.
void zone(std::string& out, long seconds, char letter, std::size_t count) {
  if (letter == 'X' && seconds == 0) {
    out += 'Z';
    return;
  }
  const long minutes = std::labs(seconds) / 60;
  out += seconds < 0 ? '-' : '+';
  pad(out, minutes / 60, 2);
  if (letter == 'X' && count == 1) return;
  if (letter == 'X' && count == 3) out += ':';
  pad(out, minutes % 60, 2);
}

}  // namespace

Result<DateFormat> DateFormat::parse(std::string_view pattern) {
  DateFormat format;
  format.pattern_ = pattern;
  std::string text;
  const auto end_text = [&] {
    if (!text.empty()) format.fields_.push_back({0, 0, std::move(text)});
    text.clear();
  };
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {
      const std::size_t end = pattern.find('\'', i + 1);
      if (end == std::string_view::npos)
        return Error{Errc::kInvalidArgument,
                     fmt::format("date pattern [{}]: a quote is not closed", pattern)};
      text += end == i + 1 ? std::string_view("'") : pattern.substr(i + 1, end - i - 1);
      i = end + 1;
    } else if (is_letter(c)) {
      if (kLetters.find(c) == std::string_view::npos)
        return Error{Errc::kInvalidArgument,
                     fmt::format("date pattern [{}]: letter '{}' has no meaning", pattern, c)};
      end_text();
      std::size_t count = 1;
      while (i + count < pattern.size() && pattern[i + count] == c) ++count;
      format.fields_.push_back({c, std::min<std::size_t>(count, 20), {}});
      i += count;
    } else {
      text += c;
      ++i;
    }
  }
  end_text();
  return format;
}

Result<> parse_into(std::string_view text, DateFormat& value) {
  auto parsed = DateFormat::parse(text);
  if (!parsed) return std::move(parsed).error();
  value = *std::move(parsed);
  return {};
}

std::string DateFormat::format(std::chrono::system_clock::time_point time) const {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole).count();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::string out;
  for (const Field& field : fields_) append(field, local, millis, out);
  return out;
}

void DateFormat::append(const Field& field, const std::tm& local, long millis, std::string& out) {
  const std::size_t count = field.count;
  const int half = local.tm_hour % 12;
  switch (field.letter) {
    case 0:
      out += field.text;
      return;
    case 'y':
      return pad(out, count == 2 ? local.tm_year % 100 : local.tm_year + 1900, count);
    case 'M':
      if (count < 3) return pad(out, local.tm_mon + 1, count);
      return name(out, kMonths[static_cast<std::size_t>(local.tm_mon)], count);
    case 'd':
      return pad(out, local.tm_mday, count);
    case 'D':
      return pad(out, local.tm_yday + 1, count);
    case 'E':
      return name(out, kDays[static_cast<std::size_t>(local.tm_wday)], count);
    case 'a':
      out += local.tm_hour < 12 ? "AM" : "PM";
      return;
    case 'H':
      return pad(out, local.tm_hour, count);
    case 'k':
      return pad(out, local.tm_hour == 0 ? 24 : local.tm_hour, count);
    case 'K':
      return pad(out, half, count);
    case 'h':
      return pad(out, half == 0 ? 12 : half, count);
    case 'm':
      return pad(out, local.tm_min, count);
    case 's':
      return pad(out, local.tm_sec, count);
    case 'S':
      return pad(out, millis, count);
    case 'z':
      out += local.tm_zone;
      return;
    default:
      return zone(out, local.tm_gmtoff, field.letter, count);
  }
}

}  // namespace serval
