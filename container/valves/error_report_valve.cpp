#include "container/valves/error_report_valve.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <filesystem>

#include "container/base/log.h"
#include "container/core/container.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/core/server.h"
#include "container/valves/html_escape.h"
#include "container/valves/status_text.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.valves.ErrorReportValve"};
constexpr std::string_view kClass = "org.apache.catalina.valves.ErrorReportValve";
constexpr std::string_view kCodePrefix = "errorCode.", kTypePrefix = "exceptionType.";
constexpr std::string_view kStyle =
    "body{font-family:sans-serif;margin:2em;color:#222}h1,h3{background:#2b4a6f;color:#fff;"
    "padding:.3em .5em}h1{font-size:1.4em}h3{font-size:1em}pre{background:#f3f3f3;padding:.5em}"
    ".line{height:1px;border:none;background:#2b4a6f}";

void append_report(const Request& request, std::string_view message, const StatusText& text,
                   std::string& page) {
  const auto& exception = request.exception;
  page += R"(<hr class="line" /><p><b>Type</b> )";
  page += exception ? "Exception Report</p>" : "Status Report</p>";
  if (!message.empty()) {
    page.append("<p><b>Message</b> ").append(html_escape(message)).append("</p>");
  }
  page.append("<p><b>Description</b> ").append(text.description).append("</p>");
  if (exception) {
    page.append("<p><b>Exception</b></p><pre>").append(html_escape(exception->text()));
    page += "</pre>";
    for (const auto& cause : exception->causes) {
      page.append("<p><b>Root Cause</b></p><pre>").append(html_escape(cause.text()));
      page += "</pre>";
    }
    page += "<p><b>Note</b> The server's log says more about this error.</p>";
  }
  page += R"(<hr class="line" />)";
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::span<const Attribute<ErrorReportValve::Options>> ErrorReportValve::attributes() {
  static const std::array table{
      attribute("showReport", &Options::show_report, "message, description and exception"),
      attribute("showServerInfo", &Options::show_server_info, "the line with the server's name"),
  };
  return table;
}

ErrorReportValve::Options ErrorReportValve::read(const Element& element, Diagnostics& diagnostics) {
  Element fixed = element;
  std::erase_if(fixed.attributes, [](const Element::Attribute& a) {
    return a.name.starts_with(kCodePrefix) || a.name.starts_with(kTypePrefix);
  });
  Options options = read_options(fixed, kClass, attributes(), diagnostics);
  for (const auto& [name, value] : element.attributes) {
    if (name.starts_with(kTypePrefix))
      options.exception_pages[name.substr(kTypePrefix.size())] = value;
    if (!name.starts_with(kCodePrefix)) continue;
    int status = -1;
    const char* const end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data() + kCodePrefix.size(), end, status);
    if (error == std::errc() && at == end && status >= 0) {
      options.pages[status] = value;
    } else {
      report_property(diagnostics, element, {name, value}, "no status");
    }
  }
  return options;
}

bool ErrorReportValve::send_page(const Request& request, Response& response) const {
  const Options& options = *options_;
  const std::string* file = nullptr;
  if (request.exception) {
    for (const auto& type : request.exception->types) {
      const auto it = options.exception_pages.find(type);
      if (it != options.exception_pages.end() && !file) file = &it->second;
    }
  }
  for (const int status : {response.status(), 0}) {
    const auto it = options.pages.find(status);
    if (it != options.pages.end() && !file) file = &it->second;
  }
  if (!file) return false;
  const auto path = container_->catalina_base() / *file;
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) {
    kLog.warn("The error page [{}] cannot be read: {}", path.string(), error.message());
    return false;
  }
  response.set_content_type("text/html;charset=utf-8");
  response.send_file(path, 0, size);
  return true;
}

void ErrorReportValve::invoke(Request& request, Response& response, Next next) {
  next(request, response);
  if (!response.needs_error_report()) return;
  if (response.is_committed()) {
    response.mark_error_reported();
    return response.break_off();
  }
  if (response.status() < 400 || response.body_bytes() > 0) return;
  response.mark_error_reported();
  response.resume_for_error_page();
  if (send_page(request, response)) return;
  std::string_view message = response.error_text();
  if (message.empty() && request.exception) message = first_line(request.exception->message);
  auto text = status_text(response.status());
  if (!text && message.empty()) return response.finish();
  if (!text) text = StatusText{"Unknown Reason", "No description available"};
  const std::string title = fmt::format("HTTP Status {} – {}", response.status(), text->reason);
  std::string page = fmt::format(
      "<!doctype html><html lang=\"en\"><head><title>{0}</title><style "
      "type=\"text/css\">{1}</style>"
      "</head><body><h1>{0}</h1>",
      title, kStyle);
  if (options_->show_report) append_report(request, message, *text, page);
  if (options_->show_server_info) page += fmt::format("<h3>{}</h3>", kServerInfo);
  page += "</body></html>";
  response.set_content_type("text/html;charset=utf-8");
  response.set_header("Content-Language", "en");
  response.write(page);
  response.finish();
}

}  // namespace serval::core
