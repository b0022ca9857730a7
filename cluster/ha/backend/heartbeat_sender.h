// cluster/ha/backend/heartbeat_sender.h
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"

namespace serval::ha {

/// Carries the load of this node to load balancers. What cannot be sent is logged and lost.
///
/// Threads: one. send() does not wait for the network.
/// Source: Tomcat org.apache.catalina.ha.backend.Sender.
class HeartbeatSender {
 public:
  virtual ~HeartbeatSender() = default;
  virtual void send(const std::string& text) = 0;
};

/// To a multicast group, from its port. `host`: the address to send from.
///
/// Source: Tomcat MultiCastSender.
struct MulticastTarget {
  std::string group;
  int port = 0, ttl = 0;
  std::optional<std::string> host;
};
std::unique_ptr<HeartbeatSender> make_multicast_sender(MulticastTarget target);

/// By HTTP POST to each of the proxies, over a connection that is kept. A proxy that is slow is
/// left out until it has answered or 5 s have passed. The sender has a thread of its own, which
/// ends with it.
///
/// Source: Tomcat TcpSender, Proxy.
struct Proxy {
  std::string host;
  int port = 80;
  friend bool operator==(const Proxy&, const Proxy&) = default;
};
/// "host:port,host:port". Errors: kInvalidArgument.
Result<std::vector<Proxy>> parse_proxy_list(std::string_view text);
std::unique_ptr<HeartbeatSender> make_proxy_sender(std::vector<Proxy> proxies, std::string url,
                                                   std::optional<std::string> host);

}  // namespace serval::ha
