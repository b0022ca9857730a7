#include "container/core/error_dispatch.h"

#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/request.h"
#include "container/core/request_mapper.h"
#include "container/core/response.h"
#include "container/core/wrapper.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.core.StandardHostValve"};

const ErrorPage* find_page(const Request& request, const Response& response,
                           const Context& context) {
  if (request.exception) {
    for (const auto* const thrown : {&*request.exception, &request.exception->root_cause()}) {
      for (const auto& type : thrown->types) {
        if (const auto* const page = context.find_error_page(0, type)) return page;
      }
    }
  }
  // The status of an answer that has begun cannot say any more that the servlet threw.
  const int status = request.exception && response.is_committed() ? 500 : response.status();
  if (const auto* const page = context.find_error_page(status, {})) return page;
  return context.find_error_page(0, {});
}

void set_attributes(Request& request, const Response& response) {
  request.set_attribute("javax.servlet.error.status_code", std::int32_t{response.status()});
  request.set_attribute("javax.servlet.error.request_uri", request.line.uri);
  if (request.wrapper) {
    request.set_attribute("javax.servlet.error.servlet_name", request.wrapper->name());
  }
  if (request.exception) {
    request.set_attribute("javax.servlet.error.exception", request.exception->text());
    request.set_attribute("javax.servlet.error.exception_type", request.exception->types.front());
    request.set_attribute("javax.servlet.error.message", request.exception->message);
  } else {
    request.set_attribute("javax.servlet.error.message", response.error_text());
  }
}

/// Shows the error page's path in the request while it lives.
class ErrorPath {
 public:
  ErrorPath(Request& request, std::string_view location)
      : request_(request),
        uri_(request.line.uri),
        servlet_path_(request.servlet_path_view),
        mapped_path_(request.mapped_path),
        query_(request.line.query),
        path_info_(request.path_info_view),
        wrapper_(request.wrapper) {
    const std::size_t question = location.find('?');
    full_path_.append(request.context_path()).append(location.substr(0, question));
    if (question != std::string_view::npos) {
      const std::string_view query = location.substr(question + 1);
      request.add_parameters_in_front(
          query);  // the request's own are read before its query is hidden
      request.line.query = query;
    }
    request.line.uri = full_path_;
    request.error_dispatch = true;
  }
  ~ErrorPath() {
    request_.line.uri = uri_;
    request_.line.query = query_;
    request_.servlet_path_view = servlet_path_;
    request_.path_info_view = path_info_;
    request_.mapped_path = mapped_path_;
    request_.wrapper = std::move(wrapper_);
    request_.error_dispatch = false;
  }
  ErrorPath(const ErrorPath&) = delete;
  ErrorPath& operator=(const ErrorPath&) = delete;
  std::string storage;  // of a welcome file

 private:
  Request& request_;
  const std::string_view uri_, servlet_path_, mapped_path_;
  const std::optional<std::string_view> query_, path_info_;
  std::shared_ptr<Wrapper> wrapper_;
  std::string full_path_;
};

/// True if the page has answered.
bool run(Request& request, Response& response, Context& context, const ErrorPage& page) {
  const std::string_view location = page.location;
  ErrorPath path(request, location);
  if (!map_servlet(context, location.substr(0, location.find('?')), request, path.storage)) {
    kLog.error("The error page [{}] of context [{}] leads to no servlet", page.location,
               context.context_path());
    return false;
  }
  const int status = response.status();
  const std::string text = response.error_text();
  response.mark_error_reported();
  response.resume_for_error_page();
  if (!response.is_committed()) response.reset_buffer();
  try {
    context.invoke_servlet(request, response, *request.wrapper);
  } catch (...) {
    kLog.error("Exception Processing ErrorPage[location={}]: {}", page.location,
               current_exception_described().text());
    if (!response.is_committed()) response.send_error(status, text);
    return false;
  }
  if (!response.needs_error_report()) return true;
  // The page itself was refused: its error is not the client's.
  if (!response.is_committed()) response.send_error(status, text);
  return false;
}

}  // namespace

void dispatch_error(Request& request, Response& response, Context& context) {
  const ErrorPage* const page = find_page(request, response, context);
  if (!page) return;
  const bool was_committed = response.is_committed();
  set_attributes(request, response);
  const bool done = run(request, response, context, *page);
  if (done) response.finish();
  if (was_committed) response.break_off();
}

}  // namespace serval::core
