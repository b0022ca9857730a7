// container/manager/jmx_proxy.h
#pragma once
#include <optional>
#include <string>

#include "container/base/bean_registry.h"

namespace serval::core {

/// A request to the JMXProxy by its parameters. The first of set, get, invoke and qry that is there
/// says what to do; without any of them all beans are listed.
struct JmxQuery {
  using Parameter = std::optional<std::string>;
  Parameter set = {}, get = {}, invoke = {};  // object names
  Parameter qry = {};                         // a pattern
  Parameter att = {}, val = {};               // of get and set
  Parameter key = {};                         // of get
  Parameter op = {}, ps = {};                 // of invoke; ps: arguments with commas between
};

/// The text that Tomcat's JMXProxyServlet answers, failures included ("Error - …"). Names are also
/// found in the spelling of Tomcat's How-To: component=member, component=deployer, and the
/// JvmRouteBinderValve with a context.
///
/// Threads: any. Source: Tomcat org.apache.catalina.manager.JMXProxyServlet,
/// org.apache.catalina.mbeans.MBeanDumper; container-behaviour 12.1.
std::string answer(const BeanRegistry& beans, const JmxQuery& query);

}  // namespace serval::core
