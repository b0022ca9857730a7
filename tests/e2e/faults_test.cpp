// What users lose when nodes are lost, stopped, cut off, slow or wrong about the time. Three nodes;
// the users of the first one go on elsewhere when it does not answer.
#include <fmt/format.h>
#include <signal.h>

#include <mutex>

#include "tests/e2e/faults/crowd.h"
#include "tests/e2e/pairs.h"
#include "tests/support/cluster_test.h"
#include "tests/support/network_namespace.h"
#include "tests/support/node_group.h"
#include "tests/support/seed.h"

namespace serval::test {
namespace {

using serval::testing::environment_number;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// With SERVAL_FAULTS=N every fault comes N times, with each manager and for options 8 too.
bool is_thorough() { return environment_number("SERVAL_FAULTS", 0) > 0; }
std::uint64_t times() { return environment_number("SERVAL_FAULTS", 1); }

#ifdef SERVAL_WITH_TOMCAT
const std::vector<Kind> kKinds{Kind::kServal, Kind::kTomcat9, Kind::kTomcat10};
// Two generations have one map only as long as the Serval node is there.
const std::vector<Kind> kBackupKinds{Kind::kServal, Kind::kTomcat10, Kind::kTomcat10};
constexpr bool kWithTomcats = true;
#else
const std::vector<Kind> kKinds{usual_kind(0), usual_kind(1), usual_kind(2)};
const std::vector<Kind>& kBackupKinds = kKinds;
constexpr bool kWithTomcats = false;
#endif

/// The loss of a node: always with both managers; with real Tomcats, which start slowly, with one.
std::vector<Mix> for_losses() {
  if (is_thorough()) {
    return {{kKinds, "delta", "6"},
            {kKinds, "delta", "8"},
            {kBackupKinds, "backup", "6"},
            {kBackupKinds, "backup", "8"}};
  }
  if (kWithTomcats) return {{kKinds, "delta", "6"}};
  return {{kKinds, "delta", "6"}, {kBackupKinds, "backup", "6"}};
}
std::vector<Mix> for_others() {
  if (is_thorough()) return for_losses();
  if (kWithTomcats) return {};
  return {{kKinds, "delta", "6"}};
}

}  // namespace

class Faults : public ClusterTest, public ::testing::WithParamInterface<Mix> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    use_manager_of(GetParam(), defaults);
  }
  bool is_synchronous() const { return GetParam().options == "6"; }
  void start_all() {
    if (nodes.size() == 0) {
      for (const Kind kind : GetParam().kinds) nodes.add(add(kind));
    }
    for (const std::size_t place : nodes.down()) nodes.start(place);
    ASSERT_TRUE(nodes.settle());
  }

  /// Once: `fault` under load, then a look at the nodes that are left, and at all of them once they
  /// run again.
  template <class Fault>
  void round(Fault&& fault) {
    start_all();
    if (HasFatalFailure()) return;
    Crowd::Options users;
    users.homes = homes;
    users.seed = 1000 * (first_round + rounds++);
    users.nodes = nodes.targets();
    Load load(2, users);
    EXPECT_TRUE(load.goes_on(200));
    fault(load);
    EXPECT_TRUE(load.goes_on(200));
    load.stop();
    const auto limit = is_synchronous() ? repair : repair + seconds(2);
    load.verify(nodes.targets_up(), limit);
    if (!nodes.down().empty()) {
      start_all();
      load.verify(nodes.targets(), limit);
    }
    all += load.tally();
  }
  /// As often as asked for; then the row of the table.
  template <class Fault>
  void repeat(const std::string& name, Fault&& fault) {
    for (std::uint64_t i = 0; i < times() && !HasFailure(); ++i) {
      round(fault);
      if (is_thorough()) fmt::print(stderr, "round {} of {}: {}\n", i + 1, times(), text_of(all));
    }
    print_row(name, GetParam().manager, GetParam().options, rounds, all);
    EXPECT_EQ(all.errors, 0u) << all.example;
  }
  void expect_nothing_lost() const {
    if (!is_synchronous()) return;  // the answer did not wait: the table says what is lost
    EXPECT_EQ(all.lost + all.missing + all.stale + all.revived, 0u) << all.example;
  }
  void kill(std::size_t place) {
    nodes.kill(place);
    EXPECT_TRUE(nodes.settle());
  }

  NodeGroup nodes;
  std::size_t homes = 1;
  seconds repair{0};  // what nodes need after the fault to agree again
  const std::uint64_t first_round = environment_number("SERVAL_FIRST_ROUND", 1);
  std::uint64_t rounds = 0;
  Tally all;
};

class MoreFaults : public Faults {};

TEST_P(Faults, TheOwnerIsKilled) {
  repeat("kill -9 of the owner", [this](Load&) { kill(0); });
  expect_nothing_lost();
}

// Before dropTime is over: a Tomcat that asks the port only hears of the loss all the same.
TEST_P(Faults, TheOwnerIsKilledAndStartedAtOnce) {
  repeat("kill -9 and start on the same port", [this](Load&) {
    nodes.kill(0);
    nodes.start(0);
    EXPECT_TRUE(nodes.settle());
  });
  expect_nothing_lost();
}

TEST_P(MoreFaults, TheBackupIsKilled) {
  repeat("kill -9 of the backup", [this](Load&) { kill(1); });
  expect_nothing_lost();
}

TEST_P(MoreFaults, BothNeighboursAreKilledInTurn) {
  repeat("kill -9 of both neighbours in turn", [this](Load& load) {
    kill(1);
    EXPECT_TRUE(load.goes_on(100));
    nodes.start(1);
    EXPECT_TRUE(nodes.settle());
    EXPECT_TRUE(load.goes_on(100));
    kill(2);
    EXPECT_TRUE(load.goes_on(100));
    kill(0);  // with everything that was sent to the other two
  });
  expect_nothing_lost();
}

TEST_P(MoreFaults, TheOwnerStopsForLongerThanDropTime) {
  // In the longer form its users lose patience, too. TcpFailureDetector takes it for alive all the
  // time, as Tomcat's does: the system accepts connections for it.
  const auto how_long = is_thorough() ? seconds(7) : seconds(2);
  repeat("SIGSTOP of the owner for longer than dropTime", [&](Load&) {
    nodes.node(0).signal(SIGSTOP);
    EXPECT_TRUE(holds_for(how_long, [this] { return nodes.node(1).is_running(); }));
    nodes.node(0).signal(SIGCONT);
    EXPECT_TRUE(nodes.settle());
  });
  EXPECT_EQ(all.lost, 0u) << all.example;
}

TEST_P(MoreFaults, ANeighbourIsSlow) {
  repeat("slow peer (300 ms of every 400 ms)", [this](Load&) {
    for (int i = 0; i < 5; ++i) {
      nodes.node(1).signal(SIGSTOP);
      EXPECT_TRUE(holds_for(milliseconds(300), [this] { return nodes.node(0).is_running(); }));
      nodes.node(1).signal(SIGCONT);
      EXPECT_TRUE(holds_for(milliseconds(100), [this] { return nodes.node(0).is_running(); }));
    }
  });
  expect_nothing_lost();
}

TEST_P(MoreFaults, TheQueueIsFull) {
  defaults.dispatch = R"(maxQueueSize="65536" alwaysSend="false")";
  repeat("full queue (64 KiB, alwaysSend=false)", [this](Load& load) {
    nodes.node(1).signal(SIGSTOP);
    nodes.node(2).signal(SIGSTOP);
    if (!is_synchronous()) {
      EXPECT_TRUE(load.goes_on(1500));
    } else {
      EXPECT_TRUE(holds_for(milliseconds(500), [this] { return nodes.node(0).is_running(); }));
    }
    nodes.node(1).signal(SIGCONT);
    nodes.node(2).signal(SIGCONT);
    EXPECT_TRUE(nodes.settle());
  });
  expect_nothing_lost();
}

/// The first node's clock is right, the second one's a minute ahead, the third one's a minute late.
class ClockFaults : public Faults {
 protected:
  void SetUp() override {
    Faults::SetUp();
    int shift = 0;
    for (const Kind kind : GetParam().kinds) {
      nodes.add(add(kind, [&](NodeOptions& options) {
        options.environment = {{"LD_PRELOAD", SERVAL_CLOCK_SHIFT_LIBRARY},
                               {"SERVAL_CLOCK_SHIFT", std::to_string(shift)}};
      }));
      shift = shift > 0 ? -60 : 60;
    }
  }
};

TEST_P(ClockFaults, NodesJoinAndAreKilledThoughClocksAreAMinuteOff) {
  repeat("clocks 60 s off, each node killed and started", [this](Load& load) {
    for (const std::size_t place : {2, 0, 1}) {
      kill(place);
      EXPECT_TRUE(load.goes_on(100));
      nodes.start(place);
      EXPECT_TRUE(nodes.settle());
      EXPECT_TRUE(load.goes_on(100));
    }
  });
  expect_nothing_lost();
}

/// Each node with a network of its own; users reach all of them.
class NetworkFaults : public Faults {
 protected:
  void SetUp() override {
    SERVAL_NEEDS_NAMESPACES("to build networks and cut them");
    Faults::SetUp();
    left = std::make_unique<Bridge>("left");
    right = std::make_unique<Bridge>("right");
    for (std::size_t i = 0; i < GetParam().kinds.size(); ++i) {
      networks.push_back(std::make_unique<NetworkNamespace>(static_cast<int>(i) + 1, *left));
      Node& node = add(GetParam().kinds[i],
                       [&](NodeOptions& options) { options.address = networks.back()->address(); });
      nodes.add(node, [this, network = networks.back().get()](const auto& work) {
        const std::lock_guard lock(entrance);
        network->run(work);
      });
    }
  }
  void TearDown() override {
    for (const std::size_t place : nodes.up()) nodes.kill(place);
    Faults::TearDown();
    networks.clear();
  }
  std::mutex entrance;
  std::unique_ptr<Bridge> left, right;
  std::vector<std::unique_ptr<NetworkNamespace>> networks;
};

TEST_P(NetworkFaults, ANodeIsCutOffAndComesBack) {
  homes = 3;
  repair = seconds(GetParam().manager == "backup" ? 12 : 2);
  repeat("partition of one node, and heal", [this](Load& load) {
    networks[0]->plug_into(*right);
    EXPECT_TRUE(nodes.eventually_knows(0, 0) && nodes.eventually_knows(1, 1) &&
                nodes.eventually_knows(2, 1));
    EXPECT_TRUE(load.goes_on(200));
    networks[0]->plug_into(*left);
    EXPECT_TRUE(nodes.settle());
  });
  // What a Tomcat had not sent when its side of the map was taken over may be gone with options 8.
  if (is_synchronous() || !kWithTomcats) {
    EXPECT_EQ(all.lost, 0u) << all.example;
  }
}

// With real Tomcats in the normal run.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MoreFaults);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ClockFaults);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkFaults);

const auto kName = [](const auto& one) { return ::testing::PrintToString(one.param); };
INSTANTIATE_TEST_SUITE_P(, Faults, ::testing::ValuesIn(for_losses()), kName);
INSTANTIATE_TEST_SUITE_P(, MoreFaults, ::testing::ValuesIn(for_others()), kName);
INSTANTIATE_TEST_SUITE_P(, ClockFaults, ::testing::ValuesIn(for_others()), kName);
INSTANTIATE_TEST_SUITE_P(, NetworkFaults, ::testing::ValuesIn(for_others()), kName);

}  // namespace serval::test
