#include "cluster/tribes/group/channel_builder.h"

#include "cluster/tribes/group/group_channel.h"
#include "cluster/tribes/group/static_membership_service.h"
#include "cluster/tribes/interceptors/domain_filter_interceptor.h"
#include "cluster/tribes/interceptors/encrypt_interceptor.h"
#include "cluster/tribes/interceptors/fragmentation_interceptor.h"
#include "cluster/tribes/interceptors/gzip_interceptor.h"
#include "cluster/tribes/interceptors/message_dispatch_interceptor.h"
#include "cluster/tribes/interceptors/non_blocking_coordinator.h"
#include "cluster/tribes/interceptors/order_interceptor.h"
#include "cluster/tribes/interceptors/simple_coordinator.h"
#include "cluster/tribes/interceptors/static_membership_interceptor.h"
#include "cluster/tribes/interceptors/tcp_failure_detector.h"
#include "cluster/tribes/interceptors/tcp_ping_interceptor.h"
#include "cluster/tribes/interceptors/throughput_interceptor.h"
#include "cluster/tribes/interceptors/two_phase_commit_interceptor.h"
#include "cluster/tribes/membership/cloud/cloud_membership_service.h"
#include "cluster/tribes/membership/mcast_service.h"
#include "cluster/tribes/membership/static_member.h"
#include "cluster/tribes/transport/nio_receiver.h"
#include "cluster/tribes/transport/pooled_parallel_sender.h"

namespace serval::tribes {
namespace {

constexpr std::string_view kGroupChannel = "org.apache.catalina.tribes.group.GroupChannel";
constexpr std::string_view kTransport =
    "org.apache.catalina.tribes.transport.nio.PooledParallelSender";

/// The component of a child element, or a default one when the child is missing. Null after an
/// error.
template <class Default, class Base>
std::unique_ptr<Base> child_or_default(const Element& parent, std::string_view name,
                                       const Registry<Base>& registry, Diagnostics& diagnostics) {
  const Element* child = parent.child(name);
  if (!child) return std::make_unique<Default>();
  auto made = registry.create(*child, diagnostics);
  return made ? *std::move(made) : nullptr;
}

/// The table of a component's attributes as a registry describes it.
template <class Kind, class Options>
std::vector<typename Registry<Kind>::Description> rows_of(
    std::span<const Attribute<Options>> attributes) {
  std::vector<typename Registry<Kind>::Description> rows;
  for (const auto& row : attributes) rows.push_back({row.name, row.help});
  return rows;
}

std::unique_ptr<GroupChannel> default_channel() {
  auto channel = std::make_unique<GroupChannel>(
      GroupChannel::Options(),
      ChannelCoordinator::Parts{std::make_unique<McastService>(), std::make_unique<NioReceiver>(),
                                std::make_unique<PooledParallelSender>()});
  channel->add_interceptor(std::make_unique<MessageDispatchInterceptor>());
  channel->add_interceptor(std::make_unique<TcpFailureDetector>());
  return channel;
}

Result<std::unique_ptr<Channel>> make_group_channel(const TribesRegistries& registries,
                                                    const Element& element,
                                                    Diagnostics& diagnostics) {
  ChannelCoordinator::Parts parts;
  parts.membership =
      child_or_default<McastService>(element, "Membership", registries.memberships, diagnostics);
  parts.receiver =
      child_or_default<NioReceiver>(element, "Receiver", registries.receivers, diagnostics);
  parts.sender =
      child_or_default<PooledParallelSender>(element, "Sender", registries.senders, diagnostics);
  bool complete = parts.membership && parts.receiver && parts.sender;

  std::vector<std::unique_ptr<Interceptor>> interceptors;
  for (const Element* child : element.children_named("Interceptor")) {
    auto made = registries.interceptors.create(*child, diagnostics);
    if (made) {
      interceptors.push_back(*std::move(made));
    } else {
      complete = false;
    }
  }
  if (element.children_named("Interceptor").empty()) {
    interceptors.push_back(std::make_unique<MessageDispatchInterceptor>());
    interceptors.push_back(std::make_unique<TcpFailureDetector>());
  }
  // Tomcat ships no class for these, and an application's own would be Java.
  const Registry<ChannelListener> no_listeners;
  for (const std::string_view name : {"ChannelListener", "MembershipListener"}) {
    for (const Element* child : element.children_named(name)) {
      complete = static_cast<bool>(no_listeners.create(*child, diagnostics)) && complete;
    }
  }
  auto options = read_options<GroupChannel::Options>(element, kGroupChannel,
                                                     GroupChannel::attributes(), diagnostics);
  if (!complete) {
    return Error{Errc::kInvalidArgument, element.path + ": a part of the channel is missing"};
  }
  auto channel = std::make_unique<GroupChannel>(std::move(options), std::move(parts));
  for (auto& interceptor : interceptors) channel->add_interceptor(std::move(interceptor));
  return channel;
}

Result<std::unique_ptr<MembershipService>> make_cloud_membership(const Element& element,
                                                                 Diagnostics& diagnostics) {
  const auto options = read_options<CloudMembershipService::Options>(
      element, element.class_name(), CloudMembershipService::attributes(), diagnostics);
  if (const auto provider = cloud_provider(options.provider); !provider) {
    return Error{Errc::kInvalidArgument, element.path + ": " + provider.error().message};
  }
  return std::unique_ptr<MembershipService>(std::make_unique<CloudMembershipService>(options));
}

/// A component of options with `members` and `local`, which its children Member and LocalMember
/// name.
template <class T, class Kind>
Result<std::unique_ptr<Kind>> make_with_members(const Registry<Member>& members,
                                                const Element& element, Diagnostics& diagnostics) {
  auto options = read_options<typename T::Options>(element, element.class_name(), T::attributes(),
                                                   diagnostics);
  bool complete = true;
  for (const Element* child : element.children_named("Member")) {
    auto member = members.create(*child, diagnostics);
    complete = complete && member;
    if (member) options.members.push_back(*std::move(member));
  }
  if (const Element* child = element.child("LocalMember")) {
    auto member = members.create(*child, diagnostics);
    complete = complete && member;
    if (member) options.local = **member;
  }
  if (!complete) return Error{Errc::kInvalidArgument, element.path + ": a member is missing"};
  return std::unique_ptr<Kind>(std::make_unique<T>(options));
}

/// Registers such a component.
template <class T, class Kind>
void add_with_members(Registry<Kind>& kind, std::string_view class_name,
                      const Registry<Member>& members) {
  kind.add(class_name, rows_of<Kind>(T::attributes()),
           [&members](const Element& element, Diagnostics& diagnostics) {
             return make_with_members<T, Kind>(members, element, diagnostics);
           });
}

/// Registers an interceptor in Tomcat's package.
template <class T>
void add_interceptor(Registry<Interceptor>& interceptors, std::string_view simple_name) {
  interceptors.add<T>("org.apache.catalina.tribes.group.interceptors." + std::string(simple_name));
}

void add_interceptors(Registry<Interceptor>& all) {
  add_interceptor<TcpFailureDetector>(all, "TcpFailureDetector");
  add_interceptor<MessageDispatchInterceptor>(all, "MessageDispatchInterceptor");
  add_interceptor<ThroughputInterceptor>(all, "ThroughputInterceptor");
  add_interceptor<GzipInterceptor>(all, "GzipInterceptor");
  add_interceptor<OrderInterceptor>(all, "OrderInterceptor");
  add_interceptor<DomainFilterInterceptor>(all, "DomainFilterInterceptor");
  add_interceptor<TcpPingInterceptor>(all, "TcpPingInterceptor");
  add_interceptor<TwoPhaseCommitInterceptor>(all, "TwoPhaseCommitInterceptor");
  add_interceptor<EncryptInterceptor>(all, "EncryptInterceptor");
  add_interceptor<FragmentationInterceptor>(all, "FragmentationInterceptor");
  add_interceptor<NonBlockingCoordinator>(all, "NonBlockingCoordinator");
  add_interceptor<SimpleCoordinator>(all, "SimpleCoordinator");
}

}  // namespace

void register_tribes(TribesRegistries& all) {
  all.memberships.add<McastService>("org.apache.catalina.tribes.membership.McastService");
  all.memberships.add("org.apache.catalina.tribes.membership.cloud.CloudMembershipService",
                      rows_of<MembershipService>(CloudMembershipService::attributes()),
                      make_cloud_membership);
  all.receivers.add<NioReceiver>("org.apache.catalina.tribes.transport.nio.NioReceiver");
  all.transports.add<PooledParallelSender>(kTransport);
  // Tomcat 9 had blocking ones too; on the wire and in their attributes they are the same.
  all.receivers.add<NioReceiver>("org.apache.catalina.tribes.transport.bio.BioReceiver");
  all.transports.add<PooledParallelSender>(
      "org.apache.catalina.tribes.transport.bio.PooledMultiSender");
  all.senders.add(
      "org.apache.catalina.tribes.transport.ReplicationTransmitter", {},
      [&all](const Element& element, Diagnostics& diagnostics) -> Result<std::unique_ptr<Sender>> {
        const Element* transport = element.child("Transport");
        if (transport) return all.transports.create(*transport, diagnostics);
        return std::unique_ptr<Sender>(std::make_unique<PooledParallelSender>());
      });
  all.members.add("org.apache.catalina.tribes.membership.StaticMember",
                  rows_of<Member>(static_member_attributes()), static_member);
  add_interceptors(all.interceptors);
  add_with_members<StaticMembershipInterceptor>(
      all.interceptors, "org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor",
      all.members);
  add_with_members<StaticMembershipService>(
      all.memberships, "org.apache.catalina.tribes.membership.StaticMembershipService",
      all.members);
  all.channels.add(kGroupChannel, rows_of<Channel>(GroupChannel::attributes()),
                   [&all](const Element& element, Diagnostics& diagnostics) {
                     return make_group_channel(all, element, diagnostics);
                   });
}

const TribesRegistries& tribes_registries() {
  static const TribesRegistries* const registries = [] {
    auto* const filled = new TribesRegistries;  // lives as long as the process
    register_tribes(*filled);
    return filled;
  }();
  return *registries;
}

Result<std::unique_ptr<Channel>> build_channel(const Element* element, Diagnostics& diagnostics) {
  if (!element) return std::unique_ptr<Channel>(default_channel());
  return tribes_registries().channels.create(*element, diagnostics);
}

}  // namespace serval::tribes
