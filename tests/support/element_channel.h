// tests/support/element_channel.h
#pragma once
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/tribes/group/channel_builder.h"

namespace serval::tribes {

/// <NAME className="org.apache.catalina.tribes.CLASS" PROPERTY="VALUE" ...>, from "CLASS
/// PROPERTY=VALUE ...", as the arguments of ChannelPeer have it. "member=PORT:ID" and
/// "local=PORT:ID" become the children Member and LocalMember on 127.0.0.1.
inline Element element_of(const std::string& name, const std::string& text) {
  Element element;
  element.name = name;
  element.path = "Server/Service/Engine/Cluster/Channel/" + name;
  element.origin.file = std::make_shared<const std::string>("conf/server.xml");
  std::istringstream words(text);
  std::string word;
  words >> word;
  element.attributes.push_back({"className", "org.apache.catalina.tribes." + word});
  while (words >> word) {
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals), value = word.substr(equals + 1);
    if (key != "member" && key != "local") {
      element.attributes.push_back({key, value});
      continue;
    }
    std::istringstream parts(value);
    std::string port, id, domain;
    std::getline(parts, port, ':');
    std::getline(parts, id, ':');
    std::getline(parts, domain, ':');
    Element member =
        element_of(key == "member" ? "Member" : "LocalMember",
                   "membership.StaticMember host=127.0.0.1 port=" + port + " uniqueId=" + id +
                       (domain.empty() ? "" : " domain=" + domain));
    element.children.push_back(std::move(member));
  }
  return element;
}

/// Knows what Serval knows, nothing more.
class NoTomcatNames final : public TomcatNames {
 public:
  bool knows_class(std::string_view) const override { return false; }
  std::span<const std::string_view> attributes_of(std::string_view) const override { return {}; }
};

/// A <Channel> with these interceptors ("OrderInterceptor expire=100"), multicast and receiver on
/// 127.0.0.1. `membership`: more properties of its McastService, or "membership.CLASS ..." instead
/// of that. `receiver`: more properties of its NioReceiver. Null, and `problems` filled, if the
/// builder refuses or warns.
inline std::unique_ptr<Channel> channel_of(
    int group_port, const std::vector<std::string>& interceptors, std::string& problems,
    const std::string& membership = "", int receiver_port = 0, const std::string& receiver = "") {
  Element element = element_of("Channel", "group.GroupChannel");
  const std::string multicast =
      "membership.McastService bind=127.0.0.1 frequency=100 dropTime=1000 port=" +
      std::to_string(group_port) + " " + membership;
  element.children.push_back(
      element_of("Membership", membership.starts_with("membership.") ? membership : multicast));
  element.children.push_back(
      element_of("Receiver", "transport.nio.NioReceiver address=127.0.0.1 port=" +
                                 std::to_string(receiver_port) + " " + receiver));
  // A busy machine takes its time; what a time-out does has tests of its own.
  Element sender = element_of("Sender", "transport.ReplicationTransmitter");
  sender.children.push_back(
      element_of("Transport", "transport.nio.PooledParallelSender timeout=20000"));
  element.children.push_back(std::move(sender));
  for (const std::string& one : interceptors) {
    element.children.push_back(element_of("Interceptor", "group.interceptors." + one));
  }
  const NoTomcatNames names;
  Diagnostics diagnostics(names);
  auto channel = build_channel(&element, diagnostics);
  for (const auto& entry : diagnostics.entries()) problems += entry.text + "\n";
  return channel && problems.empty() ? *std::move(channel) : nullptr;
}

}  // namespace serval::tribes
