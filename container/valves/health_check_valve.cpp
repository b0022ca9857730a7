#include "container/valves/health_check_valve.h"

#include <algorithm>
#include <array>

#include "container/core/container.h"
#include "container/core/context.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {
namespace {

bool is_healthy(const Container& container) {
  return container.is_available() &&
         std::ranges::all_of(container.children(), [](const auto& c) { return is_healthy(*c); });
}

}  // namespace

std::span<const Attribute<HealthCheckValve::Options>> HealthCheckValve::attributes() {
  static const std::array table{
      attribute("path", &Options::path, "the path that is answered"),
      attribute("checkContainersAvailable", &Options::check_containers_available,
                "DOWN when any application is not available"),
  };
  return table;
}

void HealthCheckValve::invoke(Request& request, Response& response, Next next) {
  const bool in_context = dynamic_cast<const Context*>(container_) != nullptr;
  if ((in_context ? request.mapped_path : request.line.decoded_path) != options_->path) {
    return next(request, response);
  }
  const bool up = !options_->check_containers_available || is_healthy(*container_);
  response.set_content_type("application/json");
  if (!up) response.set_status(503);
  response.write(up ? "{\n  \"status\": \"UP\",\n  \"checks\": []\n}"
                    : "{\n  \"status\": \"DOWN\",\n  \"checks\": []\n}");
}

}  // namespace serval::core
