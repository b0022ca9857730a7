// Replicated maps through bad weather. A failing seed replays with SERVAL_SEED=n; SERVAL_SEEDS=n
// runs so many.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/scenario/map_world.h"
#include "tests/support/seed.h"

namespace serval::scenario {
namespace {

constexpr FakeNetwork::Weather kStorm{.loss = 0.1,
                                      .ack_loss = 0.05,
                                      .duplicate = 0.1,
                                      .min_delay = milliseconds(1),
                                      .max_delay = milliseconds(400)};

/// One seed's story, with what is expected of it.
class Story {
 public:
  Story(std::uint64_t seed, MapKind kind) : world(seed, kind) {
    const std::size_t count = 2 + world.simulation.pick(seed % 20 == 0 ? 49 : 9);
    for (std::size_t i = 0; i < count; ++i) {
      world.add();
      world.simulation.run_for(milliseconds(world.simulation.pick(2000)));
    }
    settle();
  }

  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string key = fmt::format("key{}", ++names_);
      keys.insert(key);
      world.any().put(key, key, [] {});
    }
  }
  std::string any_key() {
    auto at = keys.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(world.simulation.pick(keys.size())));
    return *at;
  }

  /// Uses keys one after the other on any node; each use sees all those before.
  void use_in_order(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string key = any_key();
      const std::string before = text(key);
      const std::string more = fmt::format(",{}", ++uses_);
      MapNode& node = world.any();
      bool ended = false;
      std::optional<std::string> got;
      node.use(key, more, [&](std::optional<std::string> now) {
        ended = true;
        got = std::move(now);
      });
      ASSERT_TRUE(world.simulation.run_until([&] { return ended; }, milliseconds(60'000)))
          << "node " << node.number() << " never got " << key << world.picture(key);
      ASSERT_EQ(got, before + more) << world.picture(key);
    }
  }

  void storm(int steps, const FakeNetwork::Weather& weather) {
    auto& sim = world.simulation;
    world.network.weather = weather;
    for (int i = 0; i < steps; ++i) {
      MapNode& node = world.any();
      switch (sim.pick(10)) {
        case 0:
          world.split();
          break;
        case 1:
          world.heal();
          break;
        case 2:
          fill(1);
          break;
        case 3: {
          const std::string key = any_key();
          keys.erase(key);
          node.remove(key, [] {});
          if (keys.empty()) fill(1);
          break;
        }
        default:
          node.use(any_key(), fmt::format(",{}", ++uses_), [](const auto&) {});
      }
      sim.run_for(milliseconds(sim.pick(1500)));
    }
  }

  void settle() { ASSERT_TRUE(world.settle()) << "it never came to rest"; }

  /// Every key that was put and not removed exists, and is in order.
  void check(const char* when) {
    for (const std::string& key : keys) {
      ASSERT_TRUE(world.exists(key)) << when << ": " << key << " is lost";
      ASSERT_EQ(world.problem(key), "") << when << ": " << key << world.picture(key);
    }
  }

  std::string text(const std::string& key) {
    for (const MapNode* node : world.running()) {
      const MapEntry* const entry = node->core().find(map_key(key));
      if (entry && entry->role == MapRole::kPrimary) return node->text(key).value_or("?");
    }
    return "??";
  }

  MapWorld world;
  std::set<std::string> keys;

 private:
  int uses_ = 0, names_ = 0;
};

class ReplicatedMapStory : public ::testing::TestWithParam<MapKind> {
 protected:
  template <class Tell>
  static void for_seeds(Tell&& tell) {
    testing::for_seeds(20, [&](std::uint64_t seed) {
      Story story(seed, GetParam());
      if (!HasFatalFailure()) tell(story);
    });
  }
};
INSTANTIATE_TEST_SUITE_P(, ReplicatedMapStory, ::testing::Values(MapKind::kLazy, MapKind::kFull),
                         [](const auto& one) {
                           return one.param == MapKind::kLazy ? "Lazy" : "Full";
                         });

#define SERVAL_STEP(call)                         \
  do {                                            \
    call;                                         \
    if (::testing::Test::HasFatalFailure()) return; \
  } while (false)

TEST_P(ReplicatedMapStory, EveryUseSeesTheOneBeforeOnWhateverNode) {
  for_seeds([](Story& story) {
    story.fill(10);
    SERVAL_STEP(story.settle());
    SERVAL_STEP(story.check("after the first puts"));
    SERVAL_STEP(story.use_in_order(40));
    SERVAL_STEP(story.settle());
    SERVAL_STEP(story.check("after the uses"));
  });
}

TEST_P(ReplicatedMapStory, NodesThatDieJoinAndLeaveLoseNothing) {
  for_seeds([](Story& story) {
    story.fill(20);
    SERVAL_STEP(story.settle());
    for (int round = 0; round < 4; ++round) {
      if (story.world.running().size() > 2 || story.world.simulation.chance(0.5)) {
        if (story.world.simulation.chance(0.7)) {
          story.world.kill(story.world.any());
        } else {
          story.world.stop(story.world.any());
        }
      }
      SERVAL_STEP(story.settle());
      SERVAL_STEP(story.check("after a loss"));
      SERVAL_STEP(story.use_in_order(5));
      story.world.add();
      SERVAL_STEP(story.settle());
      SERVAL_STEP(story.check("after a node came"));
    }
  });
}

TEST_P(ReplicatedMapStory, AfterAStormEverybodyAgreesAgain) {
  for_seeds([](Story& story) {
    story.fill(10);
    SERVAL_STEP(story.settle());
    story.storm(60, kStorm);
    SERVAL_STEP(story.settle());
    SERVAL_STEP(story.check("after the storm"));
    SERVAL_STEP(story.use_in_order(10));
    if (story.world.running().size() > 1) story.world.kill(story.world.any());
    SERVAL_STEP(story.settle());
    SERVAL_STEP(story.check("after a loss behind the storm"));
  });
}

}  // namespace
}  // namespace serval::scenario
