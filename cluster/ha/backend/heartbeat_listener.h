// cluster/ha/backend/heartbeat_listener.h
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cluster/ha/backend/connector_load.h"
#include "cluster/ha/backend/heartbeat_sender.h"
#include "container/base/attribute.h"
#include "container/base/lifecycle.h"

namespace serval::ha {

/// Tells load balancers at every background tick of what it listens to (Server, Engine, Host,
/// Context, Cluster) how busy a connector is: "v=1&ready=199&busy=1&port=8009", by multicast, or to
/// each proxy of proxyList.
///
/// The connector is the one of `port`, and of `host` if that is set; once found, its address is
/// where messages are sent from. Errors: logged at each tick, as in Tomcat; nothing else depends on
/// them.
/// Threads: that of the events. Source: Tomcat org.apache.catalina.ha.backend.HeartbeatListener;
/// ha-messages 14; config-reference 2.12.
class HeartbeatListener final : public LifecycleListener {
 public:
  struct Options {
    int port = 8009;
    std::optional<std::string> host, proxy_list;
    std::string proxy_url = "/HeartbeatListener", group = "224.0.1.105";
    int multiport = 23364, ttl = 16;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit HeartbeatListener(Options options) : options_(std::move(options)) {}

  void lifecycle_event(const LifecycleEvent& event) override;

 private:
  void tell(const BeanRegistry& beans);
  Result<std::unique_ptr<HeartbeatSender>> make_sender() const;

  const Options options_;
  std::optional<ConnectorLoad> connector_;
  std::unique_ptr<HeartbeatSender> sender_;
};

/// What is sent.
std::string heartbeat_text(const ConnectorLoad::Figures& figures, int port);

}  // namespace serval::ha
