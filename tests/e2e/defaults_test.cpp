// Feature table 1 and 3: the defaults, seen from outside.
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/cluster_test.h"
#include "tests/support/multicast.h"
#include "tests/support/raw_socket.h"
#include "tests/support/start_page.h"
#include "tests/support/test_wars.h"

namespace serval::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Takes a port, as another program would.
class Occupied {
 public:
  explicit Occupied(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    taken_ = ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
             ::listen(socket_, 1) == 0;
  }
  ~Occupied() { ::close(socket_); }
  bool taken() const { return taken_; }

 private:
  const int socket_;
  bool taken_ = false;
};

std::string bound_line(int port) {
  return "Receiver Server Socket bound to:[/127.0.0.1:" + std::to_string(port) + "]";
}

}  // namespace

class Defaults : public ClusterTest {
 protected:
  void bare() {
    defaults.cluster_xml = R"(<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"/>)";
  }
};
#define NEEDS_OWN_NETWORK() SERVAL_NEEDS_NAMESPACES("for the fixed ports of the defaults")

TEST_F(Defaults, SeedRow008_HeartbeatsGoTo228_0_0_4) {
  NEEDS_OWN_NETWORK();
  bare();
  MulticastSocket group("228.0.0.4", 45564);
  Node& a = start();
  const auto heartbeat = group.receive(kPatience);
  ASSERT_TRUE(heartbeat) << a.log_tail();
  EXPECT_TRUE(heartbeat->starts_with(std::string("TRIBES-B\x01\0", 10)));
}

TEST_F(Defaults, SeedRow009_AnotherMulticastPortIsAnotherGroup) {
  Node& a = start();
  Node& stranger = start(next_kind(), [](NodeOptions& o) { o.multicast = free_port(); });
  Node& b = start();
  expect_members(a, b);
  EXPECT_EQ(a.times_logged("Replication member added"), 1u);
  EXPECT_FALSE(stranger.logged("Replication member added"));
}

TEST_F(Defaults, SeedRow010_TheAddressThatIsBoundIsTheOneAnnounced) {
  NEEDS_OWN_NETWORK();
  bare();
  MulticastSocket group("228.0.0.4", 45564);
  Node &a = start(), &b = start();
  expect_members(a, b);
  // "auto" is the address of the host's name, here localhost.
  EXPECT_TRUE(a.eventually_logs(bound_line(4000))) << a.log_tail();
  EXPECT_TRUE(b.eventually_logs(
      "Replication member added:[org.apache.catalina.tribes.membership.MemberImpl[tcp://{127, 0, "
      "0, 1}:4000"));
  const auto heartbeat = group.receive(kPatience);
  ASSERT_TRUE(heartbeat);
  EXPECT_NE(heartbeat->find(std::string("\x04\x7f\0\0\x01", 5)),
            std::string::npos);  // length, 127.0.0.1
}

TEST_F(Defaults, SeedRow011_TheReceiverTakesTheFirstFreePort) {
  NEEDS_OWN_NETWORK();
  bare();
  const Occupied somebody(4000);
  ASSERT_TRUE(somebody.taken());
  Node &a = start(), &b = start();
  EXPECT_TRUE(a.eventually_logs(bound_line(4001))) << a.log_tail();
  EXPECT_TRUE(b.eventually_logs(bound_line(4002))) << b.log_tail();
}

TEST_F(Defaults, SeedRow012_TheSessionListenerIsThereByItselfAndMayBeWritten) {
  for (
      const char* listener :
      {"",
       R"(<ClusterListener className="org.apache.catalina.ha.session.ClusterSessionListener"/>)"}) {
    SCOPED_TRACE(listener);
    defaults.listeners = listener;
    Node &a = start(), &b = start();
    expect_members(a, b);
    DemoUser user;
    ASSERT_TRUE(user.set(a, "x", "1"));
    EXPECT_EQ(user.peek(b, "x"), "1");
    a.stop();
    b.stop();
  }
}

TEST_F(Defaults, SeedRow013_FailureDetectorAndDispatcherAreThereByThemselves) {
  NEEDS_OWN_NETWORK();
  bare();
  Node &a = start(), &b = start();
  expect_members(a, b);
  // The dispatcher: an answer that does not wait for a peer that is stopped (row 15). The detector:
  // it says what it found.
  b.signal(SIGSTOP);
  DemoUser user;
  const auto before = steady_clock::now();
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_LT(steady_clock::now() - before, milliseconds(1500));
  b.kill();
  EXPECT_TRUE(a.eventually_logs("Verification complete. Member disappeared")) << a.log_tail();
}

TEST_F(Defaults, SeedRow015_TheDefaultIsToSendAsynchronously) {
  NEEDS_OWN_NETWORK();
  bare();
  Node &a = start(), &b = start();
  expect_members(a, b);
  b.signal(SIGSTOP);
  DemoUser user;
  const auto before = steady_clock::now();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(user.set(a, "x", std::to_string(i)));
  EXPECT_LT(steady_clock::now() - before, milliseconds(2500));
  b.signal(SIGCONT);
  EXPECT_TRUE(user.eventually_gets(b, "x", "9"));
}

TEST_F(Defaults, SeedRow017_TwoHeartbeatsASecond) {
  NEEDS_OWN_NETWORK();
  bare();
  MulticastSocket group("228.0.0.4", 45564);
  start();
  ASSERT_TRUE(group.receive(kPatience));
  while (group.receive(milliseconds(0))) continue;  // what came during the start
  ASSERT_TRUE(group.receive(kPatience));
  auto last = steady_clock::now();
  milliseconds sum{0};
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(group.receive(kPatience));
    const auto now = steady_clock::now();
    sum += std::chrono::duration_cast<milliseconds>(now - last);
    last = now;
  }
  EXPECT_GT(sum, milliseconds(1500));
  EXPECT_LT(sum, milliseconds(3000));
}

TEST_F(Defaults, SeedRow017_AKilledNodeIsGoneWithinDropTime) {
  NEEDS_OWN_NETWORK();
  bare();
  Node &a = start(), &b = start();
  expect_members(a, b);
  const auto before = steady_clock::now();
  a.kill();
  // Tomcat needs dropTime for it; where a connection stands, Serval sees it break and verifies at
  // once.
  ASSERT_TRUE(b.eventually_logs("Received member disappeared")) << b.log_tail();
  EXPECT_LT(steady_clock::now() - before, milliseconds(6000));
}

TEST_F(Defaults, SeedRow017_AStoppedProcessWhosePortAnswersIsVerifiedAndStays) {
  // As in Tomcat: no heartbeats, but the kernel still takes the connection of TcpFailureDetector.
  defaults.frequency = 100;
  defaults.drop_time = 600;
  Node &a = start(), &b = start();
  expect_members(a, b);
  a.signal(SIGSTOP);
  EXPECT_TRUE(b.eventually_logs("Verification complete. Member still alive")) << b.log_tail();
  EXPECT_FALSE(b.logged("Received member disappeared"));
  a.signal(SIGCONT);
}

TEST_F(Defaults, SeedRow106_AMemberIsWhoBeatsWithItsAddressAndPort) {
  defaults.frequency = 100;
  defaults.drop_time = 600;
  MulticastSocket group("228.0.0.4", defaults.multicast);
  Node &a = start(), &b = start();
  // TRIBES-B, version, length, alive time, three ports, address, command, domain, id.
  constexpr std::size_t kPort = 8 + 2 + 4 + 8, kAddress = kPort + 3 * 4, kId = kAddress + 5 + 8;
  const auto big_endian = [](int number) {
    std::string bytes(4, '\0');
    for (int i = 0; i < 4; ++i) bytes[3 - i] = static_cast<char>(number >> (8 * i));
    return bytes;
  };
  std::optional<std::string> record;
  for (const Node* node : {&a, &b}) {
    ASSERT_TRUE(eventually([&] {
      record = group.receive(kPatience);
      return record && record->substr(kPort, 4) == big_endian(node->options().receiver);
    }));
    EXPECT_EQ(record->substr(kAddress, 5), std::string("\x04\x7f\0\0\x01", 5));
  }
  expect_members(a, b);

  // The same of somebody else, who answers TCP and beats as long as the test wants.
  auto somebody = std::make_unique<RawListener>();
  record->replace(kPort, 4, big_endian(somebody->port()));
  record->replace(kId, 16, "somebody else...");
  const std::string member = "MemberImpl[tcp://{127, 0, 0, 1}:" + std::to_string(somebody->port());
  for (const Node* node : {&a, &b}) {
    ASSERT_TRUE(eventually([&] {
      group.send(*record);
      return node->logged("Replication member added:[org.apache.catalina.tribes.membership." +
                          member);
    })) << node->log_tail();
  }
  const std::string gone = "Received member disappeared:[org.apache.catalina.tribes.membership.";
  EXPECT_TRUE(holds_for(milliseconds(1000), [&] {
    group.send(*record);
    return !a.logged(gone) && !b.logged(gone);
  }));
  somebody->close();
  for (const Node* node : {&a, &b}) {
    EXPECT_TRUE(node->eventually_logs(gone + member)) << node->log_tail();
    EXPECT_EQ(node->times_logged(gone), 1u) << node->log_tail();
  }
}

TEST_F(Defaults, SeedRow020_AnEmptyFilterReplicatesEveryPath) {
  applications = [&](Kind kind) {
    return Applications{{"rep", demo_war_with(kind, directory() / "rep.war", "*.gif", true)}};
  };
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  user.path = "/rep/x.gif";
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_EQ(user.peek(b, "x"), "1");
}

TEST_F(Defaults, SeedRow022_AFarmThatDoesNotWatchDeploysNothing) {
  Node& a = start(next_kind(), [](NodeOptions& o) { o.farm = "follow"; });
  page_war(a.base() / "farm-watch/x.war", "x");
  // Two rounds of automatic deployment later the farm had its chance twice.
  for (const char* name : {"first", "second"}) {
    page_war(directory() / "new.war", name);
    std::filesystem::rename(directory() / "new.war", a.webapps() / (std::string(name) + ".war"));
    HttpClient client(a.http());
    ASSERT_TRUE(eventually([&] { return client.get("/" + std::string(name) + "/").body == name; }));
  }
  EXPECT_EQ(HttpClient(a.http()).get("/x/").status, 404);
}

}  // namespace serval::test
