// How traffic and memory grow with the number of members: up to 50, or to SERVAL_MEMBERS. Prints the table of cluster/README.md.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "container/base/log.h"
#include "tests/scenario/group/group_world.h"
#include "tests/support/seed.h"

namespace serval::scenario {
namespace {

class Silence final : public LogRouter {
 public:
  Level level_of(std::string_view) const override { return Level::kOff; }
  void write(const LogRecord&) override {}
};

Traffic operator-(const Traffic& a, const Traffic& b) {
  return {a.heartbeats_sent - b.heartbeats_sent,
          a.heartbeats_got - b.heartbeats_got,
          a.heartbeat_bytes_got - b.heartbeat_bytes_got,
          a.messages_sent - b.messages_sent,
          a.message_bytes_sent - b.message_bytes_sent,
          a.messages_got - b.messages_got,
          a.message_bytes_got - b.message_bytes_got};
}

Traffic total(const GroupWorld& world) {
  Traffic sum;
  for (const GroupNode* node : world.running()) {
    const Traffic& one = node->traffic();
    sum.heartbeats_sent += one.heartbeats_sent;
    sum.heartbeats_got += one.heartbeats_got;
    sum.heartbeat_bytes_got += one.heartbeat_bytes_got;
    sum.messages_sent += one.messages_sent;
    sum.message_bytes_sent += one.message_bytes_sent;
    sum.messages_got += one.messages_got;
    sum.message_bytes_got += one.message_bytes_got;
  }
  return sum;
}

struct Figures {
  double heartbeats_got = 0, bytes_got = 0;  // of a node each second
  double messages = 0, message_bytes = 0;    // of a node each second, sent
  double join_messages = 0, join_bytes = 0;  // all nodes, for one that joins
  milliseconds join_time{0};
  double memory = 0;  // bytes of a node
};

/// A group at rest for ten seconds, then one more node.
void measure(std::size_t count, Figures& figures) {
  const std::size_t before = ::mallinfo2().uordblks;
  GroupOptions options;
  GroupWorld world(count, options);
  for (std::size_t i = 0; i < count; ++i) {
    world.add();
    world.simulation.run_for(milliseconds(2));
  }
  const auto agreed = [&] { return world.disagreement().empty(); };
  for (int i = 0; i < 120 && !agreed(); ++i) world.simulation.run_for(milliseconds(500));
  ASSERT_EQ(world.disagreement(), "");
  ASSERT_EQ(world.violation(), "");
  world.forget_lines();
  figures.memory = static_cast<double>(::mallinfo2().uordblks - before) / static_cast<double>(count);

  constexpr int kSeconds = 10;
  const double node_seconds = static_cast<double>(count) * kSeconds;
  Traffic start = total(world);
  world.simulation.run_for(std::chrono::seconds(kSeconds));
  const Traffic rest = total(world) - start;
  figures.heartbeats_got = static_cast<double>(rest.heartbeats_got) / node_seconds;
  figures.bytes_got = static_cast<double>(rest.heartbeat_bytes_got) / node_seconds;
  figures.messages = static_cast<double>(rest.messages_sent) / node_seconds;
  figures.message_bytes = static_cast<double>(rest.message_bytes_sent) / node_seconds;

  start = total(world);
  const milliseconds began = world.simulation.now();
  world.add();
  while (!agreed() && world.simulation.now() - began < milliseconds(60'000)) {
    world.simulation.run_for(milliseconds(50));
  }
  ASSERT_EQ(world.disagreement(), "");
  figures.join_time = world.simulation.now() - began;
  const Traffic join = total(world) - start;
  figures.join_messages = static_cast<double>(join.messages_sent);
  figures.join_bytes = static_cast<double>(join.message_bytes_sent);
}

TEST(GroupGrowth, TrafficAndMemory) {
  const std::size_t most = testing::environment_number("SERVAL_MEMBERS", 50);
  const auto before = log_router();
  set_log_router(std::make_shared<Silence>());
  fmt::print(
      "| members | heartbeats got /s | bytes got /s | messages sent /s | bytes sent /s | memory KiB "
      "| a join: messages | KiB | ms |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const std::size_t count : {2U, 10U, 50U, 100U, 200U, 500U}) {
    if (count > most) break;
    Figures f;
    ASSERT_NO_FATAL_FAILURE(measure(count, f));
    fmt::print("| {} | {:.1f} | {:.0f} | {:.2f} | {:.1f} | {:.1f} | {:.0f} | {:.1f} | {} |\n", count,
               f.heartbeats_got, f.bytes_got, f.messages, f.message_bytes, f.memory / 1024,
               f.join_messages, f.join_bytes / 1024, f.join_time.count());
    std::fflush(stdout);
    // What everybody hears of everybody grows with the members, nothing faster.
    const double others = static_cast<double>(count - 1);
    EXPECT_LE(f.heartbeats_got, others * 2.1);
    EXPECT_LE(f.messages, 0.2) << "one word of the coordinator to each with the heartbeat";
    EXPECT_LE(f.memory, 4096 * others + 65536);
    EXPECT_LE(f.join_messages, 4 * static_cast<double>(count + 1));
  }
  set_log_router(before);
}

}  // namespace
}  // namespace serval::scenario
