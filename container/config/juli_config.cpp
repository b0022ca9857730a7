#include "container/config/juli_config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "container/base/attribute.h"
#include "container/base/diagnostics.h"
#include "container/config/text_file.h"

namespace serval {
namespace {

constexpr std::string_view kOneLine = "org.apache.juli.OneLineFormatter";
constexpr std::string_view kConsole = "java.util.logging.ConsoleHandler";
constexpr std::array<std::string_view, 10> kHandlerKeys{
    "level",   "directory",  "prefix",   "suffix", "rotatable",
    "maxDays", "bufferSize", "encoding", "filter", "formatter"};

/// Nothing but the environment: JULI looks there after the properties.
Properties environment() {
  Properties all;
  for (char** entry = ::environ; entry && *entry; ++entry)
    all.set_from_argument(fmt::format("-D{}", *entry));
  return all;
}

std::vector<std::string_view> words(std::string_view list) {
  std::vector<std::string_view> all;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view word = trimmed(list.substr(0, comma));
    if (!word.empty()) all.push_back(word);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return all;
}

class Reader {
 public:
  Reader(const JavaProperties& settings, std::string_view file_name, const Properties& properties,
         std::vector<std::string>& warnings)
      : file_name_(file_name), properties_(properties), warnings_(warnings) {
    const Properties from_environment = environment();
    for (const auto& [key, value] : settings)
      values_.insert_or_assign(
          key, replace_properties(replace_properties(value, properties), from_environment));
  }

  JuliConfig read() {
    for (const std::string_view name : words(value_or("handlers", ""))) handler(name);
    for (const auto& [key, value] : values_) {
      if (!logger(key, value)) check_key(key);
    }
    auto& root = config_.loggers[""];
    if (!root.handlers) {
      root.handlers.emplace();
      for (std::size_t i = 0; i < config_.handlers.size(); ++i) root.handlers->push_back(i);
    }
    overflow();
    return std::move(config_);
  }

 private:
  void warn(std::string_view key, std::string_view what) {
    warnings_.push_back(fmt::format("{}: {}: {}", file_name_, key, what));
  }
  std::string_view value_or(std::string_view key, std::string_view otherwise) const {
    const auto it = values_.find(key);
    return it == values_.end() ? otherwise : trimmed(it->second);
  }
  std::optional<Level> level(std::string_view key) {
    const std::string_view text = value_or(key, "");
    if (text.empty()) return std::nullopt;
    auto parsed = parse_level(text);
    if (parsed) return *parsed;
    warn(key, parsed.error().message);
    return std::nullopt;
  }

  std::optional<std::size_t> index_of(std::string_view handler_name) const {
    const auto it = std::ranges::find(config_.handlers, handler_name, &JuliConfig::Handler::name);
    if (it == config_.handlers.end()) return std::nullopt;
    return static_cast<std::size_t>(it - config_.handlers.begin());
  }

  void handler(std::string_view name) {
    if (index_of(name)) return;
    // "1catalina.org.apache.juli.FileHandler": a prefix begins with a digit and ends with a dot.
    std::string_view java_class = name;
    if (name.front() >= '0' && name.front() <= '9') {
      const std::size_t dot = name.find('.');
      if (dot != std::string_view::npos) java_class.remove_prefix(dot + 1);
    }
    JuliConfig::Handler h;
    h.name = name;
    h.is_console = java_class == kConsole;
    const bool is_file = java_class == "org.apache.juli.FileHandler" ||
                         java_class == "org.apache.juli.AsyncFileHandler";
    if (!h.is_console && !is_file) {
      unusable_.emplace_back(name);
      return warn("handlers",
                  fmt::format("unknown handler class '{}', the handler is left out", java_class));
    }
    const auto key = [&](std::string_view option) { return fmt::format("{}.{}", name, option); };
    h.level = level(key("level")).value_or(h.is_console ? Level::kInfo : Level::kAll);
    h.formatter =
        formatter(key("formatter"), h.is_console ? "java.util.logging.SimpleFormatter" : kOneLine);
    if (values_.contains(key("filter"))) warn(key("filter"), "filters are Java classes, left out");
    const std::string_view encoding = value_or(key("encoding"), "UTF-8");
    if (encoding != "UTF-8" && encoding != "utf-8" && encoding != "US-ASCII")
      warn(key("encoding"), "log files are written in UTF-8");
    if (is_file) {
      h.file.directory = properties_.in_base(value_or(key("directory"), "logs"));
      h.file.prefix = value_or(key("prefix"), "juli.");
      h.file.suffix = value_or(key("suffix"), ".log");
      h.file.rotatable = true;
      if (values_.contains(key("rotatable")))
        (void)parse_into(value_or(key("rotatable"), ""), h.file.rotatable);  // never fails for bool
      // "catalina." and ".log" without a date between them are "catalina.log".
      if (!h.file.rotatable && !h.file.suffix.empty() && h.file.prefix.ends_with(h.file.suffix[0]))
        h.file.suffix.erase(0, 1);
      number(key("maxDays"), h.file.max_days);
    }
    config_.handlers.push_back(std::move(h));
  }

  template <class T>
  void number(std::string_view key, T& value) {
    if (!values_.contains(key)) return;
    if (auto parsed = parse_into(value_or(key, ""), value); !parsed)
      warn(key, fmt::format("[{}]: {}", value_or(key, ""), parsed.error().message));
  }

  LogFormatter formatter(std::string_view key, std::string_view otherwise) {
    const std::string_view java_class = value_or(key, otherwise);
    const std::string_view pattern = value_or(fmt::format("{}.timeFormat", java_class), "");
    auto made = log_formatter(java_class, pattern);
    if (made) return *std::move(made);
    warn(key, made.error().message);
    return log_formatter(kOneLine, "").value();
  }

  /// Settings of a logger. False if the key is of another kind.
  bool logger(std::string_view key, std::string_view value) {
    const auto name_before = [&](std::string_view end) -> std::optional<std::string> {
      if (!key.ends_with(end)) return std::nullopt;
      const std::string_view name = key.substr(0, key.size() - end.size());
      if (index_of(name) || std::ranges::find(unusable_, name) != unusable_.end())
        return std::nullopt;
      return std::string(name);
    };
    if (const auto name = name_before(".level")) {
      config_.loggers[*name].level = level(key);
    } else if (const auto listed = name_before(".handlers")) {
      auto& own = config_.loggers[*listed].handlers.emplace();
      for (const std::string_view handler_name : words(value)) {
        if (const auto index = index_of(handler_name))
          own.push_back(*index);
        else if (std::ranges::find(unusable_, handler_name) == unusable_.end())
          warn(key, fmt::format("'{}' is not in the list 'handlers'", handler_name));
      }
    } else if (const auto parent = name_before(".useParentHandlers")) {
      (void)parse_into(trimmed(value),
                       config_.loggers[*parent].use_parent_handlers);  // never fails for bool
    } else {
      return false;
    }
    return true;
  }

  /// A misspelt option of a handler is never used; say so.
  void check_key(std::string_view key) {
    for (const auto& h : config_.handlers) {
      if (!key.starts_with(h.name) || key.substr(h.name.size()).find('.') != 0) continue;
      const std::string_view option = key.substr(h.name.size() + 1);
      if (std::ranges::find(kHandlerKeys, option) == kHandlerKeys.end())
        warn(key, fmt::format("unknown option '{}'{}", option, did_you_mean(option, kHandlerKeys)));
    }
  }

  void overflow() {
    const auto property = [&](std::string_view name, auto& value) {
      const std::string* text = properties_.find(name);
      if (!text) return;
      if (auto parsed = parse_into(*text, value); !parsed)
        warn(name, fmt::format("[{}]: {}", *text, parsed.error().message));
    };
    int type = static_cast<int>(config_.overflow);
    property("org.apache.juli.AsyncOverflowDropType", type);
    if (type >= 1 && type <= 4)
      config_.overflow = static_cast<JuliConfig::Overflow>(type);
    else
      warn("org.apache.juli.AsyncOverflowDropType", fmt::format("[{}] is none of 1 to 4", type));
    property("org.apache.juli.AsyncMaxRecordCount", config_.max_records);
    config_.max_records = std::max<std::size_t>(config_.max_records, 1);
  }

  const std::string_view file_name_;
  const Properties& properties_;
  std::vector<std::string>& warnings_;
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> unusable_;  // handlers that were left out
  JuliConfig config_;
};

}  // namespace

JuliConfig read_juli_config(const JavaProperties& settings, std::string_view file_name,
                            const Properties& properties, std::vector<std::string>& warnings) {
  return Reader(settings, file_name, properties, warnings).read();
}

}  // namespace serval
