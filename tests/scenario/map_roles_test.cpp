// Every change of a role, one at a time, in good weather.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenario/map_world.h"

namespace serval::scenario {
namespace {

constexpr std::int64_t kTomcat9 = 3323947316117794076, kTomcat10 = -8901659902996040089;

/// Nodes 0, 1, 2 ... of a map, and what they know of the key "k".
class Roles {
 public:
  Roles(MapKind kind, const std::vector<std::int64_t>& generations, std::uint64_t seed = 1)
      : world(seed, kind) {
    for (const std::int64_t generation : generations) add(generation);
  }
  MapNode& add(std::int64_t generation = 0) {
    nodes.push_back(&world.add(generation));
    wait();
    return *nodes.back();
  }
  /// Everything that is under way ends; heartbeats are not needed for it.
  void wait() { world.simulation.run_for(milliseconds(1000)); }
  void put(std::size_t node, const std::string& text) {
    nodes[node]->put("k", text, [] {});
    wait();
  }
  std::string use(std::size_t node, const std::string& more) {
    std::string text = "never";
    nodes[node]->use("k", more, [&](const auto& now) { text = now.value_or("null"); });
    wait();
    return text;
  }
  void kill(std::size_t node) {
    world.kill(*nodes[node]);
    world.simulation.run_for(milliseconds(5000));
  }
  /// "primary 1", "proxy": role and the ports of the backup nodes, for each running node.
  std::string roles() const {
    static constexpr const char* kRoles[] = {"primary", "backup", "proxy", "copy"};
    std::string text;
    for (const MapNode* node : world.running()) {
      const MapEntry* const entry = node->core().find(map_key("k"));
      text += entry ? fmt::format("{}:{} ", node->number(), kRoles[static_cast<int>(entry->role)])
                    : fmt::format("{}:- ", node->number());
    }
    return text;
  }
  MapWorld world;
  std::vector<MapNode*> nodes;
};

const std::vector<std::int64_t> kThree{0, 0, 0};

TEST(LazyMapRoles, APutHasOneBackupAndProxies) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  EXPECT_EQ(map.roles(), "0:primary 1:backup 2:proxy ");
  EXPECT_EQ(map.world.problem("k"), "");
  // The next entry has its backup on another node.
  map.nodes[0]->put("other", "b", [] {});
  map.wait();
  EXPECT_EQ(map.nodes[2]->text("other"), "b");
}

TEST(LazyMapRoles, APutAloneHasNoBackupUntilSomebodyComes) {
  Roles map(MapKind::kLazy, {0});
  map.put(0, "a");
  EXPECT_EQ(map.roles(), "0:primary ");
  map.add();
  EXPECT_EQ(map.roles(), "0:primary 1:backup ");
  EXPECT_EQ(map.nodes[1]->text("k"), "a");
}

TEST(LazyMapRoles, ProxyBecomesPrimary) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  EXPECT_EQ(map.use(2, ",b"), "a,b");
  EXPECT_EQ(map.roles(), "0:proxy 1:backup 2:primary ");
  EXPECT_EQ(map.world.problem("k"), "");
}

TEST(LazyMapRoles, BackupBecomesPrimary) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  EXPECT_EQ(map.use(1, ",b"), "a,b");
  EXPECT_EQ(map.roles().find("1:primary"), map.roles().find("1:"));
  EXPECT_EQ(map.world.problem("k"), "");
}

TEST(LazyMapRoles, ThePrimaryIsLost) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  map.kill(0);
  EXPECT_EQ(map.roles(), "1:primary 2:backup ");
  EXPECT_EQ(map.world.problem("k"), "");
}

TEST(LazyMapRoles, TheBackupIsLost) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  map.kill(1);
  EXPECT_EQ(map.roles(), "0:primary 2:backup ");
  EXPECT_EQ(map.world.problem("k"), "");
}

TEST(LazyMapRoles, TheProxyIsLost) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  map.kill(2);
  EXPECT_EQ(map.roles(), "0:primary 1:backup ");
}

TEST(LazyMapRoles, PrimaryAndBackupAreLost) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  map.world.kill(*map.nodes[0]);
  map.kill(1);
  EXPECT_EQ(map.roles(), "2:- ") << "nobody has the value any more";
}

TEST(LazyMapRoles, ANodeThatComesKnowsWhereEverythingIs) {
  Roles map(MapKind::kLazy, {0, 0});
  map.put(0, "a");
  map.add();
  EXPECT_EQ(map.roles(), "0:primary 1:backup 2:proxy ");
  EXPECT_EQ(map.use(2, ",b"), "a,b");
}

TEST(LazyMapRoles, ANodeThatComesBackIsAnotherOne) {
  Roles map(MapKind::kLazy, {0, 0});
  map.put(0, "a");
  map.kill(0);
  map.add();
  EXPECT_EQ(map.roles(), "1:primary 2:backup ");
  EXPECT_EQ(map.use(2, ",b"), "a,b");
  map.kill(1);
  EXPECT_EQ(map.roles(), "2:primary ");
  EXPECT_EQ(map.nodes[2]->text("k"), "a,b");
}

TEST(LazyMapRoles, ANodeThatStopsHandsOver) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  map.world.stop(*map.nodes[0]);
  map.wait();
  EXPECT_EQ(map.roles(), "1:primary 2:backup ");
}

TEST(LazyMapRoles, ARemovedEntryStaysAway) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  map.nodes[2]->remove("k", [] {});
  map.wait();
  EXPECT_EQ(map.roles(), "0:- 1:- 2:- ");
  EXPECT_EQ(map.use(1, ",b"), "null");
  map.put(1, "again");
  EXPECT_EQ(map.world.problem("k"), "");
  EXPECT_EQ(map.use(0, ",c"), "again,c");
}

TEST(LazyMapRoles, APutReplacesWhatAnotherNodeHas) {
  Roles map(MapKind::kLazy, kThree);
  map.put(0, "a");
  map.put(2, "b");
  EXPECT_EQ(map.world.problem("k"), "");
  EXPECT_EQ(map.use(0, ",c"), "b,c");
}

TEST(FullMapRoles, EveryNodeHasACopy) {
  Roles map(MapKind::kFull, kThree);
  map.put(1, "a");
  EXPECT_EQ(map.roles(), "0:copy 1:primary 2:copy ");
  EXPECT_EQ(map.use(2, ",b"), "a,b");
  EXPECT_EQ(map.roles(), "0:copy 1:copy 2:primary ");
  EXPECT_EQ(map.world.problem("k"), "");
}

TEST(FullMapRoles, TheFirstCopyTakesOver) {
  Roles map(MapKind::kFull, kThree);
  map.put(1, "a");
  map.kill(1);
  EXPECT_EQ(map.roles(), "0:primary 2:copy ");
  EXPECT_EQ(map.world.problem("k"), "");
}

TEST(FullMapRoles, ACopyIsLost) {
  Roles map(MapKind::kFull, kThree);
  map.put(1, "a");
  map.kill(0);
  EXPECT_EQ(map.roles(), "1:primary 2:copy ");
  EXPECT_EQ(map.world.problem("k"), "");
}

TEST(FullMapRoles, ANodeThatComesGetsTheValuesAndWhatChanges) {
  Roles map(MapKind::kFull, {0, 0});
  map.put(0, "a");
  map.add();
  EXPECT_EQ(map.nodes[2]->text("k"), "a");
  EXPECT_EQ(map.use(0, ",b"), "a,b");
  EXPECT_EQ(map.nodes[2]->text("k"), "a,b");
}

// With nodes that behave as Tomcat: no versions, nothing told twice, one generation.

TEST(MapWithTomcat, RolesMoveBetweenBothKinds) {
  Roles map(MapKind::kLazy, {0, kTomcat9, 0});
  map.put(1, "a");
  EXPECT_EQ(map.use(0, ",b"), "a,b");
  EXPECT_EQ(map.use(1, ",c"), "a,b,c");
  EXPECT_EQ(map.use(2, ",d"), "a,b,c,d");
  EXPECT_EQ(map.use(0, ",e"), "a,b,c,d,e");
  EXPECT_EQ(map.world.problem("k"), "");
  map.kill(0);
  EXPECT_EQ(map.use(1, ",f"), "a,b,c,d,e,f");
}

/// It does not matter who answers the new node first: it hears what was removed before.
TEST(MapWithTomcat, WhatWasRemovedCanBePutAgainByANodeThatIsNew) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Roles map(MapKind::kLazy, {0, kTomcat9, 0}, seed);
    map.put(0, "a");
    map.nodes[2]->remove("k", [] {});
    map.wait();
    map.kill(0);
    map.add();
    map.put(3, "again");
    EXPECT_EQ(map.use(3, ",b"), "again,b");
    EXPECT_EQ(map.use(1, ",c"), "again,b,c");
    EXPECT_EQ(map.world.problem("k"), "");
  }
}

TEST(MapWithTomcat, OneThatHasStartedHasTheBackups) {
  Roles map(MapKind::kLazy, {0});
  constexpr int kEntries = 500;
  const auto key = [](int i) { return fmt::format("k{}", i); };
  for (int i = 0; i < kEntries; ++i) map.nodes[0]->put(key(i), "a", [] {});
  map.wait();
  const MapNode& tomcat = map.world.add(kTomcat9);
  ASSERT_TRUE(map.world.simulation.run_until(
      [&] { return tomcat.core().state() == MapState::kInitialized; }, milliseconds(5000)));
  for (int i = 0; i < kEntries; ++i) ASSERT_EQ(tomcat.text(key(i)), "a") << i;
}

/// It may serve requests from the moment that it has started.
TEST(MapWithTomcat, AServalNodeThatHasStartedKnowsWhatWasRemoved) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Roles map(MapKind::kLazy, {0, kTomcat9}, seed);
    map.put(0, "a");
    map.nodes[0]->remove("k", [] {});
    map.wait();
    MapNode& started = map.world.add();
    ASSERT_TRUE(map.world.simulation.run_until(
        [&] { return started.core().state() == MapState::kInitialized; }, milliseconds(5000)));
    started.put("k", "again", [] {});
    map.wait();
    EXPECT_EQ(started.text("k"), "again");
    EXPECT_TRUE(map.world.settle());
    EXPECT_EQ(map.world.problem("k"), "") << map.world.picture("k");
  }
}

TEST(MapWithTomcat, AFullMapOfBothKinds) {
  Roles map(MapKind::kFull, {kTomcat9, 0, 0});
  map.put(0, "a");
  EXPECT_EQ(map.use(1, ",b"), "a,b");
  EXPECT_EQ(map.use(0, ",c"), "a,b,c");
  EXPECT_EQ(map.nodes[2]->text("k"), "a,b,c");
  map.kill(0);
  EXPECT_EQ(map.world.problem("k"), "");
}

TEST(MapBetweenGenerations, ASingleServalNodeStandsBetween) {
  for (const auto kind : {MapKind::kLazy, MapKind::kFull}) {
    for (const std::size_t start : {0, 1, 2}) {
      SCOPED_TRACE(testing::Message() << (kind == MapKind::kLazy ? "lazy " : "full ") << start);
      Roles map(kind, {kTomcat9, 0, kTomcat10});
      map.put(start, "a");
      std::string text = "a";
      for (const std::size_t node : {0, 2, 1, 2, 0, 2}) {
        const std::string more = fmt::format(",{}", text.size());
        text += more;
        EXPECT_EQ(map.use(node, more), text) << "on node " << node << map.world.picture("k");
      }
      map.nodes[start]->remove("k", [] {});
      map.wait();
      EXPECT_EQ(map.roles(), "0:- 1:- 2:- ");
    }
  }
}

TEST(MapBetweenGenerations, TheServalNodeMayComeLast) {
  Roles map(MapKind::kLazy, {kTomcat9, kTomcat10});
  map.put(0, "a");
  EXPECT_EQ(map.use(1, ",x"), "null") << "real Tomcats do not understand each other";
  map.add();
  EXPECT_EQ(map.use(1, ",b"), "a,b") << map.world.picture("k");
  EXPECT_EQ(map.use(0, ",c"), "a,b,c") << map.world.picture("k");
}

TEST(MapBetweenGenerations, SeveralServalNodesDoNotConfuseThem) {
  Roles map(MapKind::kLazy, {kTomcat9, 0, kTomcat10, 0, kTomcat9});
  map.put(0, "a");
  std::string text = "a";
  for (const std::size_t node : {2, 4, 3, 2, 1, 0, 2, 4}) {
    const std::string more = fmt::format(",{}", text.size());
    text += more;
    EXPECT_EQ(map.use(node, more), text) << "on node " << node << map.world.picture("k");
  }
}

}  // namespace
}  // namespace serval::scenario
