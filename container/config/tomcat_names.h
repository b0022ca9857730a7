// container/config/tomcat_names.h
#pragma once
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "container/base/diagnostics.h"

namespace serval {

/// Every class that a Tomcat 9 server.xml or context.xml can name, with the attributes that Tomcat
/// takes for it, deprecated spellings and run-time state with a setter included. A name that ends
/// in
/// "*" stands for all names that begin so.
///
/// For a Connector: "org.apache.catalina.connector.Connector" has the attributes of all protocols,
/// "org.apache.coyote.http11.Http11NioProtocol" and "org.apache.coyote.ajp.AjpNioProtocol" those
/// that Tomcat takes with that one.
///
/// Threads: any; never changes.
/// Source: config-reference 2 and 3.
class TomcatNameTable final : public TomcatNames {
 public:
  TomcatNameTable();
  bool knows_class(std::string_view class_name) const override;
  std::span<const std::string_view> attributes_of(std::string_view class_name) const override;

 private:
  std::map<std::string_view, std::vector<std::string_view>> attributes_;
};

/// The one table of the process, made on first use.
const TomcatNames& tomcat_names_9();

}  // namespace serval
