#include "container/core/error_dispatch.h"

#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/dispatch_path.h"
#include "container/core/request.h"
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

/// True if the page has answered.
bool run(Request& request, Response& response, Context& context, const ErrorPage& page) {
  DispatchPath path(request, request.mapped_context, page.location, Dispatch::kError);
  if (!path.map()) {
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
