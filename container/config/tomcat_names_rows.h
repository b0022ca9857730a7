// container/config/tomcat_names_rows.h
#pragma once
#include <span>
#include <string_view>

/// The rows behind TomcatNameTable, one function per area. Not for other users.
namespace serval::tomcat_names {

/// Attribute names separated by one blank. "@class" stands for all names of that row; a name that
/// ends in "*" for every name that begins so.
struct TomcatClass {
  std::string_view class_name, attributes;
};

std::span<const TomcatClass> container_rows();
std::span<const TomcatClass> connector_rows();
std::span<const TomcatClass> cluster_rows();
std::span<const TomcatClass> security_rows();
std::span<const TomcatClass> valves_rows();

}  // namespace serval::tomcat_names
