// container/core/service.h
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "container/core/connector.h"
#include "container/core/engine.h"
#include "container/mapper/mapper.h"

namespace serval::core {

class Server;

/// An Engine and the Connectors in front of it. Start: engine, then connectors (so that state
/// transfer is over when HTTP opens). A connector that fails is logged; the service goes on. Stop:
/// connectors refuse, requests end, engine, connectors.
///
/// Source: Tomcat org.apache.catalina.core.StandardService.
class Service final : public Lifecycle {
 public:
  explicit Service(std::string name);
  ~Service() override;
  const std::string& name() const { return name_; }
  void set_engine(std::shared_ptr<Engine> engine);
  Engine& engine() const { return *engine_; }
  void add_connector(std::unique_ptr<Connector> connector);
  const std::vector<std::unique_ptr<Connector>>& connectors() const { return connectors_; }
  Mapper& mapper() { return mapper_; }
  Adapter& adapter() { return *adapter_; }
  Server* server = nullptr;

 protected:
  Result<> do_init() override;
  Result<> do_start() override;
  void do_stop() override;

 private:
  void end_requests();

  const std::string name_;
  Mapper mapper_;
  std::unique_ptr<Adapter> adapter_;
  std::shared_ptr<Engine> engine_;
  std::vector<std::unique_ptr<Connector>> connectors_;
  std::vector<BeanRegistry::Registration> beans_;  // of itself, its Server and its connectors
  std::vector<BeanRegistry::Registration> connector_beans_;  // of those that run, what they show
};

}  // namespace serval::core
