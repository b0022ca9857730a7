#include "cluster/tribes/interceptors/domain_filter_interceptor.h"

#include <array>

#include "cluster/tribes/byte_text.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {
const Log kLog{"org.apache.catalina.tribes.group.interceptors.DomainFilterInterceptor"};
}

std::span<const Attribute<DomainFilterInterceptor::Options>> DomainFilterInterceptor::attributes() {
  using O = Options;
  static const std::array table{
      bytes_attribute("domain", &O::domain, "only members of this domain pass, text or {1,2}"),
      attribute("logInterval", &O::log_interval, "refused messages for each warning"),
      attribute("optionFlag", &O::option_flag, "without effect"),
  };
  return table;
}

DomainFilterInterceptor::DomainFilterInterceptor(const Options& options)
    : Interceptor(options.option_flag), options_(options) {}

Result<> DomainFilterInterceptor::receive(ChannelMessage message, Above above) {
  if (is_ours(*message.address)) return above.receive(std::move(message));
  if (refused_.fetch_add(1) + 1 >= options_->log_interval) {
    refused_ = 0;
    kLog.warn("Received message from cluster[{}] was refused.", message.address->description());
  }
  return {};
}

void DomainFilterInterceptor::member_added(const MemberPtr& member, Above above) {
  if (is_ours(*member)) return above.member_added(member);
  kLog.info("Member [{}] was refused to join cluster", member->description());
}

void DomainFilterInterceptor::member_disappeared(const MemberPtr& member, Above above) {
  if (is_ours(*member)) above.member_disappeared(member);
}

Members DomainFilterInterceptor::members(Below below) const {
  Members members = below.members();
  std::erase_if(members, [this](const MemberPtr& member) { return !is_ours(*member); });
  return members;
}

}  // namespace serval::tribes
