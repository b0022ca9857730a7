#include "container/config/nesting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "container/base/attribute.h"

namespace serval {
namespace {

using enum Placement::Class;
constexpr bool kMany = true, kOnce = false;

constexpr std::string_view kContextResource =
    "org.apache.tomcat.util.descriptor.web.ContextResource";

/// Body text only.
constexpr Placement text(std::string_view parent, std::string_view element) {
  return {parent, element, element, kNone, {}, true};
}
/// A class that the file cannot choose.
constexpr Placement fixed(std::string_view parent, std::string_view element, std::string_view type,
                          bool many = kMany, std::string_view kind = {}) {
  return {parent, element, kind.empty() ? element : kind, kFixed, type, many};
}
/// A class that the file may choose.
constexpr Placement standard(std::string_view parent, std::string_view element,
                             std::string_view type, bool many = kMany, std::string_view kind = {}) {
  return {parent, element, kind.empty() ? element : kind, kDefault, type, many};
}
/// A class that the file must name.
constexpr Placement named(std::string_view parent, std::string_view element, bool many = kMany,
                          std::string_view kind = {}) {
  return {parent, element, kind.empty() ? element : kind, kRequired, {}, many};
}

constexpr std::array kPlacements{
    standard("", "Server", "org.apache.catalina.core.StandardServer", kOnce),
    standard("", "Context", "org.apache.catalina.core.StandardContext", kOnce),

    fixed("Server", "GlobalNamingResources", "org.apache.catalina.deploy.NamingResourcesImpl",
          kOnce, "Naming"),
    named("Server", "Listener"),
    standard("Server", "Service", "org.apache.catalina.core.StandardService"),

    fixed("Naming", "Ejb", "org.apache.tomcat.util.descriptor.web.ContextEjb"),
    fixed("Naming", "Environment", "org.apache.tomcat.util.descriptor.web.ContextEnvironment"),
    fixed("Naming", "LocalEjb", "org.apache.tomcat.util.descriptor.web.ContextLocalEjb"),
    fixed("Naming", "Resource", kContextResource),
    fixed("Naming", "ResourceEnvRef",
          "org.apache.tomcat.util.descriptor.web.ContextResourceEnvRef"),
    fixed("Naming", "ServiceRef", "org.apache.tomcat.util.descriptor.web.ContextService"),
    fixed("Naming", "Transaction", "org.apache.tomcat.util.descriptor.web.ContextTransaction",
          kOnce),

    named("Service", "Listener"),
    standard("Service", "Executor", "org.apache.catalina.core.StandardThreadExecutor"),
    standard("Service", "Connector", "org.apache.catalina.connector.Connector"),
    standard("Service", "Engine", "org.apache.catalina.core.StandardEngine", kOnce),

    fixed("Connector", "SSLHostConfig", "org.apache.tomcat.util.net.SSLHostConfig"),
    fixed("SSLHostConfig", "Certificate", "org.apache.tomcat.util.net.SSLHostConfigCertificate"),
    fixed("SSLHostConfig", "OpenSSLConf", "org.apache.tomcat.util.net.openssl.OpenSSLConf", kOnce),
    fixed("OpenSSLConf", "OpenSSLConfCmd", "org.apache.tomcat.util.net.openssl.OpenSSLConfCmd"),

    named("Connector", "Listener"),
    named("Connector", "UpgradeProtocol"),

    named("Engine", "Cluster", kOnce),
    named("Engine", "Listener"),
    named("Engine", "Valve"),
    named("Engine", "Realm", kOnce),
    standard("Engine", "Host", "org.apache.catalina.core.StandardHost"),

    named("Host", "Cluster", kOnce),
    named("Host", "Listener"),
    named("Host", "Valve"),
    named("Host", "Realm", kOnce),
    text("Host", "Alias"),
    standard("Host", "Context", "org.apache.catalina.core.StandardContext"),

    named("Realm", "CredentialHandler", kOnce),
    named("Realm", "Realm", kMany, "Realm2"),
    named("Realm2", "CredentialHandler", kOnce),
    named("Realm2", "Realm", kMany, "Realm3"),
    named("Realm3", "CredentialHandler", kOnce),
    named("CredentialHandler", "CredentialHandler", kMany, "CredentialHandler2"),
    named("CredentialHandler2", "CredentialHandler", kMany, "CredentialHandler3"),

    named("Context", "Listener"),
    named("Context", "Valve"),
    named("Context", "Realm", kOnce),
    standard("Context", "Manager", "org.apache.catalina.session.StandardManager", kOnce),
    named("Manager", "Store", kOnce),
    standard("Manager", "SessionIdGenerator", "org.apache.catalina.util.StandardSessionIdGenerator",
             kOnce),

    standard("Context", "Loader", "org.apache.catalina.loader.WebappLoader", kOnce),
    standard("Context", "Resources", "org.apache.catalina.webresources.StandardRoot", kOnce),
    named("Resources", "PreResources"),
    named("Resources", "JarResources"),
    named("Resources", "PostResources"),
    named("Resources", "CacheStrategy", kOnce),

    standard("Context", "JarScanner", "org.apache.tomcat.util.scan.StandardJarScanner", kOnce),
    standard("JarScanner", "JarScanFilter", "org.apache.tomcat.util.scan.StandardJarScanFilter",
             kOnce),

    standard("Context", "CookieProcessor", "org.apache.tomcat.util.http.Rfc6265CookieProcessor",
             kOnce),
    fixed("Context", "Parameter", "org.apache.tomcat.util.descriptor.web.ApplicationParameter"),
    fixed("Context", "Environment", "org.apache.tomcat.util.descriptor.web.ContextEnvironment"),
    fixed("Context", "Resource", kContextResource),
    fixed("Context", "ResourceLink", "org.apache.tomcat.util.descriptor.web.ContextResourceLink"),
    fixed("Context", "ResourceEnvRef",
          "org.apache.tomcat.util.descriptor.web.ContextResourceEnvRef"),
    fixed("Context", "Ejb", "org.apache.tomcat.util.descriptor.web.ContextEjb"),
    fixed("Context", "LocalEjb", "org.apache.tomcat.util.descriptor.web.ContextLocalEjb"),
    fixed("Context", "ServiceRef", "org.apache.tomcat.util.descriptor.web.ContextService"),
    fixed("Context", "Transaction", "org.apache.tomcat.util.descriptor.web.ContextTransaction",
          kOnce),
    text("Context", "WatchedResource"),
    text("Context", "WrapperLifecycle"),
    text("Context", "WrapperListener"),

    named("Cluster", "Manager", kOnce, "ClusterManager"),
    standard("ClusterManager", "SessionIdGenerator",
             "org.apache.catalina.util.StandardSessionIdGenerator", kOnce),

    named("Cluster", "Channel", kOnce),
    named("Channel", "Membership", kOnce),
    named("Channel", "MembershipListener"),
    named("Channel", "Sender", kOnce),
    named("Sender", "Transport", kOnce),
    named("Channel", "Receiver", kOnce),
    named("Channel", "Interceptor"),
    named("Channel", "ChannelListener"),
    named("Membership", "LocalMember", kOnce, "Member"),
    named("Membership", "Member"),
    named("Interceptor", "LocalMember", kOnce, "Member"),
    named("Interceptor", "Member"),

    named("Cluster", "Valve"),
    named("Cluster", "Deployer", kOnce),
    named("Cluster", "Listener"),
    named("Cluster", "ClusterListener"),
};

const Placement* find_row(std::string_view parent_kind, std::string_view element) {
  const auto row = std::ranges::find_if(kPlacements, [&](const Placement& p) {
    return p.parent == parent_kind && p.element == element;
  });
  return row == kPlacements.end() ? nullptr : &*row;
}

/// ", did you mean 'Host'?" for a misspelt name, "; <Manager> belongs into <Context> or <Cluster>"
/// for one that stands in the wrong place.
std::string hint(std::string_view parent_kind, std::string_view element) {
  std::vector<std::string_view> homes, here;
  for (const Placement& row : kPlacements) {
    if (row.parent == parent_kind) here.push_back(row.element);
    if (row.element != element) continue;
    for (const Placement& parent : kPlacements) {
      if (parent.kind == row.parent && std::ranges::find(homes, parent.element) == homes.end())
        homes.push_back(parent.element);
    }
  }
  if (homes.empty()) return did_you_mean(element, here);
  return fmt::format("; <{}> belongs into <{}>", element, fmt::join(homes, "> or <"));
}

void warn_unknown(const Element& e, std::string_view why, Diagnostics& diagnostics) {
  diagnostics.warning(e.origin, fmt::format("No rules found matching [{}]{}", e.path, why));
  for (const Element& child : e.children) warn_unknown(child, "", diagnostics);
}

/// className of one element by its row.
void check_class(Element& e, const Placement& row, Diagnostics& diagnostics) {
  const std::string* named = e.attribute("className");
  if (row.class_rule == kRequired && (!named || named->empty())) {
    diagnostics.error(e.origin, fmt::format("No class name specified for [] [{}]", e.name));
  } else if (row.class_rule == kDefault && !named) {
    e.attributes.push_back({"className", std::string(row.default_class)});
  }
}

void check_children(Element& parent, std::string_view kind, Diagnostics& diagnostics) {
  std::map<std::string_view, int> count;
  for (Element& child : parent.children) {
    const Placement* row = find_row(kind, child.name);
    if (!row) {
      warn_unknown(child, hint(kind, child.name), diagnostics);
      continue;
    }
    if (++count[row->element] == 2 && !row->many)
      diagnostics.info(child.origin, fmt::format("[{}] stands here more than once, the "
                                                 "last one is used",
                                                 child.path));
    check_class(child, *row, diagnostics);
    check_children(child, row->kind, diagnostics);
  }
}

}  // namespace

std::span<const Placement> placements() { return kPlacements; }

void check_nesting(Element& tree, std::string_view root, Diagnostics& diagnostics) {
  const auto row = std::ranges::find(kPlacements, root, &Placement::kind);
  SERVAL_ASSERT(row != kPlacements.end(), "no element is of this kind");
  if (tree.name != row->element) {
    diagnostics.error(tree.origin, fmt::format("No rules found matching "
                                               "[{}]; the root element must "
                                               "be <{}>",
                                               tree.path, row->element));
    return;
  }
  check_class(tree, *row, diagnostics);
  check_children(tree, row->kind, diagnostics);
}

void check_attribute_names(const Element& element, std::string_view class_name,
                           Diagnostics& diagnostics) {
  if (!diagnostics.tomcat().knows_class(class_name)) return;
  struct None {};
  read_options<None>(element, class_name, {}, diagnostics);
}

}  // namespace serval
