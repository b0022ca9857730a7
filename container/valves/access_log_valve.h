// container/valves/access_log_valve.h
#pragma once
#include <memory>
#include <span>
#include <string>

#include "container/base/attribute.h"
#include "container/base/clock.h"
#include "container/core/access_log.h"
#include "container/core/valve.h"
#include "container/core/valve_bean.h"
#include "container/valves/access_log_file.h"
#include "container/valves/access_log_pattern.h"

namespace serval::core {

/// Writes a line per request to a file (container-behaviour 13). The adapter asks for the line when
/// the request is over; in the pipeline this valve only passes on.
///
/// Source: Tomcat org.apache.catalina.valves.AccessLogValve.
class AccessLogValve final : public Valve, public AccessLog {
 public:
  struct Options {
    std::string directory = "logs", prefix = "access_log", suffix;
    std::string file_date_format = ".yyyy-MM-dd", pattern = "common";
    bool rotatable = true, rename_on_rotate = false, buffered = true, check_exists = false,
         enabled = true, request_attributes_enabled = false;
    int max_days = -1;
    std::string condition_unless, condition_if;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit AccessLogValve(Options options, const Clock& clock = system_clock());

  void invoke(Request& request, Response& response, Next next) override { next(request, response); }
  Result<> start() override;
  void stop() override;
  void background_process() override;
  AccessLog* access_log() override { return this; }
  std::string_view name() const override { return "AccessLogValve"; }
  const Options& options() const { return options_; }
  static void add_figures(BeanTable<AccessLogValve>& table) { show_async_supported(table); }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.valves.AccessLogValve", std::move(resource));
  }

  void log(Request& request, Response& response, std::int64_t elapsed_ns) override;

 private:
  const Options options_;
  const Clock& clock_;
  const AccessLogPattern pattern_;
  std::unique_ptr<AccessLogFile> file_;  // since start()
};

}  // namespace serval::core
