#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// What a look at the cloud found.
struct CloudView {
  std::vector<Member> members;       // without this node
  std::optional<UniqueId> local_id;  // this node's id, if it is in the list
};

/// Asks the platform that a node runs on which nodes there are. No node is spoken to.
///
/// Threads: one at a time.
/// Source: Tomcat org.apache.catalina.tribes.membership.cloud.CloudMembershipProvider; tribes-wire
/// 13.
class MembershipProvider {
 public:
  virtual ~MembershipProvider() = default;

  /// This node's id as far as it follows from its address alone.
  virtual std::optional<UniqueId> id_without_asking(const Member& /*local*/) const {
    return std::nullopt;
  }
  /// Looks once. `local` has the address and port of this node; the others are taken to listen at
  /// the same port. Blocks.
  /// Errors: kIo, kTimeout, kProtocol, kNotFound: nothing is known at present, which says nothing
  /// about the members.
  virtual Result<CloudView> fetch(const Member& local) = 0;
};

/// The unique id that every node derives for a member from a text: its MD5.
UniqueId cloud_id(std::string_view text);

/// An address as Java writes it: "10.0.0.7", or the eight groups of IPv6 without "::".
std::string java_address_text(const Bytes& host);

}  // namespace serval::tribes
