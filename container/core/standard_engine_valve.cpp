#include "container/core/standard_engine_valve.h"

#include "container/core/host.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {

void StandardEngineValve::invoke(Request& request, Response& response, Next) {
  if (request.host) {
    request.host->pipeline().invoke(request, response);
  } else if (!response.is_error()) {
    response.send_error(404, {});
  }
}

}  // namespace serval::core
