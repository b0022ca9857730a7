#include "cluster/tools/channel_file.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace serval::tools {
namespace {

using serval::test::TempDir;

/// What is wrong with this file; "" if nothing.
std::string problem_of(std::string_view xml, const std::vector<std::string>& definitions = {}) {
  const TempDir dir;
  const auto loaded = load_channel(dir.write("channel.xml", xml).string(), definitions);
  if (!loaded) return loaded.error().message;
  std::string warnings;
  for (const std::string& warning : loaded->warnings) warnings += warning + "\n";
  return warnings;
}

TEST(ChannelFile, AChannelAsInServerXmlIsRead) {
  EXPECT_EQ(problem_of(R"(<Channel className="org.apache.catalina.tribes.group.GroupChannel">
  <Membership className="org.apache.catalina.tribes.membership.McastService" bind="${where:-127.0.0.1}"/>
  <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver" port="4000"/>
  <Sender className="org.apache.catalina.tribes.transport.ReplicationTransmitter">
    <Transport className="org.apache.catalina.tribes.transport.nio.PooledParallelSender"/>
  </Sender>
  <Interceptor className="org.apache.catalina.tribes.group.interceptors.TcpFailureDetector"/>
  <Interceptor className="org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor"/>
</Channel>)"),
            "");
}

TEST(ChannelFile, WhatIsWrongIsNamedWithFileLineAndValue) {
  struct Case {
    const char* xml;
    std::vector<const char*> said;
  };
  for (const Case& c : {
           Case{"<Server/>", {"channel.xml:1: ", "[Server]", "<Channel>"}},
           Case{"<Channel", {"channel.xml:1: Parse fatal error"}},
           Case{"<Channel/>", {"channel.xml:1: ", "No class name"}},
           Case{"<Channel className='org.apache.catalina.tribes.group.GroupChannel'>\n"
                "<Membership className='org.apache.catalina.tribes.membership.McastServic'/>\n"
                "</Channel>",
                {"channel.xml:2: ", "'org.apache.catalina.tribes.membership.McastServic'",
                 "did you mean"}},
           Case{"<Channel className='org.apache.catalina.tribes.group.GroupChannel'>\n"
                "<Receiver\n className='org.apache.catalina.tribes.transport.nio.NioReceiver'\n"
                " port='4x'/>\n</Channel>",
                {"channel.xml:2: ", "port", "4x"}},
           Case{"<Channel className='org.apache.catalina.tribes.group.GroupChannel'>\n"
                "<Reciever className='x'/></Channel>",
                {"channel.xml:2: ", "did you mean 'Receiver'?"}},
       }) {
    const std::string problem = problem_of(c.xml);
    for (const char* said : c.said)
      EXPECT_NE(problem.find(said), std::string::npos) << c.xml << "\n" << said << "\n" << problem;
  }
}

TEST(ChannelFile, DefinitionsReplaceProperties) {
  constexpr std::string_view kXml =
      "<Channel className='org.apache.catalina.tribes.group.GroupChannel'>"
      "<Receiver className='org.apache.catalina.tribes.transport.nio.NioReceiver' port='${p}'/>"
      "</Channel>";
  EXPECT_NE(problem_of(kXml, {"p=none"}).find("none"), std::string::npos);
  EXPECT_EQ(problem_of(kXml, {"p=4000"}), "");
}

TEST(ChannelFile, AMissingFileIsNamed) {
  const auto loaded = load_channel("/no/such/channel.xml", {});
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("/no/such/channel.xml"), std::string::npos);
}

}  // namespace
}  // namespace serval::tools
