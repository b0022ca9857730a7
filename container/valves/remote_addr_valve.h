// container/valves/remote_addr_valve.h
#pragma once
#include <optional>
#include <span>

#include "container/base/attribute.h"
#include "container/base/java_pattern.h"
#include "container/base/live_options.h"
#include "container/core/valve.h"
#include "container/core/valve_bean.h"

namespace serval::core {

/// Lets requests through by the client's address: what `deny` matches is refused; with `allow`,
/// what that does not match is refused too. With neither, everything is. With
/// invalidAuthenticationWhenDeny a refused request to an application with preemptiveAuthentication
/// goes on with credentials that are none, so that the login decides.
///
/// Source: Tomcat org.apache.catalina.valves.RemoteAddrValve, RequestFilterValve.
class RemoteAddrValve final : public Valve {
 public:
  struct Options {
    std::optional<JavaPattern> allow, deny;
    int deny_status = 403;
    bool add_connector_port = false, invalid_authentication_when_deny = false;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit RemoteAddrValve(Options options) : options_(std::move(options)) {}
  void invoke(Request& request, Response& response, Next next) override;
  std::string_view name() const override { return "RemoteAddrValve"; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  static void add_figures(BeanTable<RemoteAddrValve>& table);
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.valves.RemoteAddrValve", std::move(resource));
  }

 private:
  bool is_allowed(std::string_view client) const;
  void deny(Request& request, Response& response, Next next) const;
  LiveOptions<Options> options_;
};

}  // namespace serval::core
