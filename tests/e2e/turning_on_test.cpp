// Feature table 1: what one line in server.xml turns on.
#include "tests/support/cluster_test.h"
#include "tests/support/jmx.h"
#include "tests/support/start_page.h"
#include "tests/support/test_wars.h"

namespace serval::test {

namespace {

const std::string kOneLine =
    R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"/>)";

// What the How-To prints as "the default configuration".
const std::string kPrintedDefault = R"(
<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster" channelSendOptions="8">
  <Manager className="org.apache.catalina.ha.session.DeltaManager"
           expireSessionsOnShutdown="false" notifyListenersOnReplication="true"/>
  <Channel className="org.apache.catalina.tribes.group.GroupChannel">
    <Membership className="org.apache.catalina.tribes.membership.McastService"
                address="228.0.0.4" port="45564" frequency="500" dropTime="3000"/>
    <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver"
              address="auto" port="4000" autoBind="100" selectorTimeout="5000" maxThreads="6"/>
    <Sender className="org.apache.catalina.tribes.transport.ReplicationTransmitter">
      <Transport className="org.apache.catalina.tribes.transport.nio.PooledParallelSender"/>
    </Sender>
    <Interceptor className="org.apache.catalina.tribes.group.interceptors.TcpFailureDetector"/>
    <Interceptor className="org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor"/>
  </Channel>
  <Valve className="org.apache.catalina.ha.tcp.ReplicationValve" filter=""/>
  <Valve className="org.apache.catalina.ha.session.JvmRouteBinderValve"/>
  <Deployer className="org.apache.catalina.ha.deploy.FarmWarDeployer" tempDir="/tmp/war-temp/"
            deployDir="/tmp/war-deploy/" watchDir="/tmp/war-listen/" watchEnabled="false"/>
  <ClusterListener className="org.apache.catalina.ha.session.ClusterSessionListener"/>
</Cluster>
)";

}  // namespace

/// The defaults are fixed ports and the machine's own address, so these tests need a network of
/// their own.
class TurningOn : public ClusterTest {
 protected:
  void SetUp() override {
    SERVAL_NEEDS_NAMESPACES("for the fixed ports of the defaults");
    ClusterTest::SetUp();
    applications = demo_and_manager;
  }
  void expect_replication(const Node& a, const Node& b) {
    expect_members(a, b);
    DemoUser user;
    EXPECT_EQ(user.get(a, "x"), "null");
    expect_value_goes_over(user, a, b, "x", "7");
    expect_value_goes_over(user, b, a, "y", "8");
  }
  /// A value set on `from` is read on `to` with the same cookie.
  ///
  /// The default is asynchronous: a real Tomcat may take up a change before the message that made
  /// the session, or gave it the id, and loses it then. So each step waits until the other node has
  /// the one before, without a request that would move the session there.
  /// Requires: the user has a session on `from`.
  void expect_value_goes_over(DemoUser& user, const Node& from, const Node& to,
                              const std::string& key, const std::string& value) {
    EXPECT_TRUE(eventually([&] { return has_session(to, user.session_id()); })) << to.log_tail();
    ASSERT_TRUE(user.set(from, key, value, "int"));
    EXPECT_TRUE(eventually([&] { return session_attribute(to, user.session_id(), key) == value; }));
    EXPECT_EQ(user.peek(to, key), value);
  }
};

TEST_F(TurningOn, SeedRow001_OneLineInEngineReplicatesSessions) {
  defaults.cluster_xml = kOneLine;
  Node &a = start(), &b = start();
  expect_replication(a, b);
  EXPECT_TRUE(a.eventually_logs(
      "Register manager [localhost#/demo] to cluster element [Engine] with name [Catalina]"));
}

TEST_F(TurningOn, SeedRow002_TheSameLineInHostReplicatesSessions) {
  defaults.cluster_xml = kOneLine;
  defaults.in_host = true;
  Node &a = start(), &b = start();
  expect_replication(a, b);
  EXPECT_TRUE(a.eventually_logs(
      "Register manager [/demo] to cluster element [Host] with name [localhost]"));
}

TEST_F(TurningOn, SeedRow003_EveryNodeHasEverySession) {
  defaults.cluster_xml = kOneLine;
  applications = [](Kind kind) {
    return Applications{{"ROOT", built_war("ROOT")}, {"demo", demo_war(kind)}};
  };
  Node &a = start(), &b = start(), &c = start();
  expect_members(a, b);
  EXPECT_TRUE(eventually([&] { return a.times_logged("Replication member added") == 2; }));
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  for (const Node* node : {&b, &c}) {
    EXPECT_TRUE(eventually([&] { return StartPage::of(*node).sessions["/demo"] == 1; }));
  }
}

TEST_F(TurningOn, SeedRow039_SessionsAreReplicatedInMemoryAlone) {
  defaults.cluster_xml = kOneLine;
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  EXPECT_EQ(user.get(a, "x"), "null");
  expect_value_goes_over(user, a, b, "x", "1");
  a.kill();
  EXPECT_EQ(user.get(b, "x"), "1");
  b.stop();
  for (const Node* node : {&a, &b}) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(node->base())) {
      EXPECT_NE(file.path().extension(), ".session") << file.path();
      EXPECT_NE(file.path().extension(), ".ser") << file.path();
    }
  }
}

TEST_F(TurningOn, SeedRow014_TheDefaultThatTheHowToPrintsIsReadWithoutAWarning) {
  defaults.cluster_xml = kPrintedDefault;
  defaults.in_host = true;
  Node &a = start(), &b = start();
  expect_replication(a, b);
  // A warning about settings names the file.
  EXPECT_FALSE(a.logged("server.xml:")) << a.log_tail();
  EXPECT_FALSE(a.logged("did not find a matching property")) << a.log_tail();
}

TEST_F(TurningOn, SeedRow028_UncommentingTheClusterOfTheStockFileIsEnough) {
  // Tomcat's stock file, without its comments but the one that matters.
  const std::string stock = R"(<?xml version="1.0" encoding="UTF-8"?>
<Server port="-1" shutdown="SHUTDOWN">
  <Listener className="org.apache.catalina.startup.VersionLoggerListener" />
  <Listener className="org.apache.catalina.core.AprLifecycleListener" SSLEngine="on" />
  <Listener className="org.apache.catalina.core.JreMemoryLeakPreventionListener" />
  <Listener className="org.apache.catalina.mbeans.GlobalResourcesLifecycleListener" />
  <Listener className="org.apache.catalina.core.ThreadLocalLeakPreventionListener" />
  <GlobalNamingResources>
    <Resource name="UserDatabase" auth="Container" type="org.apache.catalina.UserDatabase"
              description="User database that can be updated and saved"
              factory="org.apache.catalina.users.MemoryUserDatabaseFactory" pathname="conf/tomcat-users.xml" />
  </GlobalNamingResources>
  <Service name="Catalina">
    <Connector port="8080" protocol="HTTP/1.1" connectionTimeout="20000" redirectPort="8443" />
    <Engine name="Catalina" defaultHost="localhost">
      <!--
      <Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"/>
      -->
      <Realm className="org.apache.catalina.realm.LockOutRealm">
        <Realm className="org.apache.catalina.realm.UserDatabaseRealm" resourceName="UserDatabase"/>
      </Realm>
      <Host name="localhost" appBase="webapps" unpackWARs="true" autoDeploy="true">
        <Valve className="org.apache.catalina.valves.AccessLogValve" directory="logs"
               prefix="localhost_access_log" suffix=".txt" pattern="%h %l %u %t &quot;%r&quot; %s %b" />
      </Host>
    </Engine>
  </Service>
</Server>
)";
  const auto node_file = [&](int port) {
    std::string text = stock;
    text.replace(text.find("8080"), 4, std::to_string(port));
    text.erase(text.find("<!--"), 4);
    text.erase(text.find("-->"), 3);
    return text;
  };
  Node& a = start(next_kind(), [&](NodeOptions& o) { o.server_xml = node_file(o.http = 18081); });
  Node& b = start(next_kind(), [&](NodeOptions& o) { o.server_xml = node_file(o.http = 18082); });
  expect_replication(a, b);
}

}  // namespace serval::test
