// tests/e2e/channel_parts.h
#pragma once
#include <string>

#include "tests/support/node.h"

namespace serval::test {

/// What stands inside Cluster and Channel.
struct ChannelParts {
  std::string cluster = R"(channelSendOptions="6")";  // attributes
  std::string manager = {};                           // an element; empty: the default
  std::string channel = {};                           // attributes
  std::string membership = {};                        // an element; empty: multicast
  std::string receiver = {}, transport = {};          // attributes
  std::string interceptors = {};                      // elements
};

/// An element, of Tomcat's own interceptors.
inline std::string interceptor(const std::string& name, const std::string& attributes = "") {
  return "<Interceptor className=\"org.apache.catalina.tribes.group.interceptors." + name + "\" " +
         attributes + "/>";
}

inline const std::string kUsual =
    interceptor("TcpFailureDetector") + interceptor("MessageDispatchInterceptor");

/// The Cluster element of a node whose group, times and receiver port are those of its options.
inline std::string cluster_of(const NodeOptions& o, const ChannelParts& parts) {
  const std::string tribes = "\"org.apache.catalina.tribes.";
  const std::string membership =
      parts.membership.empty()
          ? "<Membership className=" + tribes +
                "membership.McastService\" address=\"228.0.0.4\" bind=\"127.0.0.1\" port=\"" +
                std::to_string(o.multicast) + "\" frequency=\"" + std::to_string(o.frequency) +
                "\" dropTime=\"" + std::to_string(o.drop_time) + "\"/>"
          : parts.membership;
  return "<Cluster className=\"org.apache.catalina.ha.tcp.SimpleTcpCluster\" " + parts.cluster +
         ">" + parts.manager + "<Channel className=" + tribes + "group.GroupChannel\" " +
         parts.channel + ">" + membership + "<Receiver className=" + tribes +
         "transport.nio.NioReceiver\" address=\"127.0.0.1\" autoBind=\"1\" port=\"" +
         std::to_string(o.receiver) + "\" " + parts.receiver + "/><Sender className=" + tribes +
         "transport.ReplicationTransmitter\"><Transport className=" + tribes +
         "transport.nio.PooledParallelSender\" " + parts.transport + "/></Sender>" +
         parts.interceptors + "</Channel></Cluster>\n";
}

}  // namespace serval::test
