#include <string>

#include "tests/support/node.h"

namespace serval::test {

namespace {

std::string number(int value) { return std::to_string(value); }

std::string manager_xml(const NodeOptions& o) {
  if (o.manager == "none") return "";
  if (o.manager == "backup") {
    return R"(
        <Manager className="org.apache.catalina.ha.session.BackupManager" )" +
           o.manager_attributes + "/>";
  }
  return R"(
        <Manager className="org.apache.catalina.ha.session.DeltaManager" expireSessionsOnShutdown=")" +
         std::string(o.expire_on_shutdown ? "true" : "false") +
         R"(" notifyListenersOnReplication=")" + (o.notify_listeners ? "true" : "false") + R"(" )" +
         o.manager_attributes + "/>";
}

std::string channel_xml(const NodeOptions& o) {
  return R"(
        <Channel className="org.apache.catalina.tribes.group.GroupChannel" )" +
         o.channel_attributes + R"(>
          <Membership className="org.apache.catalina.tribes.membership.McastService" address="228.0.0.4" port=")" +
         number(o.multicast) + R"(" bind=")" + o.address + R"(" frequency=")" +
         number(o.frequency) + R"(" dropTime=")" + number(o.drop_time) + R"(" )" +
         o.membership_attributes + R"(/>
          <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver" address=")" +
         o.address + R"(" port=")" + number(o.receiver) + R"(" autoBind=")" + number(o.auto_bind) +
         R"(" selectorTimeout="5000" maxThreads="6"/>
          <Sender className="org.apache.catalina.tribes.transport.ReplicationTransmitter">
            <Transport className="org.apache.catalina.tribes.transport.nio.PooledParallelSender"/>
          </Sender>
          )" +
         o.interceptors + R"(
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.TcpFailureDetector"/>
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor" )" +
         o.dispatch + R"(/>
        </Channel>)";
}

std::string deployer_xml(const NodeOptions& o, const std::filesystem::path& base) {
  if (o.farm.empty()) return "";
  const std::string dir = base.string();
  return R"(
        <Deployer className="org.apache.catalina.ha.deploy.FarmWarDeployer" tempDir=")" +
         dir + R"(/farm-temp/" deployDir=")" + dir + R"(/webapps/" watchDir=")" + dir +
         (o.farm == "same" ? "/webapps/" : "/farm-watch/") + R"(" watchEnabled=")" +
         (o.farm == "follow" ? "false" : "true") + R"(" processDeployFrequency="1"/>)";
}

std::string cluster_xml(const NodeOptions& o, const std::filesystem::path& base) {
  if (!o.cluster_xml.empty()) return o.cluster_xml;
  std::string xml =
      R"(      <Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster" channelSendOptions=")" +
      o.send_options + "\" " + o.cluster_attributes + ">" + manager_xml(o) + channel_xml(o);
  if (o.replication_valve) {
    xml += R"(
        <Valve className="org.apache.catalina.ha.tcp.ReplicationValve" filter=")" +
           o.filter + R"(" primaryIndicator="true"/>)";
  }
  if (o.binder) {
    xml += R"(
        <Valve className="org.apache.catalina.ha.session.JvmRouteBinderValve"/>)";
  }
  return xml + o.cluster_valves + deployer_xml(o, base) + "\n        " + o.listeners +
         "\n      </Cluster>\n";
}

}  // namespace

std::string make_server_xml(const NodeOptions& o, const std::filesystem::path& base) {
  if (!o.server_xml.empty()) return o.server_xml;
  const bool in_host = o.in_host || !o.farm.empty();
  const std::string cluster = cluster_xml(o, base);
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<Server port=")" +
         number(o.shutdown) + R"(">
  <GlobalNamingResources>
    <Resource name="UserDatabase" auth="Container" type="org.apache.catalina.UserDatabase" factory="org.apache.catalina.users.MemoryUserDatabaseFactory" pathname="conf/tomcat-users.xml"/>
)" + o.global_resources +
         R"(  </GlobalNamingResources>
  <Service name="Catalina">
    <Connector port=")" +
         number(o.http) + R"(" address="127.0.0.1" protocol="HTTP/1.1" connectionTimeout="20000"/>
    <Engine name="Catalina" defaultHost="localhost" jvmRoute=")" +
         o.name + R"(" backgroundProcessorDelay=")" + number(o.background_delay) + R"(">
      <Realm className="org.apache.catalina.realm.UserDatabaseRealm" resourceName="UserDatabase"/>
)" + (in_host ? "" : cluster) +
         R"(      <Host name="localhost" appBase="webapps" unpackWARs="true" autoDeploy="true">
)" + (in_host ? cluster : "") +
         o.host_xml + R"(      </Host>
    </Engine>
  </Service>
</Server>
)";
}

}  // namespace serval::test
