#include "cluster/tribes/group/channel_builder.h"

#include <gtest/gtest.h>

namespace serval::tribes {
namespace {

constexpr std::string_view kTribes = "org.apache.catalina.tribes.";

/// Knows one class that Serval has not.
class Names final : public TomcatNames {
 public:
  bool knows_class(std::string_view name) const override {
    return name == "org.apache.catalina.tribes.group.interceptors.RecordingInterceptor";
  }
  std::span<const std::string_view> attributes_of(std::string_view) const override { return {}; }
};

Element element(std::string name, std::string_view class_name,
                std::vector<Element::Attribute> attributes = {}) {
  Element e;
  e.path = "Server/Service/Engine/Cluster/Channel/" + name;
  e.name = std::move(name);
  e.origin.file = std::make_shared<const std::string>("conf/server.xml");
  e.origin.line = 7;
  if (!class_name.empty()) {
    e.attributes.push_back({"className", std::string(kTribes) + std::string(class_name)});
  }
  for (auto& a : attributes) e.attributes.push_back(std::move(a));
  return e;
}

Element channel(std::vector<Element> children) {
  Element e = element("Channel", "group.GroupChannel");
  e.children = std::move(children);
  return e;
}

class ChannelBuilderTest : public ::testing::Test {
 protected:
  std::string texts() const {
    std::string all;
    for (const auto& entry : diagnostics_.entries()) all += entry.text + "\n";
    return all;
  }
  const Names names_;
  Diagnostics diagnostics_{names_};
};

TEST_F(ChannelBuilderTest, NoElementGivesTheDefaultChannel) {
  EXPECT_TRUE(build_channel(nullptr, diagnostics_));
  EXPECT_EQ(texts(), "");
}

TEST_F(ChannelBuilderTest, BuildsTheHowTosChannel) {
  Element sender = element("Sender", "transport.ReplicationTransmitter");
  sender.children.push_back(element("Transport", "transport.nio.PooledParallelSender",
                                    {{"poolSize", "5"}, {"timeout", "1000"}}));
  const Element e = channel(
      {element("Membership", "membership.McastService",
               {{"address", "228.0.0.4"},
                {"port", "45564"},
                {"frequency", "500"},
                {"dropTime", "3000"},
                {"domain", "{1,2}"}}),
       element("Receiver", "transport.nio.NioReceiver",
               {{"address", "auto"}, {"port", "4000"}, {"autoBind", "100"}, {"maxThreads", "6"}}),
       std::move(sender), element("Interceptor", "group.interceptors.TcpFailureDetector"),
       element("Interceptor", "group.interceptors.MessageDispatchInterceptor")});
  EXPECT_TRUE(build_channel(&e, diagnostics_));
  EXPECT_EQ(texts(), "");
}

TEST_F(ChannelBuilderTest, TheBlockingClassesOfTomcat9StandForTheSameParts) {
  Element sender = element("Sender", "transport.ReplicationTransmitter");
  sender.children.push_back(
      element("Transport", "transport.bio.PooledMultiSender", {{"timeout", "1000"}}));
  const Element e =
      channel({element("Receiver", "transport.bio.BioReceiver", {{"port", "4100"}}), sender});
  EXPECT_TRUE(build_channel(&e, diagnostics_));
  EXPECT_EQ(texts(), "");
}

TEST_F(ChannelBuilderTest, BuildsAStaticMembershipWithItsMembers) {
  Element service = element("Membership", "membership.StaticMembershipService",
                            {{"expirationTime", "5000"},
                             {"connectTimeout", "500"},
                             {"rpcTimeout", "3000"},
                             {"useThread", "true"},
                             {"pingInterval", "1000"}});
  const auto member = [](const char* name, const char* id) {
    return element(name, "membership.StaticMember",
                   {{"host", "127.0.0.1"}, {"port", "4000"}, {"uniqueId", id}});
  };
  service.children = {member("Member", "{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15}"),
                      member("LocalMember", "{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,16}")};
  const Element good = channel({service});
  EXPECT_TRUE(build_channel(&good, diagnostics_));
  EXPECT_EQ(texts(), "");
  service.children.push_back(element("Member", "membership.StaticMember", {{"port", "4001"}}));
  const Element bad = channel({service});
  EXPECT_FALSE(build_channel(&bad, diagnostics_));
  EXPECT_NE(texts().find("a member needs a host"), std::string::npos) << texts();
}

TEST_F(ChannelBuilderTest, SaysEverythingThatIsWrong) {
  const Element e =
      channel({element("Membership", "membership.McastServise"), element("Receiver", ""),
               element("Interceptor", "group.interceptors.RecordingInterceptor"),
               element("ChannelListener", "demo.Listener")});
  EXPECT_FALSE(build_channel(&e, diagnostics_));
  const std::string all = texts();
  EXPECT_NE(all.find("conf/server.xml:7: "), std::string::npos);
  EXPECT_NE(all.find("did you mean 'org.apache.catalina.tribes.membership.McastService'?"),
            std::string::npos);
  EXPECT_NE(all.find("No class name specified"), std::string::npos);
  EXPECT_NE(all.find("RecordingInterceptor' is known from Tomcat, but this version of Serval"),
            std::string::npos);
  EXPECT_NE(all.find("unknown className 'org.apache.catalina.tribes.demo.Listener'"),
            std::string::npos);
}

TEST_F(ChannelBuilderTest, ACloudProviderIsOneThatThereIs) {
  const auto with = [](const char* provider) {
    return channel({element("Membership", "membership.cloud.CloudMembershipService",
                            {{"membershipProviderClassName", provider},
                             {"connectTimeout", "1"},
                             {"readTimeout", "1"},
                             {"expirationTime", "1"}})});
  };
  const Element dns = with("dns"), own = with("my.Provider");
  EXPECT_TRUE(build_channel(&dns, diagnostics_));
  EXPECT_EQ(texts(), "");
  EXPECT_FALSE(build_channel(&own, diagnostics_));
  EXPECT_NE(texts().find("'my.Provider'; there are kubernetes and dns"), std::string::npos);
}

TEST_F(ChannelBuilderTest, WarnsOfAttributesThatDoNotFit) {
  const Element e =
      channel({element("Membership", "membership.McastService",
                       {{"frequenzy", "1"}, {"dropTime", "soon"}, {"domain", "{x}"}})});
  EXPECT_TRUE(build_channel(&e, diagnostics_));
  EXPECT_FALSE(diagnostics_.has_errors());
  EXPECT_EQ(diagnostics_.entries().size(), 3U);
  EXPECT_NE(texts().find("did you mean 'frequency'?"), std::string::npos);
}

}  // namespace
}  // namespace serval::tribes
