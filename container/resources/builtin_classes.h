// container/resources/builtin_classes.h
#pragma once
#include <memory>
#include <string_view>

#include "container/resources/static_files.h"
#include "container/servlet/serval/servlet.h"

namespace serval::core {

/// A servlet that the container brings itself, by Tomcat's class name, or null: DefaultServlet,
/// JMXProxyServlet, and for the JSP servlet one that answers 404 (there are no JSPs here, and their
/// source is nobody's business).
std::unique_ptr<Servlet> make_builtin_servlet(std::string_view class_name,
                                              const ResourceSettings& resources);

}  // namespace serval::core
