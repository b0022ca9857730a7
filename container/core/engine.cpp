#include "container/core/engine.h"

#include "container/base/ascii.h"
#include "container/base/log.h"
#include "container/core/host.h"
#include "container/core/server.h"
#include "container/core/standard_engine_valve.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.core.StandardEngine"};

}  // namespace

Engine::Engine(Options options)
    : Container(options.name),
      options_(std::move(options)),
      default_host_(lower_case(options_.default_host)) {
  background_processor_delay = options_.background_processor_delay;
  pipeline().set_basic(std::make_unique<StandardEngineValve>());
}

std::shared_ptr<Host> Engine::default_host() const {
  return std::static_pointer_cast<Host>(find_child(default_host_));
}

bool Engine::is_default_host(const Host& host) const { return host.name() == default_host_; }

Result<> Engine::do_start() {
  kLog.info("Starting Servlet engine: [{}]", kServerInfo);
  return Container::do_start();
}

}  // namespace serval::core
