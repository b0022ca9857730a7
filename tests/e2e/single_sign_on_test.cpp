// Feature table 12: ClusterSingleSignOn; what no pair of its own is needed for.
#include "tests/e2e/single_sign_on.h"

#include <signal.h>

#include <list>
#include <thread>

#include "tests/support/jmx.h"
#include "tests/support/multicast.h"
#include "tests/support/raw_socket.h"

namespace serval::test {

namespace {

/// Waits until a node whose configuration is refused has ended. Requires: it has said why.
void expect_end(Node& node) {
  EXPECT_TRUE(eventually([&] { return !node.is_running(); })) << node.log_tail();
}

}  // namespace

class Sso : public ClusterTest {
 protected:
  /// A node that is not started, with this valve in the Cluster of its Host, unless `change` says
  /// otherwise.
  template <class Change>
  Node& add_node(const std::string& valve, Change&& change) {
    const Kind kind = next_kind();
    return add(kind, [&](NodeOptions& o) {
      use_sso(o, kind, valve);
      change(o);
    });
  }
  Node& add_node(const std::string& valve) {
    return add_node(valve, [](NodeOptions&) {});
  }
  template <class Change>
  Node& start_node(const std::string& valve, Change&& change) {
    Node& node = add_node(valve, std::forward<Change>(change));
    node.start();
    return node;
  }
  Node& start_node(const std::string& attributes = {}) {
    return start_node(sso_valve(attributes), [](NodeOptions&) {});
  }
};

/// Unlike a Tomcat, whose manual says the same and whose code works there.
TEST_F(Sso, SeedRow128_InTheClusterOfAnEngineServalSaysSoAndEachApplicationAsks) {
  const auto in_engine = [](NodeOptions& o) { o.in_host = false; };
  Node &a = start_node(sso_valve(), in_engine), &b = start_node(sso_valve(), in_engine);
  expect_members(a, b);
  for (const Node* node : {&a, &b}) {
    SCOPED_TRACE(node->options().name);
    const bool is_refused = node->kind() == Kind::kServal;
    EXPECT_EQ(node->logged("ClusterSingleSignOn can only work in the Cluster of a Host, or as a "
                           "Valve of a Host, not in [Catalina]"),
              is_refused);
    LoginUser alice;
    EXPECT_EQ(alice.status(*node, "a", "wonder"), 200);
    EXPECT_EQ(alice.sso().empty(), is_refused);
    EXPECT_EQ(alice.status(*node, "b"), is_refused ? 401 : 200);
    const Node& other = node == &a ? b : a;
    const bool counts_there = !is_refused && other.kind() != Kind::kServal;
    EXPECT_EQ(alice.status(other, "b"), counts_there ? 200 : 401);
  }
}

TEST_F(Sso, SeedRow128_AsAValveOfAHostItUsesTheClusterOfTheEngine) {
  const auto with_host_valve = [](NodeOptions& o) {
    o.in_host = false;
    o.host_xml = sso_valve();
  };
  Node &a = start_node("", with_host_valve), &b = start_node("", with_host_valve);
  expect_members(a, b);
  LoginUser alice;
  EXPECT_EQ(alice.status(a, "a", "wonder"), 200);
  EXPECT_EQ(alice.status(b, "b"), 200);
}

TEST_F(Sso, SeedRow128_WithoutAClusterTheHostDoesNotStart) {
  for (int i = 0; i < 2; ++i) {
    Node& node = add_node("", [](NodeOptions& o) {
      o.cluster_xml = " ";
      o.host_xml = sso_valve();
    });
    node.start(false);
    EXPECT_TRUE(node.eventually_logs("There is no Cluster for ClusterSingleSignOn"))
        << node.log_tail();
    expect_end(node);
  }
}

TEST_F(Sso, SeedRow129_AnotherClassNameIsAnError) {
  const std::string name = "org.apache.catalina.ha.authenticator.ClusterSingleSignO";
  for (int i = 0; i < 2; ++i) {
    Node& node = add_node("<Valve className=\"" + name + "ff\"/>");
    node.start(false);
    EXPECT_TRUE(node.eventually_logs("Cannot start server")) << node.log_tail();
    EXPECT_TRUE(node.logged(name + "ff")) << node.log_tail();
    if (node.kind() == Kind::kServal) {
      EXPECT_TRUE(node.logged("did you mean '" + name + "n'?")) << node.log_tail();
    }
    expect_end(node);
  }
}

TEST_F(Sso, SeedRow131_133_134_135_DefaultsAsTheBeanHasThem) {
  for (int i = 0; i < 2; ++i) {
    Jmx jmx(start_node(sso_valve(),
                       [](NodeOptions& o) { o.applications.push_back(manager_application()); }));
    const std::string bean = "Catalina:type=Valve,host=localhost,name=ClusterSingleSignOn";
    EXPECT_EQ(jmx.get(bean, "mapSendOptions"), "6");
    EXPECT_EQ(jmx.get(bean, "rpcTimeout"), "15000");
    EXPECT_EQ(jmx.get(bean, "terminateOnStartFailure"), "false");
    EXPECT_EQ(jmx.get(bean, "accessTimeout"), "5000");
  }
}

TEST_F(Sso, SeedRow131_TheDefaultOptionsMakeTheAnswerWaitForTheOtherNode) {
  Node &a = start_node(), &b = start_node();
  expect_members(a, b);
  for (int i = 0; i < 50; ++i) {
    LoginUser alice;
    ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
    ASSERT_EQ(alice.status(b, "b"), 200) << i;
  }
}

TEST_F(Sso, SeedRow131_WithOptions8TheLoginArrivesToo) {
  Node &a = start_node(R"(mapSendOptions="8")"), &b = start_node(R"(mapSendOptions="8")");
  expect_members(a, b);
  LoginUser alice;
  ASSERT_EQ(alice.status(a, "a", "wonder"), 200);
  EXPECT_TRUE(alice.eventually_has(b, "b", 200));
}

TEST_F(Sso, SeedRow135_AMemberThatFallsSilentHasNoPartInTheMapUntilItSpeaks) {
  defaults.send_options = "8";
  defaults.drop_time = 60'000;  // it stays a member of the cluster
  Node &a = start_node(R"(accessTimeout="2000")"), &b = start_node();
  expect_members(a, b);
  const auto login_time = [&] {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(LoginUser().status(a, "a", "wonder"), 200);
    return std::chrono::steady_clock::now() - begin;
  };
  b.signal(SIGSTOP);
  EXPECT_GT(login_time(), std::chrono::seconds(1)) << "the login waited for its acknowledgement";
  EXPECT_TRUE(eventually([&] { return login_time() < std::chrono::milliseconds(500); }));
  b.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] {
    LoginUser alice;
    return alice.status(a, "a", "wonder") == 200 && alice.status(b, "b") == 200;
  })) << b.log_tail();
}

/// A member that acknowledges every message and answers none.
class DeafMember {
 public:
  /// The Cluster of a node whose only member this is.
  std::string cluster_xml(int receiver, const std::string& valve) const {
    return R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"
        channelSendOptions="8" channelStartOptions="3">
        <Manager className="org.apache.catalina.ha.session.DeltaManager" stateTransferTimeout="0"/>
        <Channel className="org.apache.catalina.tribes.group.GroupChannel">
          <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver"
            address="127.0.0.1" port=")" +
           std::to_string(receiver) + R"(" autoBind="0"/>
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor"/>
          <Interceptor className="org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor">
            <Member className="org.apache.catalina.tribes.membership.StaticMember" host="127.0.0.1"
              port=")" +
           std::to_string(listener_.port()) +
           R"(" uniqueId="{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16}"/>
          </Interceptor>
        </Channel>
        <Valve className="org.apache.catalina.ha.tcp.ReplicationValve"/>)" +
           valve + "</Cluster>";
  }

 private:
  void run(const std::stop_token& end) {
    struct Connection {
      RawSocket socket;
      std::string bytes;
    };
    std::list<Connection> connections;
    while (!end.stop_requested()) {
      if (auto socket = listener_.accept(std::chrono::milliseconds(10)))
        connections.push_back({std::move(*socket), {}});
      for (Connection& one : connections) {
        for (const auto byte : one.socket.read(65536, std::chrono::milliseconds(0)))
          one.bytes += static_cast<char>(byte);
        acknowledge(one.socket, one.bytes);
      }
    }
  }
  /// One answer for each package that has come to its end.
  static void acknowledge(const RawSocket& socket, std::string& bytes) {
    static const std::string kEnd = "TLF2003";
    static const std::string kAcknowledgement("FLT2002\0\0\0\3\6\2\3TLF2003", 21);
    const std::vector<std::uint8_t> answer(kAcknowledgement.begin(), kAcknowledgement.end());
    for (std::size_t at; (at = bytes.find(kEnd)) != std::string::npos;) {
      bytes.erase(0, at + kEnd.size());
      socket.write(answer);
    }
  }
  RawListener listener_;
  std::jthread thread_{[this](const std::stop_token& end) { run(end); }};
};

TEST_F(Sso, SeedRow133_TheStartWaitsForAMemberForTheRpcTimeout) {
  const DeafMember deaf;
  const Kind kind = next_kind();
  // From the moment at which it knows the other one until it serves.
  const auto wait_of = [&](const std::string& rpc_timeout) {
    Node& node = add(kind, [&](NodeOptions& o) {
      use_sso(o, kind, "");
      o.receiver = free_port();
      o.cluster_xml = deaf.cluster_xml(o.receiver, sso_valve("rpcTimeout=\"" + rpc_timeout + "\""));
    });
    node.start(false);
    EXPECT_TRUE(node.eventually_logs("Replication member added")) << node.log_tail();
    const auto known = std::chrono::steady_clock::now();
    node.wait_for_http();
    const auto wait = std::chrono::steady_clock::now() - known;
    node.kill();  // to say goodbye takes its time beside such a member
    return wait;
  };
  const auto short_wait = wait_of("1"), long_wait = wait_of("2000");
  EXPECT_GT(long_wait, std::chrono::milliseconds(2000));
  EXPECT_LT(short_wait, long_wait);
}

/// Nodes beside a member that beats and says nothing else.
class SsoSilentMember : public Sso {
 protected:
  void SetUp() override {
    Sso::SetUp();
    defaults.send_options = "8";
    defaults.drop_time = 60'000;  // it stays a member of the cluster
    defaults.manager_attributes = R"(stateTransferTimeout="0")";
    group_.emplace("228.0.0.4", defaults.multicast);
    silent_ = &start_node();
    heartbeat_ = group_->receive(kPatience).value();
    silent_->signal(SIGSTOP);
  }
  /// Starts a node and waits until it says this.
  void start_until_logs(Node& node, std::string_view text) {
    node.start(false);
    EXPECT_TRUE(eventually([&] {
      group_->send(heartbeat_);
      return node.logged(text);
    })) << node.log_tail();
    EXPECT_TRUE(node.logged("Replication member added")) << node.log_tail();
  }
  Node& silent() { return *silent_; }

 private:
  std::optional<MulticastSocket> group_;
  std::string heartbeat_;
  Node* silent_ = nullptr;
};

TEST_F(SsoSilentMember, SeedRow134_TheHostStartsAllTheSameByDefaultAndJoinsLater) {
  Node& node = add_node(sso_valve(R"(accessTimeout="2000")"));
  start_until_logs(node, "Server startup in [");
  node.wait_for_http();
  LoginUser alice;
  EXPECT_EQ(alice.status(node, "a", "wonder"), 200);
  EXPECT_EQ(alice.status(node, "b"), 200);
  silent().signal(SIGCONT);
  for (const bool here : {true, false}) {
    EXPECT_TRUE(eventually([&] {
      LoginUser later;
      return later.status(here ? node : silent(), "a", "wonder") == 200 &&
             later.status(here ? silent() : node, "b") == 200;
    })) << here;
  }
}

TEST_F(SsoSilentMember, SeedRow134_TheHostFailsIfTold) {
  Node& node = add_node(sso_valve(R"(terminateOnStartFailure="true")"));
  start_until_logs(node, "localhost-SSO-cache");
  expect_end(node);
}

}  // namespace serval::test
