#include "container/valves/persistent_valve.h"

#include <array>

#include "container/core/context.h"
#include "container/core/request.h"
#include "container/session/persistent_manager.h"

namespace serval::core {

std::span<const Attribute<PersistentValve::Options>> PersistentValve::attributes() {
  static const std::array table{
      attribute("filter", &Options::filter,
                "regular expression: such URIs do not change the session"),
  };
  return table;
}

void PersistentValve::invoke(Request& request, Response& response, Next next) {
  next(request, response);
  const auto& filter = options_->filter;
  if (!request.mapped_context || (filter && filter->matches(request.line.decoded_path))) return;
  auto* const manager = dynamic_cast<PersistentManager*>(request.mapped_context->manager());
  StandardSession* const session = manager ? request.internal_session(false) : nullptr;
  if (session) manager->save_and_release(*session);  // it says itself what fails
}

}  // namespace serval::core
