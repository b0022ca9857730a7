#pragma once
#include <memory>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/interceptor.h"
#include "cluster/tribes/membership/membership_service.h"
#include "cluster/tribes/transport/receiver.h"
#include "cluster/tribes/transport/sender.h"
#include "container/base/registry.h"

namespace serval::tribes {

/// Every class of the channel that a configuration may name.
struct TribesRegistries {
  Registry<Channel> channels;
  Registry<MembershipService> memberships;
  Registry<Receiver> receivers;
  Registry<Sender> senders;
  Registry<Sender> transports;
  Registry<Interceptor> interceptors;
  Registry<Member> members;
};

/// Fills the registries. They refer to each other, so they must stay where they are.
void register_tribes(TribesRegistries& registries);
/// The filled ones of the process.
const TribesRegistries& tribes_registries();

/// The channel of a <Channel> element, or Tomcat's default channel for nullptr. What the element
/// does not have is Tomcat's default; one configured interceptor replaces both default ones
/// (config-reference 2.1).
///
/// Errors: also in the diagnostics, all of them, with their places.
Result<std::unique_ptr<Channel>> build_channel(const Element* element, Diagnostics& diagnostics);

}  // namespace serval::tribes
