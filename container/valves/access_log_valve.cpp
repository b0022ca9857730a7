#include "container/valves/access_log_valve.h"

#include <array>

#include "container/core/container.h"
#include "container/core/request.h"

namespace serval::core {
namespace {

using Options = AccessLogValve::Options;

Result<> set_date_format(Options& options, std::string_view text) {
  if (auto format = DateFormat::parse(text); !format) return format.error();
  options.file_date_format = text;
  return {};
}

}  // namespace

std::span<const Attribute<Options>> AccessLogValve::attributes() {
  static const std::array table{
      attribute("directory", &Options::directory, "folder of the files, below catalina.base"),
      attribute("prefix", &Options::prefix, "start of the file name"),
      attribute("suffix", &Options::suffix, "end of the file name"),
      Attribute<Options>{"fileDateFormat", "date in the file name; a new file when it changes",
                         &set_date_format},
      attribute("pattern", &Options::pattern, "codes of a line, or common, or combined"),
      attribute("rotatable", &Options::rotatable, "whether the date is part of the name"),
      attribute("renameOnRotate", &Options::rename_on_rotate, "the date comes in at rotation"),
      attribute("maxDays", &Options::max_days, "days after which files are deleted, -1 never"),
      attribute("buffered", &Options::buffered, "lines are written together, at background ticks"),
      attribute("checkExists", &Options::check_exists,
                "make the file again if somebody deletes it"),
      attribute("enabled", &Options::enabled, "false: no lines"),
      attribute("condition", &Options::condition_unless, "old name of conditionUnless"),
      attribute("conditionUnless", &Options::condition_unless,
                "request attribute that keeps a request out of the log"),
      attribute("conditionIf", &Options::condition_if,
                "request attribute without which a request stays out of the log"),
      attribute("requestAttributesEnabled", &Options::request_attributes_enabled,
                "use what RemoteIpValve says about the client"),
  };
  return table;
}

AccessLogValve::AccessLogValve(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), pattern_(options_.pattern) {}

Result<> AccessLogValve::start() {
  auto format = DateFormat::parse(options_.file_date_format);
  if (!format) return format.error();
  AccessLogFile::Options file{.directory = container_->catalina_base() / options_.directory,
                              .prefix = options_.prefix,
                              .suffix = options_.suffix,
                              .rotatable = options_.rotatable,
                              .rename_on_rotate = options_.rename_on_rotate,
                              .buffered = options_.buffered,
                              .check_exists = options_.check_exists,
                              .max_days = options_.max_days};
  file_ = std::make_unique<AccessLogFile>(std::move(file), *std::move(format));
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
  if (!options_.enabled || !file_) return;
  if (!options_.condition_unless.empty() &&
      !request.attribute(options_.condition_unless).is_null()) {
    return;
  }
  if (!options_.condition_if.empty() && request.attribute(options_.condition_if).is_null()) return;
  static thread_local std::string line;
  line.clear();
  const std::int64_t end_ms = request.start_ms + elapsed_ns / 1000000;
  pattern_.append_to(line,
                     {request, response, elapsed_ns, end_ms, options_.request_attributes_enabled});
  file_->append(line, end_ms);
}

}  // namespace serval::core
