#include "container/resources/builtin_classes.h"

#include <fmt/format.h>

#include "container/manager/jmx_proxy_servlet.h"
#include "container/resources/default_servlet.h"

namespace serval::core {
namespace {

class NoJspServlet final : public Servlet {
 public:
  void service(serval::Request& request, serval::Response& response) override {
    response.send_error(
        404, fmt::format("The requested resource [{}] is not available", request.request_uri()));
  }
};

}  // namespace

std::unique_ptr<Servlet> make_builtin_servlet(std::string_view class_name,
                                              const ResourceSettings& resources) {
  if (class_name == "org.apache.catalina.servlets.DefaultServlet")
    return std::make_unique<DefaultServlet>(resources);
  if (class_name == "org.apache.catalina.manager.JMXProxyServlet")
    return std::make_unique<JmxProxyServlet>();
  if (class_name == "org.apache.jasper.servlet.JspServlet") return std::make_unique<NoJspServlet>();
  return nullptr;
}

}  // namespace serval::core
