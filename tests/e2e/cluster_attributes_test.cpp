// The attributes of everything inside Cluster: each reaches its part, and those with an effect that
// is seen from outside have it.
#include <cctype>

#include "tests/e2e/channel_parts.h"
#include "tests/support/cluster_test.h"
#include "tests/support/jmx.h"
#include "tests/support/tcp_connections.h"

namespace serval::test {

namespace {

const std::string kTribes = "org.apache.catalina.tribes.";
const std::string kInterceptors = kTribes + "group.interceptors.";

/// An attribute with a value that is not its default.
struct Setting {
  std::string name, value;
  bool shown = true;  // by the bean; the others have no meaning here and are accepted
};
using Settings = std::vector<Setting>;

std::string attributes_of(const Settings& settings) {
  std::string text;
  for (const Setting& one : settings) text += " " + one.name + "=\"" + one.value + "\"";
  return text;
}

/// An element with its settings, and the bean that shows them.
struct Part {
  std::string element, class_name, bean;
  Settings settings;
  std::string children = {};
  bool capital = true;  // the bean's names begin with one
  std::string xml() const {
    return "<" + element + " className=\"" + class_name + "\"" + attributes_of(settings) + ">" +
           children + "</" + element + ">\n";
  }
};

char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

std::string channel_bean(const std::string& component) {
  return "ClusterChannel:type=Channel,channel=shop-Channel,component=" + component;
}

Part interceptor(const std::string& name, Settings settings) {
  return {"Interceptor", kInterceptors + name, channel_bean("Interceptor,interceptorName=" + name),
          std::move(settings)};
}

/// Every attribute of config-reference 2.5 to 2.9, but those of parts that exclude each other.
std::vector<Part> parts_of(const NodeOptions& o) {
  const auto number = [](int value) { return std::to_string(value); };
  std::vector<Part> parts{
      {"Membership",
       kTribes + "membership.McastService",
       channel_bean("Membership"),
       {{"address", "228.0.0.6"},
        {"port", number(o.multicast)},
        {"bind", "127.0.0.1"},
        {"frequency", "150"},
        {"dropTime", "1700"},
        {"ttl", "3"},
        {"domain", "north", false},
        {"soTimeout", "300"},
        {"recoveryEnabled", "false"},
        {"recoveryCounter", "7"},
        {"recoverySleepTime", "700"},
        {"localLoopbackDisabled", "false"}}},
      {"Receiver",
       kTribes + "transport.nio.NioReceiver",
       channel_bean("Receiver"),
       {{"address", "127.0.0.1"},   {"port", number(o.receiver)}, {"autoBind", "3"},
        {"maxThreads", "7"},        {"minThreads", "2"},          {"securePort", "4999"},
        {"rxBufSize", "30000"},     {"txBufSize", "40000"},       {"udpRxBufSize", "50000"},
        {"udpTxBufSize", "60000"},  {"tcpNoDelay", "false"},      {"soKeepAlive", "true"},
        {"ooBInline", "false"},     {"soReuseAddress", "false"},  {"soTrafficClass", "8"},
        {"selectorTimeout", "100"}, {"maxIdleTime", "1000"},      {"direct", "false"},
        {"soLingerOn", "false"},    {"soLingerTime", "1"},        {"timeout", "1000"},
        {"useBufferPool", "false"}, {"daemon", "false", false},   {"maxTasks", "50", false},
        {"minTasks", "5", false}}},
      interceptor("ThroughputInterceptor", {{"interval", "77"}, {"optionFlag", "1024"}}),
      interceptor("GzipInterceptor", {{"compressionMinSize", "500"},
                                      {"statsEnabled", "true"},
                                      {"interval", "66"},
                                      {"optionFlag", "512"}}),
      interceptor("OrderInterceptor",
                  {{"expire", "2500"}, {"maxQueue", "99"}, {"forwardExpired", "false"}}),
      interceptor("FragmentationInterceptor", {{"maxSize", "90000"}, {"expire", "45000"}}),
      interceptor("TwoPhaseCommitInterceptor",
                  {{"expire", "44000"}, {"deepclone", "false"}, {"optionFlag", "2048"}}),
      interceptor("EncryptInterceptor",
                  {{"encryptionAlgorithm", "AES/GCM/NoPadding"},
                   {"encryptionKey", "cafebabedeadbeefbeefcafecafebabe", false},
                   {"providerName", "SunJCE"}}),
      interceptor("MessageDispatchInterceptor", {{"alwaysSend", "false"},
                                                 {"maxQueueSize", "1000000"},
                                                 {"maxThreads", "5"},
                                                 {"maxSpareThreads", "1"},
                                                 {"keepAliveTime", "1000"},
                                                 {"useDeepClone", "false", false}}),
      interceptor("TcpPingInterceptor",
                  {{"interval", "900"}, {"useThread", "true"}, {"staticOnly", "true"}}),
      interceptor("DomainFilterInterceptor", {{"domain", "north", false}, {"logInterval", "5"}}),
      interceptor("TcpFailureDetector", {{"connectTimeout", "800"},
                                         {"performSendTest", "false"},
                                         {"performReadTest", "true"},
                                         {"readTestTimeout", "2000"},
                                         {"removeSuspectsTimeout", "30"}})};
  const Part transport{"Transport",
                       kTribes + "transport.nio.PooledParallelSender",
                       channel_bean("Sender"),
                       {{"poolSize", "9"},
                        {"timeout", "2900"},
                        {"maxRetryAttempts", "2"},
                        {"keepAliveCount", "1000"},
                        {"keepAliveTime", "60000"},
                        {"throwOnFailedAck", "false"},
                        {"rxBufSize", "31000"},
                        {"txBufSize", "41000"},
                        {"udpRxBufSize", "51000"},
                        {"udpTxBufSize", "61000"},
                        {"tcpNoDelay", "false"},
                        {"soKeepAlive", "true"},
                        {"ooBInline", "false"},
                        {"soReuseAddress", "false"},
                        {"soTrafficClass", "8"},
                        {"maxWait", "1000"},
                        {"directBuffer", "true"},
                        {"soLingerOn", "true"},
                        {"soLingerTime", "1"}}};
  const Part sender{
      "Sender", kTribes + "transport.ReplicationTransmitter", "", {}, transport.xml()};
  Part channel{"Channel",
               kTribes + "group.GroupChannel",
               channel_bean("Channel"),
               {{"heartbeat", "true", false},  // the cluster's heartbeat takes it away
                {"heartbeatSleeptime", "4000"},
                {"optionCheck", "true"},
                {"name", "mine", false},  // the cluster gives it its own
                {"jmxEnabled", "true", false},
                {"optionFlag", "0", false}}};
  for (const Part& part : parts) channel.children += part.xml();
  channel.children += sender.xml();
  parts.push_back(transport);
  parts.push_back(channel);
  const std::string catalina = "org.apache.catalina.";
  const std::string manager_bean = "Catalina:type=Manager,host=localhost,context=/demo";
  const Settings of_managers{{"notifyListenersOnReplication", "false"},
                             {"recordAllActions", "true"},
                             {"maxActiveSessions", "500"},
                             {"processExpiresFrequency", "2"},
                             {"sessionAttributeNameFilter", "x.*"},
                             {"sessionAttributeValueClassNameFilter", "java[.].*"},
                             {"warnOnSessionAttributeFilterFailure", "true"},
                             {"secureRandomClass", "any", false},
                             {"secureRandomAlgorithm", "any", false},
                             {"secureRandomProvider", "any", false}};
  Part manager{"Manager", catalina + "ha.session.DeltaManager", manager_bean, of_managers, "",
               false};
  const Settings of_delta{{"expireSessionsOnShutdown", "true"},
                          {"notifySessionListenersOnReplication", "false"},
                          {"notifyContainerListenersOnReplication", "false"},
                          {"stateTransferTimeout", "7"},
                          {"sendAllSessions", "false"},
                          {"sendAllSessionsSize", "20"},
                          {"sendAllSessionsWaitTime", "30"},
                          {"stateTimestampDrop", "false"}};
  const Settings of_backup{{"mapSendOptions", "2"},
                           {"rpcTimeout", "9000"},
                           {"accessTimeout", "8000"},
                           {"terminateOnStartFailure", "true"}};
  if (o.manager == "backup") manager.class_name = catalina + "ha.session.BackupManager";
  const Settings& more = o.manager == "backup" ? of_backup : of_delta;
  manager.settings.insert(manager.settings.end(), more.begin(), more.end());
  parts.push_back(manager);
  const Part replication{
      "Valve",
      catalina + "ha.tcp.ReplicationValve",
      "Catalina:type=Valve,name=ReplicationValve",
      {{"filter", ".*[.]gif"}, {"primaryIndicator", "true"}, {"primaryIndicatorName", "mine"}},
      "",
      false};
  const Part binder{"Valve",
                    catalina + "ha.session.JvmRouteBinderValve",
                    "Catalina:type=Valve,name=JvmRouteBinderValve",
                    {{"enabled", "false"}, {"sessionIdAttribute", "was"}},
                    "",
                    false};
  parts.push_back(replication);
  parts.push_back(binder);
  parts.push_back({"Cluster",
                   catalina + "ha.tcp.SimpleTcpCluster",
                   "Catalina:type=Cluster",
                   {{"clusterName", "shop"},
                    {"channelSendOptions", "6"},
                    {"channelStartOptions", "15"},
                    {"heartbeatBackgroundEnabled", "true"},
                    {"notifyLifecycleListenerOnFailure", "true"}},
                   manager.xml() + channel.xml() + replication.xml() + binder.xml() +
                       "<ClusterListener "
                       "className=\"org.apache.catalina.ha.session.ClusterSessionListener\"/>",
                   false});
  return parts;
}

}  // namespace

class ClusterAttributes : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    applications = demo_and_manager;
  }
  Node& start_with(const ChannelParts& parts) {
    return start(next_kind(), [&](NodeOptions& o) {
      o.receiver = free_port();
      o.cluster_xml = cluster_of(o, parts);
    });
  }
};

TEST_F(ClusterAttributes, EachReachesItsPartWithoutAWarning) {
  for (const char* manager : {"delta", "backup"}) {
    SCOPED_TRACE(manager);
    std::vector<Part> parts;
    Node& a = start(next_kind(), [&](NodeOptions& o) {
      o.manager = manager;
      o.receiver = free_port();
      parts = parts_of(o);
      o.cluster_xml = parts.back().xml();
    });
    EXPECT_FALSE(a.logged("failed to set property")) << a.log_tail(100);
    Jmx jmx(a);
    for (const Part& part : parts) {
      SCOPED_TRACE(part.class_name);
      for (Setting setting : part.settings) {
        if (!setting.shown) continue;
        if (part.capital) setting.name[0] = upper(setting.name[0]);
        EXPECT_EQ(jmx.get(part.bean, setting.name), setting.value) << setting.name;
      }
    }
    a.kill();
  }
}

TEST_F(ClusterAttributes, WithoutMembershipSendANodeSeesAndIsNotSeen) {
  Node& a = start_with({.cluster = "channelStartOptions=\"15\""});
  Node& b = start_with({.cluster = "channelStartOptions=\"7\""});
  EXPECT_TRUE(b.eventually_logs("Replication member added")) << b.log_tail();
  DemoUser user;
  ASSERT_TRUE(user.set(b, "x", "1"));
  EXPECT_TRUE(user.eventually_gets(a, "x", "1"));  // it knows whom to send to
  EXPECT_FALSE(a.logged("Replication member added")) << a.log_tail();
}

TEST_F(ClusterAttributes, OptionCheckRefusesFlagsThatOverlap) {
  const auto with = [&](const char* check) -> Node& {
    return add(next_kind(), [&](NodeOptions& o) {
      o.cluster_xml =
          "<Cluster className=\"org.apache.catalina.ha.tcp.SimpleTcpCluster\">"
          "<Channel className=\"" +
          kTribes + "group.GroupChannel\" optionCheck=\"" + check + "\">" +
          interceptor("OrderInterceptor", {{"optionFlag", "512"}}).xml() +
          interceptor("GzipInterceptor", {{"optionFlag", "512"}}).xml() + "</Channel></Cluster>";
    });
  };
  SERVAL_NEEDS_NAMESPACES("for the fixed ports of the defaults");
  with("false").start();
  Node& refused = with("true");
  refused.start(false);
  EXPECT_TRUE(refused.eventually_logs("Unable to start cluster")) << refused.log_tail();
  EXPECT_TRUE(eventually([&] { return !refused.is_running(); }));
}

TEST_F(ClusterAttributes, AConnectionEndsWithItsCountOrItsTime) {
  for (const char* limit : {"keepAliveCount=\"0\"", "keepAliveTime=\"200\""}) {
    SCOPED_TRACE(limit);
    Node& a = start_with({.channel = "heartbeatSleeptime=\"200\"", .transport = limit});
    Node& b = start_with({});
    expect_members(a, b);
    DemoUser user;
    for (const char* value : {"1", "2"}) {
      ASSERT_TRUE(user.set(a, "x", value));
      EXPECT_EQ(user.peek(b, "x"), value);
      EXPECT_TRUE(eventually([&] { return connections_to(b.options().receiver).empty(); }));
    }
    a.kill();
    b.kill();
  }
}

TEST_F(ClusterAttributes, SocketsHaveTheOptionsThatAreConfigured) {
  Node& a = start_with({.transport = "rxBufSize=\"31000\" txBufSize=\"41000\""});
  Node& b =
      start_with({.receiver = "rxBufSize=\"30000\" txBufSize=\"40000\" soKeepAlive=\"true\""});
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  const std::string port = std::to_string(b.options().receiver);
  const auto sockets = [&](const std::string& end) {
    return run_command({"ss", "-tmnoH", "state", "established", end + " = :" + port}).output;
  };
  // Linux doubles what it is asked for. A socket whose bytes are not acknowledged yet shows another
  // timer.
  const auto has = [](const std::string& list, std::string_view what) {
    return list.find(what) != std::string::npos;
  };
  EXPECT_TRUE(eventually([&] {
    const std::string there = sockets("sport");
    return has(there, "rb60000,") && has(there, "tb80000,") && has(there, "timer:(keepalive");
  })) << sockets("sport");
  const std::string here = sockets("dport");
  EXPECT_TRUE(has(here, "rb62000,") && has(here, "tb82000,")) << here;
  EXPECT_FALSE(has(here, "timer:(keepalive")) << here;
}

}  // namespace serval::test
