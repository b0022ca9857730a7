#include "container/core/service.h"

#include "container/base/clock.h"
#include "container/base/log.h"
#include "container/core/container_beans.h"
#include "container/core/coyote_adapter.h"
#include "container/core/server.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.core.StandardService"};

}  // namespace

Service::Service(std::string name)
    : name_(std::move(name)), adapter_(std::make_unique<CoyoteAdapter>(*this)) {}

Service::~Service() {
  if (engine_) engine_->service = nullptr;
}

void Service::set_engine(std::shared_ptr<Engine> engine) {
  engine_ = std::move(engine);
  engine_->service = this;
}

void Service::add_connector(std::unique_ptr<Connector> connector) {
  connector->set_adapter(*adapter_);
  if (server) connector->set_port_offset(server->options().port_offset);
  connectors_.push_back(std::move(connector));
}

Result<> Service::do_init() {
  SERVAL_ASSERT(engine_, "a service gets its engine before init()");
  if (auto done = engine_->init(); !done) return done;
  for (const auto& connector : connectors_) {
    if (server) connector->set_port_offset(server->options().port_offset);
    if (auto done = connector->init(); !done) {
      kLog.error("Failed to initialize connector [{}]: {}", connector->name(),
                 done.error().message);
    }
  }
  beans_ = register_service(*this);
  return {};
}

Result<> Service::do_start() {
  kLog.info("Starting service [{}]", name_);
  if (auto done = engine_->start(); !done) return done;
  for (const auto& connector : connectors_) {
    if (connector->state() == State::kFailed) continue;
    if (auto done = connector->start(); !done) {
      kLog.error("Failed to start connector [{}]: {}", connector->name(), done.error().message);
    }
  }
  connector_beans_ = register_running_connectors(*this);
  return {};
}

/// Nothing of the applications goes before the last request has its answer.
void Service::end_requests() {
  const auto begin = system_clock().now();
  std::vector<Connector*> paused;
  for (const auto& connector : connectors_) {
    if (!connector->is_available()) continue;
    connector->pause();
    paused.push_back(connector.get());
  }
  if (paused.empty()) return;
  const auto took = [begin] { return system_clock().ms_since(begin); };
  kLog.info("Service [{}] takes no more requests, after [{}] ms", name_, took());
  std::size_t left = 0;
  for (Connector* const connector : paused) left += connector->drain();
  if (left == 0) {
    kLog.info("Service [{}] has answered all requests, after [{}] ms", name_, took());
  } else {
    kLog.warn("Service [{}] stops with [{}] requests unanswered, after [{}] ms", name_, left,
              took());
  }
}

void Service::do_stop() {
  end_requests();
  kLog.info("Stopping service [{}]", name_);
  engine_->stop();
  connector_beans_.clear();
  for (const auto& connector : connectors_) connector->stop();
}

}  // namespace serval::core
