#include "container/core/host.h"

#include "container/base/ascii.h"
#include "container/core/engine.h"
#include "container/core/service.h"
#include "container/core/standard_host_valve.h"

namespace serval::core {

Host::Host(Options options) : Container(lower_case(options.name)), options_(std::move(options)) {
  background_processor_delay = options_.background_processor_delay;
  pipeline().set_basic(std::make_unique<StandardHostValve>());
}

Engine& Host::engine() const {
  SERVAL_ASSERT(parent(), "a host is asked for its engine once it stands in one");
  return static_cast<Engine&>(*parent());
}

Result<> Host::do_start() {
  if (parent() && engine().service) {
    const auto self = std::static_pointer_cast<Host>(engine().find_child(name()));
    engine().service->mapper().add_host(name(), aliases, self,
                                        engine().is_default_host(*this));
  }
  return Container::do_start();
}

void Host::do_stop() {
  Container::do_stop();
  if (parent() && engine().service) engine().service->mapper().remove_host(name());
}

}  // namespace serval::core
