// Groups through bad weather: the real membership table, failure detector, interceptors and
// coordinators of 2 to 50 nodes in simulated time. SERVAL_SEED=n tells one seed again, exactly;
// SERVAL_SEEDS=n tells n of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "container/base/log.h"
#include "tests/scenario/group/group_world.h"
#include "tests/support/seed.h"

namespace serval::scenario {
namespace {

class NoLog final : public LogRouter {
 public:
  Level level_of(std::string_view) const override { return Level::kOff; }
  void write(const LogRecord&) override {}
};

class GroupStory : public ::testing::Test {
 protected:
  GroupStory() { set_log_router(std::make_shared<NoLog>()); }
  ~GroupStory() override { set_log_router(before_); }

  /// Mostly small groups; every tenth may have 50 nodes.
  static std::size_t size_of(std::uint64_t seed, std::mt19937_64& random) {
    return 2 + random() % (seed % 10 == 0 ? 49 : 11);
  }

 private:
  const std::shared_ptr<LogRouter> before_ = log_router();
};

#define ASSERT_WELL(world)                                    \
  ASSERT_EQ((world).violation(), "") << (world).last_lines(); \
  ASSERT_EQ((world).disagreement(), "") << (world).last_lines()

/// Nodes die, leave, come, come again on their old ports; the network loses, repeats, delays and
/// parts.
class Storm {
 public:
  Storm(GroupWorld& world, std::uint64_t seed) : world_(world), random_(seed) {}

  void begin(std::size_t nodes) {
    for (std::size_t i = 0; i < nodes; ++i) {
      world_.add();
      world_.simulation.run_for(milliseconds(random_() % 500));
    }
  }
  void rage(int steps) {
    world_.network.weather = {.loss = 0.3 * part(),
                              .ack_loss = 0.1 * part(),
                              .duplicate = 0.2 * part(),
                              .min_delay = milliseconds(1),
                              .max_delay = milliseconds(2 + random_() % 400)};
    for (int i = 0; i < steps; ++i) {
      step();
      world_.simulation.run_for(milliseconds(random_() % 3000));
    }
  }

 private:
  static constexpr milliseconds kRestart{900};
  double part() { return static_cast<double>(random_() % 1000) / 1000; }
  void step() {
    const std::size_t running = world_.running().size();
    GroupNode& node = world_.any();
    switch (random_() % 10) {
      case 0:
        if (running > 1) world_.kill(node);
        if (running > 1) dead_.push_back(node.port());
        break;
      case 1:
        if (running > 1) world_.leave(node);
        break;
      case 2:
        world_.add();
        break;
      case 3:
        if (!dead_.empty()) restart();
        break;
      case 4:
        // Nothing starts anew so fast that its heartbeats pass those of its old self.
        if (world_.simulation.now() - node.started_at() < milliseconds(1000)) break;
        world_.kill(node);
        world_.simulation.run_for(kRestart);
        world_.add(node.port());
        break;
      case 5:
        world_.split(2 + static_cast<int>(random_() % 2));
        break;
      case 6:
        world_.network.heal();
        break;
      default:
        node.send(node.members(), fmt::format("m{}", ++messages_), 6, [](const SendReport&) {});
    }
  }
  void restart() {
    const int port = dead_.back();
    dead_.pop_back();
    world_.simulation.run_for(kRestart);
    world_.add(port);
  }

  GroupWorld& world_;
  std::mt19937_64 random_;
  std::vector<int> dead_;
  int messages_ = 0;
};

GroupOptions any_stack(std::mt19937_64& random) {
  GroupOptions options;
  options.parts = {Part::kCoordinator, Part::kSimpleCoordinator, Part::kTwoPhase, Part::kOrder,
                   Part::kDetector};
  std::ranges::shuffle(options.parts, random);
  options.serval = random() % 4 != 0;
  options.two_phase.expire = milliseconds(10'000);
  return options;
}

void tell_storm(GroupWorld& world, std::uint64_t seed, std::size_t nodes) {
  Storm storm(world, seed);
  storm.begin(nodes);
  storm.rage(40);
  world.settle();
  ASSERT_WELL(world);
  if (world.running().size() > 1) world.kill(*world.running().front());
  world.settle();
  ASSERT_WELL(world);
  world.simulation.run_for(milliseconds(20'000));
  // Its heartbeat has the coordinator tell its view, which may be on its way just now.
  ASSERT_TRUE(world.simulation.run_until([&] { return world.network.is_at_rest(); },
                                         world.options().heartbeat));
  for (const GroupNode* node : world.running()) {
    ASSERT_EQ(node->order->held_bytes(), 0U);
    ASSERT_EQ(node->two_phase->waiting_bytes(), 0U);
  }
}

TEST_F(GroupStory, AfterAStormEverybodyAgreesOnMembersViewAndCoordinator) {
  testing::for_seeds(60, [](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    GroupWorld world(seed, any_stack(random));
    tell_storm(world, seed, size_of(seed, random));
  });
}

TEST_F(GroupStory, ASeedReplaysExactly) {
  testing::for_seeds(5, [](std::uint64_t seed) {
    std::vector<std::uint64_t> stories;
    for (int i = 0; i < 2; ++i) {
      std::mt19937_64 random(seed);
      GroupWorld world(seed, any_stack(random));
      tell_storm(world, seed, size_of(seed, random));
      stories.push_back(world.trace_hash());
    }
    ASSERT_EQ(stories[0], stories[1]);
  });
}

// Half of the heartbeats are lost, and every node that answers stays a member; one that dies is
// gone everywhere in time.
TEST_F(GroupStory, OnlyTheDeadDisappearAndInTime) {
  testing::for_seeds(60, [](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    GroupOptions options;
    options.parts = {Part::kDetector};
    GroupWorld world(seed, options);
    Storm storm(world, seed);
    storm.begin(size_of(seed, random));
    world.settle();
    ASSERT_WELL(world);
    world.network.weather.loss = 0.5;
    world.simulation.run_for(milliseconds(60'000));
    ASSERT_EQ(world.violation(), "") << world.last_lines();
    GroupNode& dead = world.any();
    world.kill(dead);
    // The last heartbeat, dropTime and the look that comes every interval; or the channel's
    // heartbeat, for one that was suspected before and answered.
    const GroupOptions& o = world.options();
    const milliseconds by_silence = o.drop_time + 2 * o.frequency;
    world.simulation.run_for(std::max(by_silence, o.heartbeat) + milliseconds(10));
    for (const GroupNode* node : world.running()) {
      ASSERT_EQ(node->told().count(short_name(dead.member())), 0U)
          << short_name(node->member()) << "\n"
          << world.last_lines();
    }
    world.settle();
    ASSERT_WELL(world);
  });
}

// --- messages ---

/// What arrived from a sender, the repetitions left out.
std::vector<int> first_arrivals(const GroupNode& node, int sender) {
  std::vector<int> numbers;
  for (const auto& [from, text] : node.received()) {
    if (from != sender) continue;
    const int number = std::stoi(text.substr(text.find('#') + 1));
    if (std::ranges::count(numbers, number) == 0) numbers.push_back(number);
  }
  return numbers;
}

TEST_F(GroupStory, MessagesComeInTheOrderOfTheirSender) {
  testing::for_seeds(60, [](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const bool loses = random() % 2 == 0;
    GroupOptions options;
    options.parts = {Part::kOrder, Part::kDetector};
    GroupWorld world(seed, options);
    Storm storm(world, seed);
    storm.begin(2 + random() % 6);
    world.settle();
    ASSERT_WELL(world);
    world.network.weather = {.loss = loses ? 0.05 : 0.0,
                             .ack_loss = loses ? 0.05 : 0.0,
                             .duplicate = 0.1,
                             .min_delay = milliseconds(1),
                             .max_delay = milliseconds(400)};
    constexpr int kCount = 40;
    for (int i = 0; i < kCount; ++i) {
      for (GroupNode* node : world.running()) {
        node->send(node->members(), fmt::format("#{}", i), 6, [](const SendReport&) {});
        world.simulation.run_for(milliseconds(random() % 30));
      }
    }
    world.network.weather = {};
    world.simulation.run_for(milliseconds(20'000));
    for (const GroupNode* receiver : world.running()) {
      ASSERT_EQ(receiver->order->held_bytes(), 0U);
      for (const GroupNode* sender : world.running()) {
        if (sender == receiver) continue;
        const auto numbers = first_arrivals(*receiver, sender->port());
        ASSERT_TRUE(std::ranges::is_sorted(numbers)) << world.last_lines();
        if (!loses) {
          ASSERT_EQ(numbers.size(), static_cast<std::size_t>(kCount));
        }
      }
    }
    ASSERT_WELL(world);
  });
}

TEST_F(GroupStory, AConfirmedMessageComesOnceToEveryReceiver) {
  testing::for_seeds(60, [](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    GroupOptions options;
    options.parts = {Part::kTwoPhase, Part::kDetector};
    options.two_phase.expire = milliseconds(10'000);
    GroupWorld world(seed, options);
    Storm storm(world, seed);
    storm.begin(2 + random() % 6);
    world.settle();
    ASSERT_WELL(world);
    world.network.weather = {.loss = 0.05,
                             .ack_loss = 0.05,
                             .duplicate = 0.2,
                             .min_delay = milliseconds(1),
                             .max_delay = milliseconds(400)};
    std::map<std::string, bool> ended;  // text: well or not
    for (int i = 0; i < 100; ++i) {
      GroupNode& node = world.any();
      const std::string text = fmt::format("#{}", i);
      node.send(node.members(), text, 6,
                [&ended, text](const SendReport& report) { ended[text] = report.ok(); });
      world.simulation.run_for(milliseconds(random() % 300));
    }
    world.network.weather = {};
    world.simulation.run_for(milliseconds(30'000));
    ASSERT_EQ(ended.size(), 100U);
    std::map<std::string, std::map<const GroupNode*, int>> got;
    for (const GroupNode* node : world.running()) {
      ASSERT_EQ(node->two_phase->waiting_bytes(), 0U);
      for (const auto& [from, text] : node->received()) ++got[text][node];
    }
    for (const auto& [text, well] : ended) {
      for (const auto& [node, times] : got[text]) {
        ASSERT_EQ(times, 1) << text << " at " << node->port() << "\n" << world.last_lines();
      }
      if (well) {
        ASSERT_EQ(got[text].size(), world.running().size() - 1) << text;
      }
    }
    ASSERT_WELL(world);
  });
}

}  // namespace
}  // namespace serval::scenario
