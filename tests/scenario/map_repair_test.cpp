// What nodes missed, and how they come to know it: one loss at a time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/scenario/map_world.h"

namespace serval::scenario {
namespace {

constexpr milliseconds kHeartbeat{5000};

class MapRepair : public ::testing::TestWithParam<MapKind> {
 protected:
  void SetUp() override {
    for (int i = 0; i < 3; ++i) nodes.push_back(&world.add());
    wait();
  }
  /// Everything under way ends; no heartbeat is needed for it.
  void wait() { world.simulation.run_for(milliseconds(500)); }
  /// Every node has compared, and has got what it asked for.
  void wait_for_heartbeats() { world.simulation.run_for(2 * kHeartbeat); }
  /// Nothing of what happens now arrives anywhere.
  template <class Happens>
  void unheard(Happens&& happens) {
    world.network.weather.loss = 1;
    happens();
    world.simulation.run_for(milliseconds(100));
    world.network.weather.loss = 0;
  }
  /// The node is alone, and everybody has noticed.
  void cut_off(std::size_t alone) {
    world.network.set_island(static_cast<int>(alone), 1);
    for (MapNode* const other : nodes) {
      if (other == nodes[alone]) continue;
      nodes[alone]->loses(*other);
      other->loses(*nodes[alone]);
    }
    wait();
  }
  /// The network is whole again, and everybody has noticed, before the next heartbeat.
  void heal() {
    world.heal();
    world.simulation.run_for(milliseconds(1500));  // membership takes 1100 of them
  }
  void put(std::size_t node, const std::string& key) {
    nodes[node]->put(key, "a", [] {});
  }
  std::string use(std::size_t node, const std::string& key, const std::string& more) {
    std::string text = "never";
    nodes[node]->use(key, more, [&](const auto& now) { text = now.value_or("null"); });
    wait();
    return text;
  }

  std::size_t sent(MapMessage::Type type) const {
    std::size_t count = 0;
    for (const MapNode* node : nodes) count += node->sent(type);
    return count;
  }

  MapWorld world{7, GetParam()};
  std::vector<MapNode*> nodes;
};
INSTANTIATE_TEST_SUITE_P(, MapRepair, testing::Values(MapKind::kLazy, MapKind::kFull),
                         [](const auto& one) {
                           return one.param == MapKind::kLazy ? "Lazy" : "Full";
                         });

TEST_P(MapRepair, AnEntryOfWhichNobodyHeardIsFound) {
  unheard([&] { put(0, "k"); });
  wait_for_heartbeats();
  EXPECT_TRUE(world.exists("k"));
  EXPECT_EQ(world.problem("k"), "") << world.picture("k");
}

TEST_P(MapRepair, AChangeOfWhichNobodyHeardIsFound) {
  put(0, "k");
  wait();
  unheard([&] { nodes[0]->use("k", ",b", [](const auto&) {}); });
  wait_for_heartbeats();
  EXPECT_EQ(world.problem("k"), "") << world.picture("k");
  EXPECT_EQ(use(1, "k", ",c"), "a,b,c");
}

TEST_P(MapRepair, ARemovalOfWhichNobodyHeardIsNotUndone) {
  put(0, "k");
  wait();
  unheard([&] { nodes[0]->remove("k", [] {}); });
  wait_for_heartbeats();
  EXPECT_FALSE(world.exists("k")) << world.picture("k");
}

// A session that comes back to its first node has its first id again.
TEST_P(MapRepair, WhatIsPutAgainOutlivesARemovalThatItsNodeDidNotHear) {
  const auto key = [](int i) { return fmt::format("k{}", i); };
  for (int i = 0; i < 10; ++i) put(0, key(i));
  wait();
  for (int i = 0; i < 10; ++i) use(1, key(i), ",b");
  cut_off(0);  // a proxy forgets what all that had it are lost with
  for (int i = 0; i < 10; ++i) nodes[1]->remove(key(i), [] {});
  wait();
  heal();
  for (int i = 0; i < 10; ++i) put(0, key(i));
  wait();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(use(2, key(i), ",c"), "a,c") << key(i);
  wait_for_heartbeats();
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(world.exists(key(i))) << key(i);
    EXPECT_EQ(world.problem(key(i)), "") << key(i) << world.picture(key(i));
  }
}

/// The node that has all entries dies; users go on elsewhere while the rest hear of the death.
class LostNode {
 public:
  static constexpr int kKeys = 20;
  static std::string key(int i) { return fmt::format("k{}", i); }
  explicit LostNode(std::uint64_t seed) : world(seed, MapKind::kLazy) {
    for (int i = 0; i < 4; ++i) nodes_.push_back(&world.add());
    world.simulation.run_for(milliseconds(500));
    for (int i = 0; i < kKeys; ++i) nodes_[0]->put(key(i), "a", [] {});
    world.simulation.run_for(milliseconds(500));
    world.network.weather.max_delay = milliseconds(20);
    nodes_[0]->die();
  }
  MapNode& any_other() { return *nodes_[1 + world.simulation.pick(3)]; }
  void is_noticed() {
    for (std::size_t n = 1; n < nodes_.size(); ++n) {
      world.simulation.run_for(milliseconds(static_cast<int>(world.simulation.pick(20))));
      nodes_[n]->loses(*nodes_[0]);
    }
    world.simulation.run_for(2 * kHeartbeat);
  }
  MapWorld world;

 private:
  std::vector<MapNode*> nodes_;
};

TEST(MapLoss, WhatIsRemovedDoesNotComeBackFromWhoTookItForLost) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    LostNode lost(seed);
    for (int i = 0; i < LostNode::kKeys; ++i) {
      MapNode& other = lost.any_other();
      const auto id = LostNode::key(i);
      other.use(id, ",b", [&other, id](const auto&) { other.remove(id, [] {}); });
    }
    lost.is_noticed();
    for (int i = 0; i < LostNode::kKeys; ++i) {
      const auto id = LostNode::key(i);
      EXPECT_FALSE(lost.world.exists(id)) << lost.world.picture(id);
    }
  }
}

TEST(MapLoss, WhatAUserChangesIsNotOverwrittenByWhoTookItForLost) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    LostNode lost(seed);
    struct User {
      MapNode* node = nullptr;
      std::optional<std::string> confirmed, now;
    };
    std::vector<User> users(LostNode::kKeys);
    for (int i = 0; i < LostNode::kKeys; ++i) {
      User& user = users[i];
      user.node = &lost.any_other();
      user.node->use(LostNode::key(i), ",b", [&user](const auto& text) { user.confirmed = text; });
    }
    lost.is_noticed();
    for (int i = 0; i < LostNode::kKeys; ++i) {
      User& user = users[i];
      if (!user.confirmed) continue;
      const auto id = LostNode::key(i);
      user.node->use(id, ",c", [&user](const auto& text) { user.now = text; });
      lost.world.simulation.run_for(2 * kHeartbeat);
      EXPECT_EQ(user.now, *user.confirmed + ",c") << id << lost.world.picture(id);
    }
  }
}

TEST_P(MapRepair, BothHalvesOfACutNetworkAgreeAgain) {
  for (int i = 0; i < 50; ++i) put(0, fmt::format("k{}", i));
  wait();
  cut_off(0);
  for (int i = 0; i < 50; ++i) {
    nodes[i % 2 == 0 ? 0 : 1]->use(fmt::format("k{}", i), ",b", [](const auto&) {});
  }
  wait();
  ASSERT_TRUE(world.settle());
  for (int i = 0; i < 50; ++i) {
    const std::string key = fmt::format("k{}", i);
    EXPECT_TRUE(world.exists(key));
    EXPECT_EQ(world.problem(key), "") << key << world.picture(key);
  }
}

TEST_P(MapRepair, WhatWasUsedOnOneSideOfACutCountsAfterIt) {
  const auto key = [](int i) { return fmt::format("k{}", i); };
  for (int i = 0; i < 60; ++i) put(static_cast<std::size_t>(i % 3), key(i));
  wait();
  cut_off(0);
  std::vector<std::string> confirmed(60);  // "null": this side has no copy
  for (int i = 0; i < 60; ++i) {
    const auto side = static_cast<std::size_t>(i / 3 % 3);
    for (const char* text : {",b", ",c"}) confirmed[i] = use(side, key(i), text);
  }
  heal();
  for (int i = 0; i < 60; ++i) {
    const std::string before = confirmed[i] == "null" ? "a" : confirmed[i];
    EXPECT_EQ(use(static_cast<std::size_t>(i % 2), key(i), ",d"), before + ",d") << key(i);
  }
  EXPECT_GE(std::ranges::count(confirmed, "a,b,c"), 40);
  ASSERT_TRUE(world.settle());
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(world.problem(key(i)), "") << key(i) << world.picture(key(i));
  }
}

// Changes that reach nobody, before anybody is taken for lost. Each node in turn: of equal claims
// the one of the higher node would count.
TEST_P(MapRepair, WhatAUserChangesBeforeTheCutIsNoticedCountsAfterIt) {
  for (std::size_t first = 0; first < 3; ++first) {
    const auto key = [first](int i) { return fmt::format("{}k{}", first, i); };
    for (int i = 0; i < 20; ++i) put(first, key(i));
    wait();
    world.network.set_island(static_cast<int>(first), 1);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(use(first, key(i), ",b"), "a,b");
    for (int i = 20; i < 30; ++i) put(first, key(i));
    wait();
    cut_off(first);
    heal();
    for (int i = 0; i < 30; ++i) {
      const std::string before = i < 20 ? "a,b" : "a";
      EXPECT_EQ(use(static_cast<std::size_t>(i % 3), key(i), ",c"), before + ",c") << key(i);
    }
    ASSERT_TRUE(world.settle());
    for (int i = 0; i < 30; ++i) {
      EXPECT_EQ(world.problem(key(i)), "") << key(i) << world.picture(key(i));
    }
  }
}

TEST_P(MapRepair, ANodeThatStartsMissesNothingThatHappensMeanwhile) {
  for (int i = 0; i < 20; ++i) put(0, fmt::format("k{}", i));
  world.add();
  for (int i = 20; i < 60; ++i) {
    put(static_cast<std::size_t>(i % 3), fmt::format("k{}", i));
    world.simulation.run_for(milliseconds(1));
  }
  wait();
  wait();
  for (int i = 0; i < 60; ++i) {
    const std::string key = fmt::format("k{}", i);
    EXPECT_EQ(world.problem(key), "") << key << world.picture(key);
  }
}

TEST_P(MapRepair, WhoAsksWhileAnotherNodeTakesItGetsTheValue) {
  world.network.weather.max_delay = milliseconds(50);
  for (int i = 0; i < 50; ++i) {
    const std::string key = fmt::format("k{}", i);
    put(0, key);
    wait();
    std::string texts[3];
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      nodes[n]->use(key, ",x", [&, n](const auto& now) { texts[n] = now.value_or("null"); });
    }
    const auto ended = [&] { return std::ranges::none_of(texts, &std::string::empty); };
    EXPECT_TRUE(world.simulation.run_until(ended, milliseconds(5000))) << key;
    for (const std::string& text : texts) EXPECT_TRUE(text.starts_with("a,x")) << text;
  }
}

TEST_P(MapRepair, NodesThatAgreeAskNobody) {
  for (int i = 0; i < 20; ++i) put(0, fmt::format("k{}", i));
  wait_for_heartbeats();
  const std::size_t asked = sent(MapMessage::Type::kState) + sent(MapMessage::Type::kStateCopy);
  const std::size_t pinged = sent(MapMessage::Type::kPing);
  wait_for_heartbeats();
  EXPECT_EQ(sent(MapMessage::Type::kState) + sent(MapMessage::Type::kStateCopy), asked);
  EXPECT_GT(sent(MapMessage::Type::kPing), pinged);
}

}  // namespace
}  // namespace serval::scenario
