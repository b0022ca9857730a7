// cluster/ha/backend/connector_load.h
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "container/base/bean_registry.h"
#include "container/base/result.h"

namespace serval::ha {

/// How busy a connector is, by its bean of type ThreadPool.
///
/// Threads: any.
/// Source: Tomcat org.apache.catalina.ha.backend.CollectedInfo.
class ConnectorLoad {
 public:
  /// The connector of a port and, if it is given, of an address. Port 0 without an address: any.
  /// Errors: there is none. A connector on all addresses has none itself.
  static Result<ConnectorLoad> find(const BeanRegistry& beans,
                                    const std::optional<std::string>& host, int port);

  struct Figures {
    std::int64_t ready = 0, busy = 0;  // threads
  };
  /// Those of now. Errors: the connector is gone.
  Result<Figures> read(const BeanRegistry& beans) const;
  int port() const { return port_; }
  const std::optional<std::string>& host() const { return host_; }

 private:
  ConnectorLoad(ObjectName bean, std::optional<std::string> host, int port)
      : bean_(std::move(bean)), host_(std::move(host)), port_(port) {}
  ObjectName bean_;
  std::optional<std::string> host_;
  int port_;
};

}  // namespace serval::ha
