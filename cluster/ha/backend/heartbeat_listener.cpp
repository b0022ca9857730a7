#include "cluster/ha/backend/heartbeat_listener.h"

#include <fmt/format.h>

#include <array>

#include "cluster/ha/catalina_cluster.h"
#include "container/base/log.h"
#include "container/base/optional_text.h"
#include "container/core/container.h"
#include "container/core/server.h"

namespace serval::ha {
namespace {

const Log kLog("org.apache.catalina.ha.backend.HeartbeatListener");
using Options = HeartbeatListener::Options;

/// Null: it is not part of a server.
const BeanRegistry* beans_of(Lifecycle& source) {
  if (auto* const container = dynamic_cast<core::Container*>(&source)) return container->beans();
  if (auto* const cluster = dynamic_cast<CatalinaCluster*>(&source)) {
    return cluster->container().beans();
  }
  auto* const server = dynamic_cast<core::Server*>(&source);
  return server ? &server->beans() : nullptr;
}

}  // namespace

std::span<const Attribute<Options>> HeartbeatListener::attributes() {
  static const std::array table{
      attribute("port", &Options::port, "of the connector that is told of; 0 without host: any"),
      optional_text("host", &Options::host, "address of that connector"),
      optional_text("proxyList", &Options::proxy_list, "host:port,host:port instead of multicast"),
      attribute("proxyURL", &Options::proxy_url, "where proxies take it"),
      attribute("proxyURLString", &Options::proxy_url, "the same, Tomcat's other name"),
      attribute("group", &Options::group, "multicast address"),
      attribute("multiport", &Options::multiport, "its port"),
      attribute("ttl", &Options::ttl, "routers that multicast may pass"),
  };
  return table;
}

void HeartbeatListener::lifecycle_event(const LifecycleEvent& event) {
  if (event.type == "periodic") {
    if (const BeanRegistry* const beans = beans_of(event.source)) tell(*beans);
  } else if (event.type == "after_stop") {
    connector_.reset();
    sender_.reset();
  }
}

void HeartbeatListener::tell(const BeanRegistry& beans) {
  if (!connector_) {
    auto found = ConnectorLoad::find(beans, options_.host, options_.port);
    if (!found) {
      return kLog.error("Unable to initialize info collection: {}", found.error().message);
    }
    connector_ = *std::move(found);
  }
  if (!sender_) {
    auto made = make_sender();
    if (!made) return kLog.error("Unable to initialize Sender: {}", made.error().message);
    sender_ = *std::move(made);
  }
  const auto figures = connector_->read(beans);
  if (!figures) {
    connector_.reset();
    return kLog.error("Unable to collect load information: {}", figures.error().message);
  }
  sender_->send(heartbeat_text(*figures, connector_->port()));
}

Result<std::unique_ptr<HeartbeatSender>> HeartbeatListener::make_sender() const {
  if (!options_.proxy_list) {
    return make_multicast_sender(
        {options_.group, options_.multiport, options_.ttl, connector_->host()});
  }
  auto proxies = parse_proxy_list(*options_.proxy_list);
  if (!proxies) return std::move(proxies).error();
  return make_proxy_sender(*std::move(proxies), options_.proxy_url, connector_->host());
}

std::string heartbeat_text(const ConnectorLoad::Figures& figures, int port) {
  return fmt::format("v=1&ready={}&busy={}&port={}", figures.ready, figures.busy, port);
}

}  // namespace serval::ha
