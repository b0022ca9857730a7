// A SimpleTcpCluster from its XML element.
#include <fmt/format.h>

#include <utility>

#include "cluster/ha/session/cluster_manager.h"
#include "cluster/ha/tcp/simple_tcp_cluster.h"
#include "cluster/tribes/group/channel_builder.h"

namespace serval::ha {

namespace {
constexpr std::string_view kClassName = "org.apache.catalina.ha.tcp.SimpleTcpCluster";
constexpr std::string_view kEncryptInterceptor =
    "org.apache.catalina.tribes.group.interceptors.EncryptInterceptor";

/// A Channel element that says `heartbeat="false"`: the background thread drives it.
Element without_heartbeat(const Element* given, const Element& cluster) {
  Element element;
  if (given) {
    element = *given;
  } else {
    element.name = "Channel";
    element.path = cluster.path + "/Channel";
    element.origin = cluster.origin;
    element.attributes.push_back({"className", "org.apache.catalina.tribes.group.GroupChannel"});
  }
  std::erase_if(element.attributes,
                [](const auto& a) { return same_attribute(a.name, "heartbeat"); });
  element.attributes.push_back({"heartbeat", "false"});
  return element;
}

class Builder {
 public:
  Builder(Diagnostics& diagnostics, const core::Registries& registries, const HaRegistries& ha)
      : diagnostics_(diagnostics), registries_(registries), ha_(ha) {}

  SimpleTcpCluster::Parts build(const Element& element, const SimpleTcpCluster::Options& options) {
    build_channel(element, options.heartbeat_background_enabled);
    for (const Element& child : element.children) add(child);
    return std::move(parts_);
  }

 private:
  void build_channel(const Element& element, bool driven_from_outside) {
    const Element* channel = element.child("Channel");
    Element changed;
    if (driven_from_outside) {
      changed = without_heartbeat(channel, element);
      channel = &changed;
    }
    if (auto built = tribes::build_channel(channel, diagnostics_)) {
      parts_.channel = *std::move(built);
    }
  }

  /// Every failure of a registry is in the diagnostics already, which end the start.
  void add(const Element& child) {
    if (child.name == "Manager") {
      add_manager(child);
    } else if (child.name == "Valve") {
      add_valve(child);
    } else if (child.name == "ClusterListener") {
      if (auto made = ha_.listeners.create(child, diagnostics_)) {
        parts_.listeners.push_back(*std::move(made));
      }
    } else if (child.name == "Deployer") {
      if (auto made = ha_.deployers.create(child, diagnostics_)) parts_.deployer = *std::move(made);
    } else if (child.name == "Channel") {
      for (const Element* interceptor : child.children_named("Interceptor")) {
        parts_.encrypted = parts_.encrypted || interceptor->class_name() == kEncryptInterceptor;
      }
    }
  }

  void add_manager(const Element& child) {
    auto made = registries_.managers.create(child, diagnostics_);
    if (!made) return;
    if (!dynamic_cast<ClusterManager*>(made->get())) {
      diagnostics_.error(child.origin, fmt::format("{}: className '{}' is no cluster manager",
                                                   child.path, child.class_name()));
      return;
    }
    parts_.manager_template = *std::move(made);
  }

  void add_valve(const Element& child) {
    auto made = registries_.valves.create(child, diagnostics_);
    if (!made) return;
    if (auto* const valve = dynamic_cast<ClusterValve*>(made->get())) {
      static_cast<void>(made->release());
      parts_.valves.emplace_back(valve);
      return;
    }
    // Tomcat drops it too, without a word.
    diagnostics_.warning(
        child.origin,
        fmt::format("{}: [{}] is no cluster valve and has no effect inside a Cluster; write it "
                    "beside the Cluster",
                    child.path, child.class_name()));
  }

  Diagnostics& diagnostics_;
  const core::Registries& registries_;
  const HaRegistries& ha_;
  SimpleTcpCluster::Parts parts_;
};
}  // namespace

Result<std::unique_ptr<core::Cluster>> SimpleTcpCluster::from_element(
    const Element& element, Diagnostics& diagnostics, const core::Registries& registries,
    const HaRegistries& ha) {
  auto options = read_options<Options>(element, kClassName, attributes(), diagnostics);
  auto parts = Builder(diagnostics, registries, ha).build(element, options);
  if (!parts.channel) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("{}: its channel cannot be built", element.path)};
  }
  auto cluster = std::make_unique<SimpleTcpCluster>(std::move(options), std::move(parts));
  for (const Element* child : element.children_named("Listener")) {
    if (auto listener = registries.listeners.create(*child, diagnostics)) {
      cluster->add_lifecycle_listener(*std::move(listener));
    }
  }
  return std::unique_ptr<core::Cluster>(std::move(cluster));
}

}  // namespace serval::ha
