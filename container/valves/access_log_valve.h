// container/valves/access_log_valve.h
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "container/base/attribute.h"
#include "container/base/clock.h"
#include "container/base/live_options.h"
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
  struct Options : AccessLogFile::Options {
    std::optional<AccessLogPattern> pattern;  // without: common
    std::optional<std::string> condition_unless, condition_if, encoding;
    std::string locale = "en";
    bool enabled = true, request_attributes_enabled = false;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit AccessLogValve(Options options, const Clock& clock = system_clock());

  void invoke(Request& request, Response& response, Next next) override { next(request, response); }
  Result<> start() override;
  void stop() override;
  void background_process() override;
  AccessLog* access_log() override { return this; }
  std::string_view name() const override { return "AccessLogValve"; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  static void add_figures(BeanTable<AccessLogValve>& table);
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.valves.AccessLogValve", std::move(resource));
  }

  void log(Request& request, Response& response, std::int64_t elapsed_ns) override;

 private:
  LiveOptions<Options> options_;
  const Clock& clock_;
  std::unique_ptr<AccessLogFile> file_;  // since start()
};

}  // namespace serval::core
