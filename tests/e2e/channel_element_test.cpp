// Feature table 7 and 10: what stands inside Channel, for any pair of servers.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "tests/e2e/channel_parts.h"
#include "tests/e2e/pairs.h"
#include "tests/support/jmx.h"
#include "tests/support/network_namespace.h"
#include "tests/support/tcp_connections.h"
#include "tests/support/test_wars.h"

namespace serval::test {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr const char* kChannel = "ClusterChannel:type=Channel,channel=Catalina-Channel,component=";
constexpr std::int64_t kMiB = 1024 * 1024;

/// Threads of a process whose names begin so.
std::size_t threads_of(const Node& node, const std::string& prefix) {
  std::size_t count = 0;
  std::error_code gone;
  for (const auto& thread :
       fs::directory_iterator("/proc/" + std::to_string(node.pid()) + "/task", gone)) {
    std::ifstream in(thread.path() / "comm");
    std::string name;
    if (std::getline(in, name) && name.starts_with(prefix)) ++count;
  }
  return count;
}

std::int64_t resident_bytes(const Node& node) {
  std::ifstream in("/proc/" + std::to_string(node.pid()) + "/statm");
  std::int64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

/// While it lives, this network has no multicast.
class NoMulticast {
 public:
  NoMulticast() {
    ip("route del 224.0.0.0/4");
    ip("link set lo multicast off");
  }
  ~NoMulticast() {
    ip("link set lo multicast on");
    ip("route add 224.0.0.0/4 dev lo");
  }
  NoMulticast(const NoMulticast&) = delete;
  NoMulticast& operator=(const NoMulticast&) = delete;
};

}  // namespace

class ChannelElement : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  /// A node with the demo and the manager application.
  Node& with(Kind kind, const ChannelParts& parts,
             const std::function<void(NodeOptions&)>& change = {}) {
    return start(kind, [&](NodeOptions& o) {
      o.applications.push_back(manager_application());
      o.receiver = free_port();
      if (change) change(o);
      o.cluster_xml = cluster_of(o, parts);
    });
  }
  void start_pair(const ChannelParts& of_a, const ChannelParts& of_b) {
    a = &with(GetParam().a, of_a);
    b = &with(GetParam().b, of_b);
    expect_members(*a, *b);
  }
  void start_pair(const ChannelParts& parts) { start_pair(parts, parts); }
  void expect_replication() {
    DemoUser user;
    ASSERT_TRUE(user.set(*a, "x", "1"));
    EXPECT_TRUE(user.eventually_gets(*b, "x", "1"));
    ASSERT_TRUE(user.set(*b, "y", "2"));
    EXPECT_TRUE(user.eventually_gets(*a, "y", "2"));
  }
  /// A figure of a part of A's channel.
  double figure(const std::string& part, const std::string& attribute) const {
    return std::stod(Jmx(*a).get(kChannel + part, attribute));
  }
  /// B gets to have this, without a request that would move the session to it: what A sent before
  /// it heard of that would be for nobody then.
  void expect_copy(const DemoUser& user, const std::string& key, const std::string& value) {
    EXPECT_TRUE(eventually([&] {
      return Jmx(*b).invoke("Catalina:type=Manager,host=localhost,context=/demo",
                            "getSessionAttribute", user.session_id() + "," + key) == value;
    })) << b->log_tail();
  }
  /// B has it when this ends. A Tomcat handles what comes on one connection with several threads:
  /// a change that is not waited for may overtake the session it belongs to, and is lost then.
  void begin_session(DemoUser& user) {
    ASSERT_TRUE(user.set(*a, "x", "1"));
    expect_copy(user, "x", "1");
  }
  Node *a = nullptr, *b = nullptr;
  const std::string queue = "Interceptor,interceptorName=MessageDispatchInterceptor";
};
INSTANTIATE_TEST_SUITE_P(, ChannelElement, ::testing::ValuesIn(few_pairs()), pair_name);

TEST_P(ChannelElement, SeedRow065_ElementsInsideAreAcceptedAndKeepTheirOrder) {
  const std::string gzip = interceptor("GzipInterceptor"),
                    throughput = interceptor("ThroughputInterceptor", "interval=\"100000\"");
  for (const bool counts_first : {true, false}) {
    SCOPED_TRACE(counts_first ? "counts what is sent" : "counts what is compressed");
    start_pair({.receiver = "maxThreads=\"7\"",
                .transport = "poolSize=\"9\"",
                .interceptors = (counts_first ? throughput + gzip : gzip + throughput) + kUsual});
    Jmx jmx(*a);
    EXPECT_EQ(jmx.names(kChannel + std::string("*")).size(), 4u);
    for (const char* name : {"ThroughputInterceptor", "GzipInterceptor", "TcpFailureDetector",
                             "MessageDispatchInterceptor"}) {
      EXPECT_EQ(jmx.names(kChannel + ("Interceptor,interceptorName=" + std::string(name))).size(),
                1u)
          << name;
    }
    EXPECT_EQ(figure("Receiver", "MaxThreads"), 7);
    if (a->kind() == Kind::kServal) {  // Tomcat shows what stands around the transport
      EXPECT_EQ(figure("Sender", "PoolSize"), 9);
    }
    EXPECT_EQ(figure("Membership", "Frequency"), defaults.frequency);
    DemoUser user;
    ASSERT_TRUE(user.set(*a, "x", std::to_string(kMiB), "big"));
    EXPECT_TRUE(eventually([&] { return user.peek(*b, "x") == user.peek(*a, "x"); }));
    const double sent = figure("Interceptor,interceptorName=ThroughputInterceptor", "MbAppTx");
    if (counts_first) {
      EXPECT_GT(sent, 1.0);
    } else {
      EXPECT_LT(sent, 0.2);
    }
    a->kill();
    b->kill();
  }
}

TEST_P(ChannelElement, SeedRow066_StaticMembersNeedNoMulticast) {
  SERVAL_NEEDS_NAMESPACES("to take multicast away");
  const NoMulticast no_multicast;
  const int ports[] = {free_port(), free_port()};
  const auto member = [&](int place, const char* element) {
    return std::string("<") + element +
           R"( className="org.apache.catalina.tribes.membership.StaticMember" host="127.0.0.1" port=")" +
           std::to_string(ports[place]) + R"(" uniqueId="{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,)" +
           std::to_string(place) + R"(}"/>)";
  };
  const auto node = [&](Kind kind, int place) {
    const ChannelParts parts{
        .membership =
            R"(<Membership className="org.apache.catalina.tribes.membership.StaticMembershipService"
                 useThread="true" pingInterval="200" expirationTime="2000" rpcTimeout="10000">)" +
            member(place, "LocalMember") + member(1 - place, "Member") + "</Membership>",
        .interceptors = kUsual};
    return &with(kind, parts, [&](NodeOptions& o) { o.receiver = ports[place]; });
  };
  a = node(GetParam().a, 0);
  b = node(GetParam().b, 1);
  expect_members(*a, *b);
  expect_replication();
  EXPECT_EQ(read_file("/proc/net/igmp").find("040000E4"), std::string::npos);  // 228.0.0.4
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  a->kill();
  EXPECT_TRUE(b->eventually_logs("Received member disappeared")) << b->log_tail();
  EXPECT_EQ(user.get(*b, "x"), "1");
  a->start();
  EXPECT_TRUE(user.eventually_gets(*a, "x", "1"));
}

TEST_P(ChannelElement, SeedRow069_ThreadsOfTheReceiverStayWithinTheirLimits) {
  constexpr std::size_t kLeast = 2, kMost = 4;
  const ChannelParts limited{.receiver = "minThreads=\"2\" maxThreads=\"4\"",
                             .interceptors = kUsual};
  start_pair(limited);
  std::atomic<bool> done{false};
  std::vector<std::jthread> users;
  for (int i = 0; i < 8; ++i) {
    users.emplace_back([&] {
      DemoUser user;
      for (int n = 0; !done; ++n) EXPECT_TRUE(user.set(*a, "x", std::to_string(n)));
    });
  }
  const auto deltas = [&] {
    return std::stoi(Jmx(*b).get("Catalina:type=Manager,host=localhost,context=/demo",
                                 "counterReceive_EVT_SESSION_DELTA"));
  };
  std::size_t least = 1000, most = 0;
  EXPECT_TRUE(eventually([&] {
    const int received = deltas();
    const std::size_t now =
        threads_of(*b, b->kind() == Kind::kServal ? "tribes-io" : "Tribes-Task-Rec");
    if (received > 100) least = std::min(least, now);
    most = std::max(most, now);
    return received > 500;
  }));
  done = true;
  users.clear();
  EXPECT_GE(least, kLeast);
  EXPECT_LE(most, kMost);
}

TEST_P(ChannelElement, SeedRow071_ASessionDoesNotWaitForAFile) {
  const auto node = [&](Kind kind, const char* farm) {
    return &start(kind, [&](NodeOptions& o) { o.farm = farm; });
  };
  a = node(GetParam().a, "watch");
  b = node(GetParam().b, "follow");
  expect_members(*a, *b);
  std::mt19937 random{7};
  std::string noise(10 * kMiB, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  const auto begun = [&] {
    for (const auto& file : fs::directory_iterator(b->base() / "farm-temp")) {
      std::error_code gone;
      const auto size = fs::file_size(file, gone);
      if (!gone && size > 0) return true;
    }
    return false;
  };
  DemoUser user;
  bool overtaken = false;
  // The file may be through before the session is even sent: then the next one has to show it.
  for (int i = 0; i < 10 && !overtaken; ++i) {
    const std::string name = "w" + std::to_string(i) + ".war", value = std::to_string(i);
    page_war(directory() / name, "page", {{"noise", noise}});
    fs::rename(directory() / name, a->base() / "farm-watch" / name);
    ASSERT_TRUE(eventually(begun)) << a->log_tail();
    ASSERT_TRUE(user.set(*a, "x", value));
    ASSERT_EQ(user.peek(*b, "x"), value);
    overtaken = !fs::exists(b->webapps() / name);
    ASSERT_TRUE(eventually([&] { return fs::exists(b->webapps() / name); })) << b->log_tail();
  }
  EXPECT_TRUE(overtaken);
}

TEST_P(ChannelElement, SeedRow072_ThroughputCountsWhatPassesItsPlace) {
  const std::string parts = interceptor("FragmentationInterceptor", "maxSize=\"10000\""),
                    throughput = interceptor("ThroughputInterceptor");
  for (const bool last : {true, false}) {
    SCOPED_TRACE(last ? "below what splits messages" : "above it");
    start_pair({.receiver = "useBufferPool=\"false\"",
                .interceptors = (last ? parts + throughput : throughput + parts) + kUsual});
    const auto sent = [&] {
      return figure("Interceptor,interceptorName=ThroughputInterceptor", "MsgTxCnt");
    };
    DemoUser user;
    ASSERT_TRUE(user.set(*a, "x", "1"));
    const double before = sent();
    ASSERT_TRUE(user.set(*a, "x", "100000", "big"));
    EXPECT_TRUE(eventually([&] { return user.peek(*b, "x") == user.peek(*a, "x"); }));
    if (last) {
      EXPECT_GE(sent() - before, 11);
    } else {
      EXPECT_LE(sent() - before, 3);  // the change, and what the last requests to see it were
    }
    a->kill();
    b->kill();
  }
}

TEST_P(ChannelElement, SeedRow074_AFullQueueBoundsMemoryAndTheSenderWaits) {
  start_pair({.cluster = "channelSendOptions=\"8\"",
              .transport = "timeout=\"30000\"",
              .interceptors = kUsual});
  EXPECT_EQ(figure(queue, "MaxQueueSize"), 64.0 * kMiB);
  const auto change = [&](DemoUser& user) {
    return user.set(*a, "x", std::to_string(kMiB), "big");
  };
  DemoUser user;
  ASSERT_NO_FATAL_FAILURE(begin_session(user));
  ASSERT_TRUE(change(user));
  const bool is_serval = a->kind() == Kind::kServal;
  // Tomcat hands a message to a thread of its own; here sending waits for nobody.
  EXPECT_GT(threads_of(*a, is_serval ? "tribes-io" : "MessageDispatch"), 0u);
  const std::int64_t before = resident_bytes(*a);
  b->signal(SIGSTOP);
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(change(user));
    return figure(queue, "CurrentSize") > 62.0 * kMiB;
  }));
  // More of them than there are threads that serve connections.
  constexpr int kMore = 8;
  std::atomic<int> answered{0};
  std::vector<std::jthread> waiting;
  for (int i = 0; i < kMore; ++i) {
    waiting.emplace_back([&] {
      DemoUser one;
      EXPECT_TRUE(change(one));
      ++answered;
    });
  }
  EXPECT_TRUE(holds_for(milliseconds(700), [&] { return answered < kMore - 1; }));
  if (is_serval) {  // a Tomcat's threads look at the limit at the same time and pass it together
    EXPECT_LE(figure(queue, "CurrentSize"), 64.0 * kMiB);
    EXPECT_LT(resident_bytes(*a) - before, 100 * kMiB);
  }
  b->signal(SIGCONT);
  waiting.clear();
  EXPECT_EQ(answered, kMore);
  EXPECT_TRUE(eventually([&] { return figure(queue, "CurrentSize") == 0; }));
  ASSERT_TRUE(user.set(*a, "y", "1"));
  expect_copy(user, "y", "1");
}

TEST_P(ChannelElement, SeedRow074_WithoutAlwaysSendAFullQueueIsAnError) {
  start_pair({.cluster = "channelSendOptions=\"8\"",
              .transport = "timeout=\"30000\"",
              .interceptors = interceptor("TcpFailureDetector") +
                              interceptor("MessageDispatchInterceptor",
                                          "maxQueueSize=\"4194304\" alwaysSend=\"false\"")});
  DemoUser user;
  ASSERT_NO_FATAL_FAILURE(begin_session(user));
  b->signal(SIGSTOP);
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(user.set(*a, "x", std::to_string(kMiB), "big"));
    return a->logged("Asynchronous queue is full, reached its limit of [");
  })) << a->log_tail();
  b->signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return figure(queue, "CurrentSize") == 0; }));
  ASSERT_TRUE(user.set(*a, "y", "1"));
  expect_copy(user, "y", "1");
}

TEST_P(ChannelElement, SeedRow075_AReportAfterEveryTenMessages) {
  start_pair({.interceptors = interceptor("ThroughputInterceptor", "interval=\"10\"") + kUsual});
  DemoUser user;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(user.set(*a, "x", std::to_string(i)));
  EXPECT_TRUE(a->eventually_logs("ThroughputInterceptor Report[")) << a->log_tail();
  EXPECT_TRUE(a->eventually_logs("Tx Msg:10 messages")) << a->log_tail();
  EXPECT_TRUE(b->eventually_logs("Rx Msg:10 messages")) << b->log_tail();
}

TEST_P(ChannelElement, SeedRow108_AConnectionIsOpenedByTheFirstMessage) {
  a = &with(GetParam().a, {.interceptors = kUsual});
  // Without a distributable application it has nothing to ask for.
  b = &with(GetParam().b, {.interceptors = kUsual}, [&](NodeOptions& o) {
    o.applications = {{"page", page_war(directory() / "page.war", "page")}};
  });
  expect_members(*a, *b);
  const auto connections = [&] { return connections_to(b->options().receiver).size(); };
  // TcpFailureDetector looks at a new member, and lets go.
  ASSERT_TRUE(eventually([&] { return connections() == 0; }));
  EXPECT_TRUE(holds_for(milliseconds(500), [&] { return connections() == 0; }));
  DemoUser user;
  ASSERT_TRUE(user.set(*a, "x", "1"));
  EXPECT_TRUE(eventually([&] { return connections() > 0; }));
  EXPECT_TRUE(holds_for(milliseconds(300), [&] { return connections() > 0; }));
}

}  // namespace serval::test
