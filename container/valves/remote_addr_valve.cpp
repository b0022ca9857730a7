#include "container/valves/remote_addr_valve.h"

#include <array>
#include <string>

#include "container/core/authenticator.h"
#include "container/core/connector.h"
#include "container/core/context.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {

std::span<const Attribute<RemoteAddrValve::Options>> RemoteAddrValve::attributes() {
  static const std::array table{
      attribute("allow", &Options::allow, "addresses that may come in, a regular expression"),
      attribute("deny", &Options::deny, "addresses that may not, a regular expression"),
      attribute("denyStatus", &Options::deny_status, "status of the refusal"),
      attribute("addConnectorPort", &Options::add_connector_port, "match \"address;port\""),
      attribute("invalidAuthenticationWhenDeny", &Options::invalid_authentication_when_deny,
                "where login is preemptive, let it refuse the request"),
  };
  return table;
}

bool RemoteAddrValve::is_allowed(std::string_view client) const {
  const Options& options = *options_;
  if (options.deny && options.deny->matches(client)) return false;
  if (options.allow) return options.allow->matches(client);
  return options.deny.has_value();
}

/// An expression that is none does not come this far.
void RemoteAddrValve::add_figures(BeanTable<RemoteAddrValve>& table) {
  show_async_supported(table);
  table.read("allowValid", [](const RemoteAddrValve&) { return true; })
      .read("denyValid", [](const RemoteAddrValve&) { return true; });
  table.operations.push_back(
      {"isAllowed", 1, [](RemoteAddrValve& valve, Bean::Arguments a) -> Result<BeanValue> {
         return BeanValue(valve.is_allowed(a[0]));
       }});
}

void RemoteAddrValve::invoke(Request& request, Response& response, Next next) {
  std::string client(request.remote_addr());
  if (options_->add_connector_port && request.connector) {
    client += ";" + std::to_string(request.connector->local_port());
  }
  if (is_allowed(client)) {
    next(request, response);
  } else {
    deny(request, response, next);
  }
}

void RemoteAddrValve::deny(Request& request, Response& response, Next next) const {
  const Options& options = *options_;
  const Authenticator* const login =
      request.mapped_context ? request.mapped_context->authenticator() : nullptr;
  if (!options.invalid_authentication_when_deny || !login || !login->is_preemptive()) {
    return response.send_error(options.deny_status, {});
  }
  if (!request.header("Authorization")) {
    request.header_fields.push_back({"authorization", "invalid"});
  }
  next(request, response);
}

}  // namespace serval::core
