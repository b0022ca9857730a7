#include "container/valves/access_log_valve.h"

#include <fmt/format.h>

#include <array>

#include "container/base/ascii.h"
#include "container/base/optional_text.h"
#include "container/core/container.h"
#include "container/core/request.h"

namespace serval::core {
namespace {

using Options = AccessLogValve::Options;

/// A line has only ASCII characters: they are the same bytes in all other encodings.
Result<> set_encoding(Options& options, std::string_view text) {
  for (const std::string_view wide : {"UTF-16", "UTF-32"}) {
    if (same_ignoring_case(text.substr(0, wide.size()), wide)) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("access logs are not written in [{}], only in encodings that "
                               "contain ASCII",
                               text)};
    }
  }
  options.encoding.emplace(text);
  return {};
}

Result<> set_locale(Options& options, std::string_view text) {
  if (text != "en" && !text.starts_with("en_")) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("dates are written in English, not for the locale [{}]", text)};
  }
  options.locale = text;
  return {};
}

}  // namespace

std::span<const Attribute<Options>> AccessLogValve::attributes() {
  static const auto table = [] {
    auto encoding =
        optional_text("encoding", &Options::encoding, "character set; the lines are ASCII");
    encoding.set = &set_encoding;
    auto locale = attribute("locale", &Options::locale, "language of dates, an English one");
    locale.set = &set_locale;
    return std::array{
        attribute<Options>("directory", &Options::directory,
                           "folder of the files, below catalina.base"),
        attribute<Options>("prefix", &Options::prefix, "start of the file name"),
        attribute<Options>("suffix", &Options::suffix, "end of the file name"),
        attribute<Options>("fileDateFormat", &Options::file_date_format,
                           "date in the file name; a new file when it changes"),
        attribute("pattern", &Options::pattern, "codes of a line, or common, or combined"),
        attribute<Options>("rotatable", &Options::rotatable,
                           "whether the date is part of the name"),
        attribute<Options>("renameOnRotate", &Options::rename_on_rotate,
                           "the date comes in at rotation"),
        hidden(attribute<Options>("maxDays", &Options::max_days,
                                  "days after which files are deleted, -1 never")),
        attribute<Options>("buffered", &Options::buffered,
                           "lines are written together, at background ticks"),
        attribute<Options>("checkExists", &Options::check_exists,
                           "make the file again if somebody deletes it"),
        attribute("enabled", &Options::enabled, "false: no lines"),
        optional_text("condition", &Options::condition_unless, "old name of conditionUnless"),
        optional_text("conditionUnless", &Options::condition_unless,
                      "request attribute that keeps a request out of the log"),
        optional_text("conditionIf", &Options::condition_if,
                      "request attribute without which a request stays out of the log"),
        hidden(attribute("requestAttributesEnabled", &Options::request_attributes_enabled,
                         "use what RemoteIpValve says about the client")),
        std::move(encoding),
        std::move(locale),
    };
  }();
  return table;
}

AccessLogValve::AccessLogValve(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

void AccessLogValve::add_figures(BeanTable<AccessLogValve>& table) {
  show_async_supported(table);
  table.run("rotate", [](AccessLogValve& valve) { valve.file_->rotate(valve.clock_.wall_ms()); });
  table.operations.push_back(
      {"rotate", 1, [](AccessLogValve& valve, Bean::Arguments name) -> Result<BeanValue> {
         return BeanValue(valve.file_->rename_to(name[0], valve.clock_.wall_ms()));
       }});
}

Result<> AccessLogValve::start() {
  file_ = std::make_unique<AccessLogFile>(
      container_->catalina_base(), [this]() -> const AccessLogFile::Options& { return *options_; });
  return {};
}

void AccessLogValve::stop() {
  if (file_) file_->close();
}

void AccessLogValve::background_process() {
  if (!file_) return;
  file_->flush();
  file_->remove_old(clock_.wall_ms());
}

void AccessLogValve::log(Request& request, Response& response, std::int64_t elapsed_ns) {
  static const AccessLogPattern kCommon("common");
  const Options& options = *options_;
  if (!options.enabled || !file_) return;
  const auto has = [&](const std::string& name) { return !request.attribute(name).is_null(); };
  if (options.condition_unless && has(*options.condition_unless)) return;
  if (options.condition_if && !has(*options.condition_if)) return;
  static thread_local std::string line;
  line.clear();
  const std::int64_t end_ms = request.start_ms + elapsed_ns / 1000000;
  const AccessLogPattern& pattern = options.pattern ? *options.pattern : kCommon;
  pattern.append_to(line,
                    {request, response, elapsed_ns, end_ms, options.request_attributes_enabled});
  file_->append(line, end_ms);
}

}  // namespace serval::core
