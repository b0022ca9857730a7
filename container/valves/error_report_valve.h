// container/valves/error_report_valve.h
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>

#include "container/base/attribute.h"
#include "container/base/live_options.h"
#include "container/core/valve.h"
#include "container/core/valve_bean.h"

namespace serval::core {

/// Writes the page of an error that the application left without one (container-behaviour 6), or
/// sends a file given by errorCode.nnn. An error after the head was sent ends the connection.
///
/// Source: Tomcat org.apache.catalina.valves.ErrorReportValve.
class ErrorReportValve final : public Valve {
 public:
  struct Options {
    bool show_report = true, show_server_info = true;
    std::map<int, std::string> pages;  // errorCode.nnn -> file; 0: any status
    std::map<std::string, std::string, std::less<>> exception_pages;  // exceptionType.<class>
  };
  static std::span<const Attribute<Options>> attributes();
  /// With errorCode.nnn and exceptionType.<class>, which are names without end.
  static Options read(const Element& element, Diagnostics& diagnostics);

  explicit ErrorReportValve(Options options) : options_(std::move(options)) {}
  void invoke(Request& request, Response& response, Next next) override;
  std::string_view name() const override { return "ErrorReportValve"; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  static void add_figures(BeanTable<ErrorReportValve>& table) { show_async_supported(table); }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.valves.ErrorReportValve", std::move(resource));
  }

 private:
  bool send_page(const Request& request, Response& response) const;
  LiveOptions<Options> options_;
};

}  // namespace serval::core
