// What a GroupChannel and its parts show to management.
#include "cluster/tribes/group/group_channel.h"

namespace serval::tribes {

void GroupChannel::add_figures(BeanTable<GroupChannel>& table) {
  table.read("Members", [](const GroupChannel& channel) {
    BeanList names{"org.apache.catalina.tribes.Member", {}};
    for (const auto& member : channel.members()) names.items.push_back(member->description());
    return BeanValue(std::move(names));
  });
  add_has_members(table);
  add_local_member(table, [](const GroupChannel& channel) { return channel.local_member(); });
  // A JMXProxy has texts only, and these take objects.
  table.refuse("send", 3).refuse("send", 4);
  for (const char* const operation : {"addMembershipListener", "addChannelListener",
                                      "removeMembershipListener", "removeChannelListener"}) {
    table.refuse(operation, 1);
  }
}

std::vector<Channel::PartBean> GroupChannel::beans() {
  std::vector<PartBean> all;
  if (!options_.jmx_enabled) return all;
  // The prefix stands before the first key, with the comma that it needs (Tomcat's JmxRegistry).
  const std::string keys = options_.jmx_prefix + "type=Channel,channel=" + name() + ",component=";
  const std::string& named = options_.jmx_domain;
  const std::string domain = named.empty() ? "DefaultDomain" : named;  // of Java's MBeanServer
  const auto add = [&](std::string_view component, std::unique_ptr<Bean> bean) {
    if (bean) all.push_back({domain, keys + std::string(component), std::move(bean)});
  };
  add("Channel", part_bean(*this, "org.apache.catalina.tribes.group.GroupChannel"));
  const int levels = levels_;
  const auto& parts = coordinator_.parts();
  if ((levels & level::kReceiver) != 0) add("Receiver", parts.receiver->bean());
  if ((levels & level::kSender) != 0) add("Sender", parts.sender->bean());
  if ((levels & (level::kMembershipReceive | level::kMembershipSend)) != 0) {
    add("Membership", parts.membership->bean());
  }
  for (const auto& interceptor : stack_.all()) {
    add("Interceptor,interceptorName=" + std::string(interceptor->simple_name()),
        interceptor->bean());
  }
  return all;
}

}  // namespace serval::tribes
