#include "cluster/tribes/membership/cloud/cloud_membership_service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "cluster/tribes/host_address.h"
#include "cluster/tribes/membership/cloud/cloud_poller.h"
#include "cluster/tribes/membership/cloud/dns_membership_provider.h"
#include "cluster/tribes/membership/cloud/kubernetes_membership_provider.h"
#include "cluster/tribes/membership/properties_text.h"
#include "container/base/error.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.membership.cloud.CloudMembershipService"};
/// What start() gives the first list. Others find this node by the platform, not by its start.
constexpr std::chrono::seconds kFirstList{3};

std::unique_ptr<MembershipProvider> provider_of(const CloudMembershipService::Options& options) {
  const Environment environment = [](const char* name) { return std::getenv(name); };
  const auto provider = cloud_provider(options.provider);
  SERVAL_ASSERT(provider, "the provider's name was checked before");
  if (*provider == CloudProvider::kDns) {
    return std::make_unique<DnsMembershipProvider>(environment);
  }
  return std::make_unique<KubernetesMembershipProvider>(environment, options.connect_timeout,
                                                        options.read_timeout);
}

/// The address by which the platform knows a node whose receiver listens on all addresses.
Result<Bytes> address_of_host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) {
    return Error{Errc::kIo, "the host has no name"};
  }
  return host_from_text(name.data());
}

}  // namespace

Result<CloudProvider> cloud_provider(std::string_view class_name) {
  constexpr std::string_view kPackage = "org.apache.catalina.tribes.membership.cloud.";
  std::string_view name = class_name;
  if (name.starts_with(kPackage)) name.remove_prefix(kPackage.size());
  if (name.empty() || name == "kubernetes" || name == "KubernetesMembershipProvider") {
    return CloudProvider::kKubernetes;
  }
  if (name == "dns" || name == "DNSMembershipProvider") return CloudProvider::kDns;
  return Error{
      Errc::kNotFound,
      fmt::format("no membershipProviderClassName '{}'; there are kubernetes and dns", class_name)};
}

std::span<const Attribute<CloudMembershipService::Options>> CloudMembershipService::attributes() {
  using O = Options;
  static const std::array table{
      attribute("membershipProviderClassName", &O::provider, "kubernetes or dns"),
      attribute("connectTimeout", &O::connect_timeout, "ms to connect to the Kubernetes API"),
      attribute("readTimeout", &O::read_timeout, "ms to wait for data from it"),
      attribute("expirationTime", &O::expiration_time,
                "ms after which a member that is not listed any more is gone"),
  };
  return table;
}

CloudMembershipService::CloudMembershipService(const Options& options)
    : CloudMembershipService(options, [options] { return provider_of(options); }) {}

CloudMembershipService::CloudMembershipService(const Options& options, MakeProvider make_provider)
    : options_(options), make_provider_(std::move(make_provider)) {}

std::string CloudMembershipService::properties() const {
  const Options defaults;
  std::vector<Property> all;
  const auto add = [&](std::string_view name, auto now, auto usual) {
    if (now != usual) all.emplace_back(name, std::to_string(now.count()));
  };
  if (!options_.provider.empty())
    all.emplace_back("membershipProviderClassName", options_.provider);
  add("connectTimeout", options_.connect_timeout, defaults.connect_timeout);
  add("readTimeout", options_.read_timeout, defaults.read_timeout);
  add("expirationTime", options_.expiration_time, defaults.expiration_time);
  if (const auto local = local_member()) {
    all.emplace_back("tcpListenHost", local->host_text());
    all.emplace_back("tcpListenPort", std::to_string(local->port));
    all.emplace_back("udpListenPort", std::to_string(local->udp_port));
    all.emplace_back("tcpSecurePort", std::to_string(local->secure_port));
  }
  return properties_text(all);
}

CloudMembershipService::~CloudMembershipService() { stop(level::kMembershipReceive); }

void CloudMembershipService::set_local(Member here) {
  const std::lock_guard lock(mutex_);
  local_ = std::make_shared<const Member>(std::move(here));
}

Result<> CloudMembershipService::start(int levels, Events events) {
  if ((levels & level::kMembershipReceive) == 0) return {};
  std::shared_ptr<Poller> poller;
  {
    const std::lock_guard lock(mutex_);
    if (poller_) return Error{Errc::kBadState, "the membership service runs at this level already"};
    if (!local_) return Error{Errc::kBadState, "the membership service has no local member"};
    if (std::ranges::all_of(local_->host, [](auto byte) { return byte == 0; })) {
      auto host = address_of_host_name();
      if (!host) return std::move(host).error();
      auto local = std::make_shared<Member>(*local_);
      local->host = *std::move(host);
      local_ = std::move(local);
    }
    poller_ = std::make_shared<Poller>(make_provider_(), local_, std::move(events),
                                       options_.expiration_time);
    poller = poller_;
  }
  poller->start();
  if (!poller->wait_for_first(kFirstList)) {
    kLog.warn("The list of members takes more than [{}] s, the start goes on without it",
              kFirstList.count());
  }
  return {};
}

void CloudMembershipService::stop(int levels) {
  if ((levels & level::kMembershipReceive) == 0) return;
  std::shared_ptr<Poller> poller;
  {
    const std::lock_guard lock(mutex_);
    poller = std::exchange(poller_, nullptr);
  }
  if (poller) poller->stop();
}

MemberPtr CloudMembershipService::local_member() const {
  const std::lock_guard lock(mutex_);
  return poller_ ? poller_->local_member() : local_;
}

Members CloudMembershipService::members() const {
  const std::lock_guard lock(mutex_);
  return poller_ ? poller_->members() : Members();
}

Result<> CloudMembershipService::broadcast(std::span<const std::uint8_t> /*frames*/) {
  return Error{Errc::kBadState, "CloudMembershipService has no multicast to send by"};
}

void CloudMembershipService::heartbeat() {
  const std::lock_guard lock(mutex_);
  if (poller_) poller_->look();
}

}  // namespace serval::tribes
