#include "container/config/log_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "container/base/attribute.h"
#include "container/config/date_format.h"
#include "container/config/text_file.h"

namespace serval {
namespace {

struct JavaLevel {
  std::string_view name;
  Level level;
  int number;  // the lowest of Java's numbers that mean this level
};
constexpr std::array kLevels{
    JavaLevel{"OFF", Level::kOff, 1001},
    JavaLevel{"SEVERE", Level::kSevere, 901},
    JavaLevel{"WARNING", Level::kWarning, 801},
    JavaLevel{"INFO", Level::kInfo, 701},
    JavaLevel{"CONFIG", Level::kConfig, 501},
    JavaLevel{"FINE", Level::kFine, 401},
    JavaLevel{"FINER", Level::kFiner, 301},
    JavaLevel{"FINEST", Level::kFinest, 1},
    JavaLevel{"ALL", Level::kAll, -2147483647 - 1},
};

constexpr std::string_view kIsoTime = "yyyy-MM-dd'T'HH:mm:ss.SSSX";

void append_json(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
        else
          out += c;
    }
  }
}

Result<LogFormatter> one_line_formatter(std::string_view time_format) {
  if (time_format.empty())
    return LogFormatter([](const LogRecord& record, std::string& out) {
      out += one_line(record);
      out += '\n';
    });
  auto time = DateFormat::parse(time_format);
  if (!time) return time.error();
  return LogFormatter([time = *time](const LogRecord& r, std::string& out) {
    fmt::format_to(std::back_inserter(out), "{} {} [{}] {} {}\n", time.format(r.time),
                   level_name(r.level), r.thread, r.logger, r.message);
  });
}

Result<LogFormatter> json_formatter(std::string_view time_format) {
  auto time = DateFormat::parse(time_format.empty() ? kIsoTime : time_format);
  if (!time) return time.error();
  return LogFormatter([time = *time](const LogRecord& r, std::string& out) {
    const std::array<std::pair<std::string_view, std::string>, 5> fields{
        {{"time", time.format(r.time)},
         {"level", std::string(level_name(r.level))},
         {"thread", std::string(r.thread)},
         {"class", std::string(r.logger)},
         {"message", std::string(r.message)}}};
    std::string_view before = "{";
    for (const auto& [name, value] : fields) {
      fmt::format_to(std::back_inserter(out), "{}\"{}\": \"", before, name);
      append_json(value, out);
      out += '"';
      before = ", ";
    }
    out += "}\n";
  });
}

/// Two lines: when and who, then level and message.
void simple_format(const LogRecord& r, std::string& out) {
  static const DateFormat kTime = DateFormat::parse("MMM dd, yyyy h:mm:ss a").value();
  fmt::format_to(std::back_inserter(out), "{} {}\n{}: {}\n", kTime.format(r.time), r.logger,
                 level_name(r.level), r.message);
}

void verbatim_format(const LogRecord& r, std::string& out) {
  out += r.message;
  out += '\n';
}

}  // namespace

Result<LogFormatter> log_formatter(std::string_view java_class, std::string_view time_format) {
  if (java_class == "org.apache.juli.OneLineFormatter") return one_line_formatter(time_format);
  if (java_class == "org.apache.juli.JsonFormatter") return json_formatter(time_format);
  if (java_class == "org.apache.juli.VerbatimFormatter") return LogFormatter(verbatim_format);
  if (java_class == "java.util.logging.SimpleFormatter") return LogFormatter(simple_format);
  return Error{Errc::kNotFound, fmt::format("unknown formatter '{}'", java_class)};
}

std::string_view level_name(Level level) {
  return std::ranges::find(kLevels, level, &JavaLevel::level)->name;
}

Result<Level> parse_level(std::string_view text) {
  text = trimmed(text);
  const auto named = std::ranges::find(kLevels, text, &JavaLevel::name);
  if (named != kLevels.end()) return named->level;
  int number = 0;
  if (!parse_into(text, number))
    return Error{Errc::kInvalidArgument,
                 fmt::format("[{}] is none of OFF, SEVERE, WARNING, INFO, CONFIG, FINE, FINER, "
                             "FINEST, ALL",
                             text)};
  return std::ranges::find_if(kLevels, [&](const JavaLevel& l) { return number >= l.number; })
      ->level;
}

}  // namespace serval
