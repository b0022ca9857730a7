#include "cluster/ha/tcp/simple_tcp_cluster.h"

#include <gtest/gtest.h>

#include "cluster/ha/session/backup_manager.h"
#include "cluster/ha/session/jvm_route_binder_valve.h"
#include "cluster/ha/tcp/register_ha.h"
#include "container/config/tomcat_names.h"
#include "container/config/xml_reader.h"
#include "container/core/register_managers.h"
#include "container/session/standard_manager.h"
#include "tests/support/log_capture.h"
#include "tests/unit/cluster/ha/test_node.h"

namespace serval::ha::test {
namespace {

using serval::test::LogCapture;
using Texts = std::vector<std::string>;

constexpr std::string_view kBare =
    R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"/>)";

std::string with_children(std::string_view children, std::string_view attributes = "") {
  return "<Cluster className=\"org.apache.catalina.ha.tcp.SimpleTcpCluster\" " +
         std::string(attributes) + ">" + std::string(children) + "</Cluster>";
}

/// A lifecycle listener that notes the events it hears.
class EventNotes final : public LifecycleListener {
 public:
  EventNotes(Texts& events, Texts& data) : events_(events), data_(data) {}
  void lifecycle_event(const LifecycleEvent& event) override {
    events_.emplace_back(event.type);
    if (event.data.has_value()) data_.push_back(std::string(event.type) + " " + text(event.data));
  }

 private:
  static std::string text(const std::any& data) {
    if (const auto* const member = std::any_cast<tribes::MemberPtr>(&data)) {
      return (*member)->address_text();
    }
    if (const auto* const manager = std::any_cast<core::Manager*>(&data)) {
      return std::string((*manager)->class_name());
    }
    const auto& failure = std::any_cast<const MessageFailure&>(data);
    return failure.member->address_text() + " " + std::to_string(failure.message->size()) + " " +
           failure.cause;
  }
  Texts &events_, &data_;
};

/// A plain valve, which no cluster takes.
class PlainValve final : public core::Valve {
 public:
  struct Options {};
  static std::span<const Attribute<Options>> attributes() { return {}; }
  explicit PlainValve(Options) {}
  std::string_view name() const override { return "PlainValve"; }
  void invoke(core::Request&, core::Response&, core::Next) override {}
};

class ClusterElementTest : public ::testing::Test {
 protected:
  ClusterElementTest() {
    register_ha(registries_);
    core::register_managers(registries_);
    registries_.valves.add<PlainValve>("org.apache.catalina.valves.AccessLogValve");
  }
  std::unique_ptr<core::Cluster> build(std::string_view xml) {
    auto element = read_xml(xml, "server.xml");
    EXPECT_TRUE(element);
    auto made = registries_.clusters.create(*element, diagnostics_);
    return made ? *std::move(made) : nullptr;
  }
  std::string problems() const {
    std::string all;
    for (const auto& entry : diagnostics_.entries()) all += entry.text + "\n";
    return all;
  }

  core::Registries registries_;
  Diagnostics diagnostics_{tomcat_names_9()};
};

TEST_F(ClusterElementTest, OneLineIsEnough) {
  const auto cluster = build(kBare);
  ASSERT_TRUE(cluster);
  EXPECT_EQ(problems(), "");
  auto& simple = dynamic_cast<SimpleTcpCluster&>(*cluster);
  EXPECT_EQ(simple.send_options(), 8);
}

TEST_F(ClusterElementTest, SeedRow048_SendOptionsAreNumbersOrNames) {
  struct Case {
    std::string text;
    tribes::Options want;
    bool warned;
  };
  const Case cases[] = {{"6", 6, false},
                        {"async", 8, false},
                        {"asynchronous", 8, false},
                        {"byte", 1, false},
                        {"byte_message", 1, false},
                        {"sync", 4, false},
                        {"synchronized_ack", 4, false},
                        {"use_ack", 2, false},
                        {"multicast", 64, false},
                        {"secure", 16, false},
                        {"udp", 32, false},
                        {"synchronized_ack, use_ack", 6, false},
                        {"async, multicast", 72, false},
                        {"secure,udp", 48, false},
                        {"0", 8, false},
                        {"-3", 8, false},
                        {"xyz", 8, true}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const std::size_t before = diagnostics_.entries().size();
    const auto cluster = build(with_children("", "channelSendOptions=\"" + c.text + "\""));
    ASSERT_TRUE(cluster);
    EXPECT_EQ(dynamic_cast<SimpleTcpCluster&>(*cluster).send_options(), c.want);
    EXPECT_EQ(diagnostics_.entries().size() > before, c.warned);
  }
  EXPECT_NE(problems().find("[xyz] is not a valid option"), std::string::npos) << problems();
  EXPECT_FALSE(diagnostics_.has_errors());
}

TEST_F(ClusterElementTest, SeedRow060_MapSendOptionsAreNumbersOrNames) {
  core::Context context(core::ContextName::from_base_name("app"), "/nowhere");
  struct Case {
    std::string text, name;
    bool warned;
  };
  const Case cases[] = {{"6", "sync, use_ack", false},    {"sync, use_ack", "sync, use_ack", false},
                        {"asynchronous", "async", false}, {"8", "async", false},
                        {"0", "sync, use_ack", false},    {"xyz", "sync, use_ack", true}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const std::size_t before = diagnostics_.entries().size();
    const auto cluster =
        build(with_children("<Manager className=\"org.apache.catalina.ha.session.BackupManager\" "
                            "mapSendOptions=\"" +
                            c.text + "\"/>"));
    ASSERT_TRUE(cluster);
    const auto manager = cluster->create_manager(context);
    const auto& backup = dynamic_cast<BackupManager&>(*manager);
    EXPECT_EQ(tribes::options_text(backup.options().map_send_options.value), c.name);
    EXPECT_EQ(diagnostics_.entries().size() > before, c.warned);
  }
}

TEST_F(ClusterElementTest, EveryAttributeOfABackupManagerReachesTheManagerOfAnApplication) {
  core::Context context(core::ContextName::from_base_name("app"), "/nowhere");
  const auto cluster = build(with_children(
      R"(<Manager className="org.apache.catalina.ha.session.BackupManager" name="mine"
         notifyListenersOnReplication="false" recordAllActions="true" rpcTimeout="1500"
         accessTimeout="700" terminateOnStartFailure="true" maxActiveSessions="5"
         processExpiresFrequency="2" sessionAttributeNameFilter="a.*"
         sessionAttributeValueClassNameFilter="java.*" warnOnSessionAttributeFilterFailure="true"
         persistAuthentication="false" secureRandomAlgorithm="SHA1PRNG" maxActive="3">
           <SessionIdGenerator className="org.apache.catalina.util.StandardSessionIdGenerator"
                               sessionIdLength="20"/>
         </Manager>)"));
  ASSERT_TRUE(cluster);
  EXPECT_EQ(problems(), "");
  const auto manager = cluster->create_manager(context);
  const auto& options = dynamic_cast<BackupManager&>(*manager).options();
  EXPECT_EQ(options.name, "");  // each application has its own
  EXPECT_FALSE(options.notify_listeners_on_replication);
  EXPECT_TRUE(options.record_all_actions);
  EXPECT_EQ(options.rpc_timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(options.access_timeout, std::chrono::milliseconds(700));
  EXPECT_TRUE(options.terminate_on_start_failure);
  EXPECT_EQ(options.max_active_sessions, 5);
  EXPECT_EQ(options.process_expires_frequency, 2);
  EXPECT_TRUE(options.filter.name->matches("abc"));
  EXPECT_TRUE(options.filter.value_class_name->matches("java.lang.String"));
  EXPECT_TRUE(options.filter.warn);
  EXPECT_EQ(options.session_id_length, 20);
}

TEST_F(ClusterElementTest, TheExampleOfTheHowToIsTakenWithoutAWord) {
  const auto cluster = build(with_children(R"(
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
      <Interceptor
          className="org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor"/>
    </Channel>
    <Valve className="org.apache.catalina.ha.tcp.ReplicationValve" filter=""/>
    <Valve className="org.apache.catalina.ha.session.JvmRouteBinderValve"/>
    <Deployer className="org.apache.catalina.ha.deploy.FarmWarDeployer"
              tempDir="/tmp/war-temp/" deployDir="/tmp/war-deploy/" watchDir="/tmp/war-listen/"
              watchEnabled="false"/>
    <ClusterListener className="org.apache.catalina.ha.session.ClusterSessionListener"/>)",
                                           "channelSendOptions=\"8\""));
  EXPECT_TRUE(cluster);
  EXPECT_EQ(problems(), "");
}

TEST_F(ClusterElementTest, UnknownThingsAreNamed) {
  EXPECT_TRUE(build(with_children(
      R"(<Manager className="org.apache.catalina.ha.session.DeltaManager" useDirtyFlag="true"/>)")));
  EXPECT_FALSE(diagnostics_.has_errors());
  EXPECT_NE(problems().find("failed to set property [useDirtyFlag] to [true]"), std::string::npos)
      << problems();

  build(with_children(
      R"(<ClusterListener className="org.apache.catalina.ha.session.ClusterSesionListener"/>)"));
  EXPECT_NE(problems().find("did you mean 'org.apache.catalina.ha.session.ClusterSessionListener'"),
            std::string::npos)
      << problems();
  build(with_children(R"(<Manager className="org.apache.catalina.session.StandardManager"/>)"));
  EXPECT_NE(problems().find("is no cluster manager"), std::string::npos) << problems();
}

TEST_F(ClusterElementTest, SeedRow118_AValveThatIsNoClusterValveIsLeftOutWithOneWarning) {
  const auto cluster =
      build(with_children("<Valve className=\"org.apache.catalina.valves.AccessLogValve\"/>\n"
                          "<Valve className=\"org.apache.catalina.ha.tcp.ReplicationValve\"/>"));
  ASSERT_TRUE(cluster);
  ASSERT_EQ(diagnostics_.entries().size(), 1u) << problems();
  EXPECT_EQ(diagnostics_.entries()[0].severity, Diagnostics::Severity::kWarning);
  EXPECT_NE(problems().find("Cluster/Valve: [org.apache.catalina.valves.AccessLogValve] is no "
                            "cluster valve"),
            std::string::npos)
      << problems();
}

class ClusterTest : public ::testing::Test {
 protected:
  /// A cluster over a fake channel in a Host; returns the names of the valves it added.
  Texts start_in(core::Container& place, SimpleTcpCluster::Parts parts,
                 SimpleTcpCluster::Options options = {}) {
    auto fake = network.add(4000);
    channel = fake.get();
    parts.channel = std::move(fake);
    auto made = std::make_unique<SimpleTcpCluster>(std::move(options), std::move(parts));
    cluster = made.get();
    cluster->add_lifecycle_listener(std::make_unique<EventNotes>(events, data));
    Texts before = names_in(place);
    place.set_cluster(std::move(made));
    EXPECT_TRUE(cluster->start());
    Texts added;
    for (auto& name : names_in(place)) {
      if (std::ranges::find(before, name) == before.end()) added.push_back(name);
    }
    return added;
  }
  static Texts names_in(core::Container& place) {
    Texts names;
    for (const auto& valve : place.pipeline().valves()) names.emplace_back(valve->name());
    return names;
  }
  static core::Host::Options host_options() {
    core::Host::Options options;
    options.name = "localhost";
    return options;
  }
  static core::Engine::Options engine_options() {
    core::Engine::Options options;
    options.name = "Catalina";
    return options;
  }

  FakeNetwork network;
  ManualClock clock;
  Texts events, data;  // data: of the events that carry something
  FakeChannel* channel = nullptr;
  SimpleTcpCluster* cluster = nullptr;
};

TEST_F(ClusterTest, BothValvesAreAddedUnlessOneIsConfigured) {
  {
    core::Host host(host_options());
    EXPECT_EQ(start_in(host, {}), (Texts{"JvmRouteBinderValve", "ReplicationValve"}));
    EXPECT_EQ(cluster->cluster_name(), "localhost");
    EXPECT_EQ(channel->name(), "localhost-Channel");
    cluster->stop();
  }
  core::Host host(host_options());
  SimpleTcpCluster::Parts parts;
  parts.valves.push_back(std::make_unique<JvmRouteBinderValve>(JvmRouteBinderValve::Options()));
  EXPECT_EQ(start_in(host, std::move(parts)), Texts{"JvmRouteBinderValve"});
  cluster->stop();
}

TEST_F(ClusterTest, AManagersNameDependsOnThePlaceOfItsCluster) {
  struct Case {
    bool in_host;
    const char *context, *name, *want;
  };
  const Case cases[] = {
      {false, "app", "", "localhost#/app"},
      {false, "ROOT", "", "localhost#"},
      {false, "app##5", "", "localhost#/app##5"},
      {false, "app", "mine", "localhost#mine"},
      {false, "app", "localhost#x", "localhost#x"},
      {true, "app", "", "/app"},
      {true, "ROOT", "", ""},
      {true, "a#b", "", "/a/b"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.want));
    TestNode::Settings settings;
    settings.context = c.context;
    settings.cluster_in_host = c.in_host;
    settings.manager.name = c.name;
    TestNode node(network, 4000, clock, settings);
    node.start();
    EXPECT_EQ(node.manager->key(), c.want);
    EXPECT_TRUE(node.cluster->with_manager(c.want, [](ClusterManager&) {}));
    node.stop_manager();
    EXPECT_FALSE(node.cluster->with_manager(c.want, [](ClusterManager&) {}));
  }
}

TEST_F(ClusterTest, SeedRow049_SendOptionsAreANumberFromTheStartWhichEveryMessageCarries) {
  static_assert(std::is_same_v<decltype(cluster->send_options()), std::int32_t>);
  core::Engine engine(engine_options());
  SimpleTcpCluster::Options options;
  ASSERT_TRUE(parse_into("sync, use_ack", options.channel_send_options));
  start_in(engine, {}, options);
  TestNode other(network, 4001, clock, {});
  other.start_cluster();
  EXPECT_EQ(cluster->send_options(), 6);
  network.forget_sent();
  const auto content = std::make_shared<const Bytes>(SessionMessage().encode());
  cluster->send({.content = content});
  cluster->send({.content = content, .options = 8});
  ASSERT_EQ(network.sent().size(), 2u);
  EXPECT_EQ(network.sent()[0].options, 6);
  EXPECT_EQ(network.sent()[1].options, 8) << "a message may have its own";
  cluster->stop();
}

TEST_F(ClusterTest, AMessageThatIsNotTakenIsAnEventIfConfigured) {
  for (const bool notify : {false, true}) {
    SCOPED_TRACE(notify);
    events.clear();
    data.clear();
    core::Engine engine(engine_options());
    SimpleTcpCluster::Options options;
    const auto content = std::make_shared<const Bytes>(SessionMessage().encode());
    options.notify_lifecycle_listener_on_failure = notify;
    start_in(engine, {}, options);
    TestNode other(network, 4001, clock, {});
    other.start_cluster();
    cluster->send({.content = content, .options = 6});
    EXPECT_EQ(std::ranges::count(events, "send_message_failure"), 0);
    network.lose([](const auto&) { return true; });
    cluster->send({.content = content, .options = 6});
    EXPECT_EQ(std::ranges::count(events, "send_message_failure"), notify ? 1 : 0);
    const std::string told = "send_message_failure 127.0.0.1:4001 ";
    EXPECT_EQ(std::ranges::count_if(data,
                                    [&](const auto& one) {
                                      return one.starts_with(
                                                 told + std::to_string(content->size()) + " ") &&
                                             one.size() > told.size() + 6;  // and says why
                                    }),
              notify ? 1 : 0);
    network.lose({});
    cluster->stop();
  }
}

TEST_F(ClusterTest, SeedRow012_AnotherListenerInPlaceOfTheDefaultOneTakesReplicationAway) {
  class Deaf final : public ClusterListener {
   public:
    void set_cluster(CatalinaCluster&) override {}
    bool accept(const ClusterMessage&) const override { return false; }
    void message_received(const ClusterMessage&) override {}
  };
  core::Engine engine(engine_options());
  SimpleTcpCluster::Parts parts;
  parts.listeners.push_back(std::make_unique<Deaf>());
  start_in(engine, std::move(parts));
  TestNode other(network, 4001, clock, {});
  other.start_cluster();
  SessionMessage message;
  message.event_type = SessionMessage::EventType::kGetAllSessions;
  message.context_name = "localhost#/nobody";
  network.forget_sent();
  other.cluster->send({.content = std::make_shared<const Bytes>(message.encode())});
  EXPECT_EQ(network.sent_types(), std::vector<int>{4});  // no answer
  cluster->stop();
}

TEST_F(ClusterTest, MembersComeAndGoWithEventsAndLogLines) {
  LogCapture log;
  core::Engine engine(engine_options());
  start_in(engine, {});
  {
    TestNode other(network, 4001, clock, {});
    other.start_cluster();
    ASSERT_EQ(cluster->members().size(), 2u);
    EXPECT_TRUE(cluster->members()[0].local);
    EXPECT_EQ(cluster->members()[1].name, "127.0.0.1:4001");
  }
  EXPECT_EQ(cluster->members().size(), 1u);
  EXPECT_TRUE(log.contains("SimpleTcpCluster: Cluster is about to start"));
  EXPECT_TRUE(log.contains("SimpleTcpCluster: Replication member added:[org.apache.catalina."));
  EXPECT_TRUE(log.contains("SimpleTcpCluster: Received member disappeared:[org.apache.catalina."));
  for (const char* event :
       {"before_start", "after_start", "before_member_register", "after_member_register",
        "before_member_unregister", "after_member_unregister"}) {
    EXPECT_EQ(std::ranges::count(events, event), 1) << event;
  }
  EXPECT_EQ(
      data,
      (Texts{"before_member_register 127.0.0.1:4001", "after_member_register 127.0.0.1:4001",
             "before_member_unregister 127.0.0.1:4001", "after_member_unregister 127.0.0.1:4001"}));
  cluster->stop();
}

TEST_F(ClusterTest, ManagersComeAndGoWithEventsThatCarryThem) {
  TestNode node(network, 4000, clock, {});
  node.cluster->add_lifecycle_listener(std::make_unique<EventNotes>(events, data));
  node.start();
  const std::string name = " org.apache.catalina.ha.session.DeltaManager";
  EXPECT_EQ(data, (Texts{"before_manager_register" + name, "after_manager_register" + name}));
  data.clear();
  node.stop_manager();
  EXPECT_EQ(data, (Texts{"before_manager_unregister" + name, "after_manager_unregister" + name}));
}

TEST_F(ClusterTest, AChannelThatCannotStartFailsTheClusterWithItsReason) {
  LogCapture log;
  TestNode node(network, 4000, clock, {});
  node.channel->fail_to_start = true;
  const auto started = node.cluster->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "no port left");
  EXPECT_TRUE(log.contains("Unable to start cluster: no port left"));
  EXPECT_FALSE(node.cluster->has_members());
}

TEST_F(ClusterTest, ADeployerWorksInAHostOnly) {
  struct Notes {
    int started = 0, stopped = 0, ticks = 0, messages = 0;
  };
  class FakeDeployer final : public ClusterDeployer {
   public:
    explicit FakeDeployer(Notes& notes) : notes_(notes) {}
    void set_cluster(CatalinaCluster&) override {}
    Result<> start(core::Host&) override {
      ++notes_.started;
      return {};
    }
    void stop() override { ++notes_.stopped; }
    void background_process() override { ++notes_.ticks; }
    bool accept(const ClusterMessage& message) const override {
      return message.class_name == "org.apache.catalina.ha.session.SessionMessageImpl";
    }
    void message_received(const ClusterMessage&) override { ++notes_.messages; }

   private:
    Notes& notes_;
  };
  const auto run = [&](core::Container& place, Notes& notes) {
    SimpleTcpCluster::Parts parts;
    parts.deployer = std::make_unique<FakeDeployer>(notes);
    start_in(place, std::move(parts));
    TestNode other(network, 4001, clock, {});
    other.start_cluster();
    other.cluster->send({.content = std::make_shared<const Bytes>(SessionMessage().encode())});
    cluster->background_process();
    cluster->stop();
  };
  LogCapture log;
  Notes in_host, in_engine;
  core::Host host(host_options());
  run(host, in_host);
  EXPECT_EQ(in_host.started + in_host.stopped + in_host.ticks + in_host.messages, 4);
  EXPECT_FALSE(log.contains("FarmWarDeployer can only work"));
  core::Engine engine(engine_options());
  run(engine, in_engine);
  EXPECT_EQ(in_engine.started + in_engine.stopped + in_engine.ticks + in_engine.messages, 0);
  EXPECT_TRUE(log.contains("FarmWarDeployer can only work as host cluster subelement!"));
}

TEST_F(ClusterTest, AManagerOfAnotherKindStaysOutWithAWarning) {
  LogCapture log;
  TestNode node(network, 4000, clock, {});
  node.start_cluster();
  core::StandardManager plain{core::StandardManager::Options()};
  EXPECT_FALSE(node.cluster->register_manager(plain, *node.context));
  EXPECT_TRUE(log.contains("does not implement ClusterManager, addition to cluster has been"));
}

TEST_F(ClusterTest, ContextsGetCopiesOfTheTemplate) {
  core::Host host(host_options());
  core::Context context(core::ContextName::from_base_name("rep"), "/nowhere");
  DeltaManager::Options options;
  options.state_transfer_timeout = std::chrono::seconds(7);
  options.expire_sessions_on_shutdown = true;
  options.session_id_length = 20;
  options.name = "template";
  SimpleTcpCluster::Parts parts;
  parts.manager_template = std::make_unique<DeltaManager>(options);
  start_in(host, std::move(parts));
  const auto made = cluster->create_manager(context);
  const auto& copy = dynamic_cast<DeltaManager&>(*made);
  EXPECT_EQ(copy.options().state_transfer_timeout.count(), 7);
  EXPECT_TRUE(copy.options().expire_sessions_on_shutdown);
  EXPECT_EQ(copy.base_options().session_id_length, 20);
  EXPECT_EQ(copy.base_options().name, "");
  cluster->stop();
}

TEST_F(ClusterTest, TheBackgroundThreadDrivesTheHeartbeatIfConfigured) {
  for (const bool driven : {false, true}) {
    core::Host host(host_options());
    auto fake = network.add(4000);
    auto* const heart = fake.get();
    SimpleTcpCluster::Parts parts;
    parts.channel = std::move(fake);
    SimpleTcpCluster::Options options;
    options.heartbeat_background_enabled = driven;
    SimpleTcpCluster beating(options, std::move(parts));
    beating.set_container(host);
    ASSERT_TRUE(beating.start());
    beating.background_process();
    EXPECT_EQ(heart->heartbeats, driven ? 1 : 0);
    beating.stop();
  }
}

TEST_F(ClusterTest, AnOpenReceiverWithoutEncryptionIsWarnedAbout) {
  struct Case {
    tribes::Bytes host;
    bool encrypted, want;
  };
  const Case cases[] = {
      {{127, 0, 0, 1}, false, false}, {{10, 0, 0, 1}, false, true}, {{10, 0, 0, 1}, true, false}};
  for (const auto& c : cases) {
    LogCapture log;
    core::Host host(host_options());
    SimpleTcpCluster::Parts parts;
    parts.channel = network.add(4000, c.host);
    parts.encrypted = c.encrypted;
    SimpleTcpCluster open(SimpleTcpCluster::Options(), std::move(parts));
    open.set_container(host);
    ASSERT_TRUE(open.start());
    open.stop();
    EXPECT_EQ(log.contains("without an EncryptInterceptor"), c.want);
  }
}

}  // namespace
}  // namespace serval::ha::test
