#include "container/core/forward.h"

#include "container/core/context.h"
#include "container/core/dispatch_path.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {
namespace {

/// Where the request was before; the first of several forwards says it.
void set_attributes(Request& request) {
  constexpr std::string_view kUri = "javax.servlet.forward.request_uri";
  if (!request.attribute(kUri).is_null()) return;
  request.set_attribute(kUri, request.request_uri());
  request.set_attribute("javax.servlet.forward.context_path", request.context_path());
  request.set_attribute("javax.servlet.forward.servlet_path", request.servlet_path());
  if (const auto info = request.path_info())
    request.set_attribute("javax.servlet.forward.path_info", *info);
  if (const auto query = request.query_string())
    request.set_attribute("javax.servlet.forward.query_string", *query);
}

}  // namespace

void forward(Request& request, Response& response, std::string_view location) {
  if (response.is_committed())
    throw IllegalStateException("Cannot forward after response has been committed");
  response.reset_buffer();
  set_attributes(request);
  DispatchPath path(request, location, Dispatch::kForward);
  if (path.map()) {
    request.mapped_context->invoke_servlet(request, response, *request.wrapper);
  } else {
    response.send_error(404, {});
  }
  response.finish();
}

}  // namespace serval::core
