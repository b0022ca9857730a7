// The names that the beans of a channel get; beans_tomcat_test.cpp has them beside a Tomcat's.
#include <gtest/gtest.h>

#include "cluster/tribes/group/group_channel.h"
#include "cluster/tribes/interceptors/message_dispatch_interceptor.h"
#include "cluster/tribes/membership/mcast_service.h"
#include "cluster/tribes/transport/nio_receiver.h"
#include "cluster/tribes/transport/pooled_parallel_sender.h"

namespace serval::tribes {
namespace {

using Names = std::vector<std::string>;

/// Of a channel that is not started: its parts show nothing yet.
Names names(GroupChannel::Options options) {
  GroupChannel channel(std::move(options),
                       {std::make_unique<McastService>(), std::make_unique<NioReceiver>(),
                        std::make_unique<PooledParallelSender>()});
  channel.add_interceptor(std::make_unique<MessageDispatchInterceptor>());
  Names all;
  for (const auto& part : channel.beans()) all.push_back(part.domain + ":" + part.keys);
  return all;
}

TEST(ChannelBeans, StandBelowTheNameOfTheChannel) {
  EXPECT_EQ(names({.name = "a-Channel"}),
            (Names{"ClusterChannel:type=Channel,channel=a-Channel,component=Channel",
                   "ClusterChannel:type=Channel,channel=a-Channel,component=Interceptor,"
                   "interceptorName=MessageDispatchInterceptor"}));
}

TEST(ChannelBeans, HaveTheDomainAndThePrefixOfTheElement) {
  EXPECT_EQ(names({.name = "a", .jmx_domain = "My.Domain", .jmx_prefix = "zone=north,"}).front(),
            "My.Domain:zone=north,type=Channel,channel=a,component=Channel");
  // Without a comma it is no name (register_bean() says so), in Tomcat neither.
  EXPECT_EQ(names({.name = "a", .jmx_prefix = "zone=north"}).front(),
            "ClusterChannel:zone=northtype=Channel,channel=a,component=Channel");
  EXPECT_EQ(names({.name = "a", .jmx_domain = ""}).front(),
            "DefaultDomain:type=Channel,channel=a,component=Channel");
}

TEST(ChannelBeans, AreNotThereIfTheElementSaysSo) {
  EXPECT_EQ(names({.jmx_enabled = false}), Names());
}

}  // namespace
}  // namespace serval::tribes
