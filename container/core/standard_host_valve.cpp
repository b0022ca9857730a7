#include "container/core/standard_host_valve.h"

#include "container/base/log.h"
#include "container/core/container.h"
#include "container/core/context.h"
#include "container/core/error_dispatch.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {

void StandardHostValve::invoke(Request& request, Response& response, Next) {
  const auto& context = request.mapped_context;
  if (!context) {
    if (!response.is_error()) response.send_error(404, {});
    return;
  }
  if (!response.is_error()) {
    try {
      context->pipeline().invoke(request, response);
    } catch (const ClientAbortException&) {
      return;
    } catch (...) {
      request.exception = current_exception_described();
      Log(container_->log_name())
          .error("Exception Processing [{}]: {}", request.request_uri(), request.exception->text());
      response.mark_error(500);
      response.close_connection = true;
    }
  }
  if (response.needs_error_report() && !response.is_client_gone()) {
    dispatch_error(request, response, *context);
  }
}

}  // namespace serval::core
