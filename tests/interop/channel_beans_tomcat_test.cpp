// The beans of a channel's parts beside those of a real Tomcat: every interceptor, what can be set
// there and what it does, and the operations.
#include <regex>
#include <string>
#include <vector>

#include "tests/interop/beans_of_both.h"

namespace serval::test {
namespace {

constexpr const char* kPackage = "org.apache.catalina.tribes.group.interceptors.";

std::string interceptor_xml(const std::string& name, const std::string& attributes = "") {
  return "<Interceptor className=\"" + std::string(kPackage) + name + "\" " + attributes + "/>\n";
}
std::string part(const std::string& component) {
  return "ClusterChannel:type=Channel,channel=Catalina-Channel,component=" + component;
}
std::string interceptor(const std::string& name) {
  return part("Interceptor,interceptorName=" + name);
}

class ChannelBeans : public BeansOfBoth {
 protected:
  /// Every interceptor that has a bean in Tomcat.
  void both_with_all(Kind other) {
    both(
        [](NodeOptions& o) {
          o.membership_attributes = "domain=\"north\" ttl=\"1\" localLoopbackDisabled=\"false\"";
          o.interceptors =
              interceptor_xml("ThroughputInterceptor", "interval=\"77\"") +
              interceptor_xml("TcpPingInterceptor", "interval=\"700\" useThread=\"true\"") +
              interceptor_xml("DomainFilterInterceptor", "domain=\"north\" logInterval=\"7\"") +
              interceptor_xml("GzipInterceptor", "compressionMinSize=\"70\"") +
              interceptor_xml("FragmentationInterceptor", "maxSize=\"70000\"") +
              interceptor_xml("StaticMembershipInterceptor") +
              interceptor_xml("EncryptInterceptor",
                              "encryptionAlgorithm=\"AES/GCM/NoPadding\" "
                              "encryptionKey=\"cafebabedeadbeef8badf00dcafebabe\"");
        },
        other);
  }
  /// But for age, id and payload (a Serval node has one), each node tells the same of itself.
  void expect_local_member(const std::string& bean, const std::string& argument) {
    const auto ask = [&](Side& side) {
      const std::string text =
          side.answer({{"invoke", bean}, {"op", "getLocalMember"}, {"ps", argument}});
      return std::regex_replace(text, std::regex("alive=[0-9]+|(id|payload)=[{][^}]*[}]"), "");
    };
    EXPECT_EQ(ask(*serval), ask(*tomcat));
  }
  void invoke(const std::string& bean, const std::string& operation, const std::string& arguments) {
    expect_same_answer({{"invoke", bean}, {"op", operation}, {"ps", arguments}});
  }
  void invoke(const std::string& bean, const std::string& operation) {
    expect_same_answer({{"invoke", bean}, {"op", operation}});
  }
};

/// Each attribute is set to what it is, to what cannot be, and back.
TEST_F(ChannelBeans, OfATomcat9) {
  both_with_all(Kind::kTomcat9);
  expect_same_beans("ClusterChannel:*");
  for (const auto& bean : tomcat->names("ClusterChannel:*")) {
    const auto ours = serval->attributes(bean);
    for (const auto& [name, value] : tomcat->attributes(bean)) {
      if (!ours.contains(name) || is_of_the_moment(bean, name)) continue;
      for (const std::string& text : {value, std::string("x"), std::string("13"),
                                      std::string("true"), std::string("-1"), value}) {
        expect_same_answer({{"set", bean}, {"att", name}, {"val", text}});
        // An array is shown as in a listing, not by Java's address.
        if (!value.starts_with("Array[")) expect_same_answer({{"get", bean}, {"att", name}});
      }
    }
  }
}

TEST_F(ChannelBeans, OfATomcat10) {
  both_with_all(Kind::kTomcat10);
  expect_same_beans("ClusterChannel:*");
}

/// Two nodes that know each other by their server.xml.
TEST_F(ChannelBeans, OfStaticMembers) {
  const std::vector<int> ports{free_port(), free_port()};
  std::size_t next = 0;
  both([&](NodeOptions& o) {
    const std::size_t me = next++;
    o.receiver = ports[me];
    const auto member = [&](const std::string& element, std::size_t which) {
      return "<" + element +
             R"( className="org.apache.catalina.tribes.membership.StaticMember" host="127.0.0.1")" +
             R"( domain="north" port=")" + std::to_string(ports[which]) +
             "\" uniqueId=\"{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15," + std::to_string(which) +
             "}\"/>";
    };
    o.cluster_xml =
        R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster" channelSendOptions="6">
          <Channel className="org.apache.catalina.tribes.group.GroupChannel">
          <Membership className="org.apache.catalina.tribes.membership.StaticMembershipService"
                      expirationTime="4000">)" +
        member("LocalMember", me) + member("Member", 1 - me) + R"(</Membership>
          <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver"
                    address="127.0.0.1" autoBind="0" maxThreads="6" port=")" +
        std::to_string(o.receiver) + R"("/></Channel></Cluster>)";
  });
  expect_same_beans("ClusterChannel:*");
  const std::string members = "Catalina:type=Cluster,component=Member,*";
  expect_same_beans(members);
  for (const auto& bean : tomcat->names(members)) {
    expect_same_answer({{"get", bean}, {"att", "modelerType"}});
  }
}

/// What is set while messages go to and fro.
TEST_F(ChannelBeans, WhatIsSetOnGzipCountsForTheNextMessage) {
  both([](NodeOptions& o) {
    o.interceptors = interceptor_xml("GzipInterceptor", "compressionMinSize=\"1000000\"");
  });
  const std::string gzip = interceptor("GzipInterceptor");
  for (Side* side : {tomcat.get(), serval.get()}) {
    side->jmx.set(gzip, "StatsEnabled", "true");
    EXPECT_EQ(side->jmx.get(gzip, "CountCompressedTX"), "0");
    side->jmx.set(gzip, "CompressionMinSize", "10");
  }
  for (Side* side : {tomcat.get(), serval.get()}) {
    SCOPED_TRACE(name_of(side->node.kind()));
    Side& other = side == tomcat.get() ? *serval : *tomcat;
    DemoUser user;
    ASSERT_TRUE(user.set(side->node, "k", std::string(1000, 'v')));
    EXPECT_EQ(user.peek(other.node, "k"), std::string(1000, 'v'));
    EXPECT_NE(side->jmx.get(gzip, "CountCompressedTX"), "0");
    EXPECT_NE(other.jmx.get(gzip, "CountCompressedRX"), "0");
  }
  for (Side* side : {tomcat.get(), serval.get()}) {
    side->jmx.set(gzip, "StatsEnabled", "false");
    side->jmx.invoke(gzip, "reset");
    EXPECT_EQ(side->jmx.get(gzip, "CompressedSizeTX"), "0");
  }
}

/// The algorithm counts from the next start of the channel.
TEST_F(ChannelBeans, AnotherAlgorithmCountsFromTheNextStart) {
  both([](NodeOptions& o) {
    o.interceptors = interceptor_xml("EncryptInterceptor",
                                     "encryptionAlgorithm=\"AES/CBC/PKCS5Padding\" "
                                     "encryptionKey=\"cafebabedeadbeef8badf00dcafebabe\"");
  });
  for (Side* side : {tomcat.get(), serval.get()}) {
    side->jmx.set(interceptor("EncryptInterceptor"), "EncryptionAlgorithm", "AES/GCM/NoPadding");
  }
  DemoUser before;
  ASSERT_TRUE(before.set(serval->node, "k", "cbc"));
  EXPECT_EQ(before.peek(tomcat->node, "k"), "cbc");
  for (const char* operation : {"stop", "start"}) {
    for (Side* side : {tomcat.get(), serval.get()}) {
      side->jmx.invoke("Catalina:type=Cluster", operation);
    }
  }
  for (Side* side : {tomcat.get(), serval.get()}) {
    EXPECT_TRUE(
        eventually([&] { return side->jmx.invoke(part("Channel"), "hasMembers") == "true"; }));
  }
  // A Tomcat's cluster that was stopped knows its managers no more: it tells of a new session and
  // of nothing else.
  DemoUser after;
  ASSERT_TRUE(after.set(tomcat->node, "k", "gcm"));
  EXPECT_EQ(after.peek(serval->node, "k"), "null");
}

TEST_F(ChannelBeans, OperationsOfATomcat9) {
  both_with_all(Kind::kTomcat9);
  for (const char* arguments : {"true", "false", "x"}) {
    invoke(interceptor("TcpFailureDetector"), "checkMembers", arguments);
    expect_local_member(interceptor("StaticMembershipInterceptor"), arguments);
    expect_local_member(part("Channel"), arguments);
  }
  invoke(interceptor("TcpFailureDetector"), "checkMembers");
  invoke(interceptor("GzipInterceptor"), "reset");
  invoke(interceptor("GzipInterceptor"), "report");
  invoke(interceptor("ThroughputInterceptor"), "report", "0.5");
  invoke(interceptor("ThroughputInterceptor"), "report", "x");
  invoke(part("Channel"), "hasMembers");
  for (const char* arguments : {"a,b,1", "a,b,1,c", "a,b"}) {
    invoke(part("Channel"), "send", arguments);
  }
  for (const char* operation : {"addMembershipListener", "addChannelListener",
                                "removeMembershipListener", "removeChannelListener"}) {
    invoke(part("Channel"), operation, "x");
  }
  invoke(part("Membership"), "hasMembers");
  invoke(part("Membership"), "findMemberByName", "x");
  invoke(part("Membership"), "findMemberByName", "tcp://{127, 0, 0, 1}:4000");
  invoke(part("Membership"), "findMemberByName");
}

}  // namespace
}  // namespace serval::test
