#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cluster/tribes/membership/cloud/kubernetes_settings.h"
#include "cluster/tribes/membership/cloud/membership_provider.h"

namespace serval::tribes {

/// Every address of a name (DNS_MEMBERSHIP_SERVICE_NAME, else the namespace) is a member. Addresses
/// of the other family than this node's are passed over: with both, each node would be listed
/// twice.
///
/// Unlike Tomcat's, it does not take the sender of a message for a member: who is one is the name
/// server's word alone.
/// Source: Tomcat org.apache.catalina.tribes.membership.cloud.DNSMembershipProvider.
class DnsMembershipProvider final : public MembershipProvider {
 public:
  explicit DnsMembershipProvider(const Environment& environment);

  std::optional<UniqueId> id_without_asking(const Member& local) const override;
  Result<CloudView> fetch(const Member& local) override;

 private:
  const std::string name_;
};

}  // namespace serval::tribes
