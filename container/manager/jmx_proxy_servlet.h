// container/manager/jmx_proxy_servlet.h
#pragma once
#include "container/servlet/serval/servlet.h"

namespace serval::core {

/// The beans of the server over HTTP, as plain text. Whoever reaches it can change the server, so
/// it only works in a Context with privileged="true", whose web.xml asks for a role.
///
/// Source: Tomcat org.apache.catalina.manager.JMXProxyServlet.
class JmxProxyServlet final : public HttpServlet {
 public:
  /// Throws ServletException in a Context that is not privileged.
  void init(const ServletConfig& config) override;

 protected:
  void do_get(serval::Request& request, serval::Response& response) override;
};

}  // namespace serval::core
