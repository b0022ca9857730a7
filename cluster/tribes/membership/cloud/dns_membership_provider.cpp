#include "cluster/tribes/membership/cloud/dns_membership_provider.h"

#include "cluster/tribes/host_address.h"

namespace serval::tribes {
namespace {

std::string service_name(const Environment& environment) {
  const char* const name = environment("DNS_MEMBERSHIP_SERVICE_NAME");
  return name ? name : cloud_namespace(environment);
}

}  // namespace

DnsMembershipProvider::DnsMembershipProvider(const Environment& environment)
    : name_(service_name(environment)) {}

std::optional<UniqueId> DnsMembershipProvider::id_without_asking(const Member& local) const {
  return cloud_id(java_address_text(local.host));
}

Result<CloudView> DnsMembershipProvider::fetch(const Member& local) {
  const auto addresses = host_addresses(name_, local.host.size() == 16 ? Family::kV6 : Family::kV4);
  if (!addresses) return addresses.error();
  CloudView view;
  for (const Bytes& host : *addresses) {
    if (host == local.host) continue;
    Member member;
    member.host = host;
    member.port = local.port;
    member.id = cloud_id(java_address_text(host));
    member.alive_ms = -1;
    view.members.push_back(std::move(member));
  }
  return view;
}

}  // namespace serval::tribes
