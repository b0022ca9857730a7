#include "container/manager/jmx_proxy_servlet.h"

#include "container/base/log.h"
#include "container/core/context.h"
#include "container/manager/jmx_proxy.h"

namespace serval::core {

namespace {
std::optional<std::string> parameter(serval::Request& request, std::string_view name) {
  const auto value = request.parameter(name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}
}  // namespace

void JmxProxyServlet::init(const ServletConfig& config) {
  const auto& context = static_cast<const Context&>(config.context());
  if (context.options.privileged) return;
  throw ServletException(
      "Servlet of class [org.apache.catalina.manager.JMXProxyServlet] is privileged and cannot be "
      "loaded by this web application");
}

void JmxProxyServlet::do_get(serval::Request& request, serval::Response& response) {
  const BeanRegistry* const beans = static_cast<Context&>(request.context()).beans();
  SERVAL_ASSERT(beans, "an application that answers requests stands in a Server");
  response.set_content_type("text/plain;charset=utf-8");
  response.set_header("X-Content-Type-Options", "nosniff");
  response.write(answer(*beans, {.set = parameter(request, "set"),
                                 .get = parameter(request, "get"),
                                 .invoke = parameter(request, "invoke"),
                                 .qry = parameter(request, "qry"),
                                 .att = parameter(request, "att"),
                                 .val = parameter(request, "val"),
                                 .key = parameter(request, "key"),
                                 .op = parameter(request, "op"),
                                 .ps = parameter(request, "ps")}));
}

}  // namespace serval::core
