#include "container/core/standard_wrapper_valve.h"

#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/core/wrapper.h"

namespace serval::core {

void StandardWrapperValve::invoke(Request& request, Response& response, Next) {
  auto& wrapper = static_cast<Wrapper&>(*container_);
  wrapper.statistics().begin();
  request.reached_servlet = true;
  try {
    wrapper.owner().invoke_servlet(request, response, wrapper);
  } catch (const ClientAbortException&) {
    Log(wrapper.log_name()).debug("The client of servlet [{}] has gone", wrapper.name());
  } catch (...) {
    request.exception = current_exception_described();
    const auto& root = request.exception->root_cause();
    Log(wrapper.log_name())
        .error(
            "Servlet.service() for servlet [{}] in context with path [{}] threw exception [{}] "
            "with "
            "root cause\n\t{}",
            wrapper.name(), wrapper.owner().context_path(), request.exception->text(), root.text());
    response.mark_error(500);
    response.close_connection = true;
  }
}

}  // namespace serval::core
