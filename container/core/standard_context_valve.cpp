#include "container/core/standard_context_valve.h"

#include "container/base/ascii.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/core/wrapper.h"

namespace serval::core {
namespace {

/// "/web-inf", "/META-INF/x": never served to a client.
bool is_private(std::string_view path) {
  for (const std::string_view folder : {"/web-inf", "/meta-inf"}) {
    if (path.size() >= folder.size() && same_ignoring_case(path.substr(0, folder.size()), folder) &&
        (path.size() == folder.size() || path[folder.size()] == '/')) {
      return true;
    }
  }
  return false;
}

}  // namespace

void StandardContextValve::invoke(Request& request, Response& response, Next) {
  if (!request.wrapper || is_private(request.mapped_path)) {
    response.send_error(404, {});
  } else {
    request.wrapper->pipeline().invoke(request, response);
  }
}

}  // namespace serval::core
