// container/config/juli_config.h
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/log.h"
#include "container/config/java_properties.h"
#include "container/config/log_file.h"
#include "container/config/log_format.h"
#include "container/config/properties.h"

namespace serval {

/// What a logging.properties says.
struct JuliConfig {
  struct Handler {
    std::string
        name;  // as the file names it, with its prefix: "1catalina.org.apache.juli.FileHandler"
    bool is_console = false;
    Level level = Level::kAll;
    LogFormatter formatter;
    RotatingFileSink::Options file;  // unless is_console
  };
  struct Logger {
    std::optional<Level> level;
    std::optional<std::vector<std::size_t>> handlers;  // into `handlers`
    bool use_parent_handlers = false;                  // beside its own
  };
  /// What happens to a record when the queue is full (org.apache.juli.AsyncOverflowDropType).
  enum class Overflow { kDropLast = 1, kDropFirst = 2, kWait = 3, kDropCurrent = 4 };

  std::vector<Handler> handlers;
  std::map<std::string, Logger, std::less<>> loggers;  // "" is the root
  Overflow overflow = Overflow::kDropLast;
  std::size_t max_records = 10'000;  // org.apache.juli.AsyncMaxRecordCount
};

/// Reads the settings with JULI's rules (container-behaviour 11). What cannot be used (unknown
/// classes, levels, handlers) goes to `warnings`, as "file: key: what", and is left out; the rest
/// works.
JuliConfig read_juli_config(const JavaProperties& settings, std::string_view file_name,
                            const Properties& properties, std::vector<std::string>& warnings);

}  // namespace serval
