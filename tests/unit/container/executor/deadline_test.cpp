#include "container/base/deadline.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <latch>
#include <memory>
#include <thread>

#include "container/base/executor.h"
#include <gtest/gtest.h>

namespace serval {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

class Counted final : public Deadline {
 public:
  using Deadline::Deadline;
  ~Counted() override { detach(); }
  std::atomic<int> count{0};

 private:
  void expired() override { ++count; }
};

/// A wheel that is moved by hand: its loop never runs.
class DeadlineWheelTest : public testing::Test {
 protected:
  ~DeadlineWheelTest() override { wheel.shut_down(); }
  void advance(SteadyClock::duration by) { wheel.advance(now += by); }

  boost::asio::io_context loop;
  DeadlineWheel wheel{loop};
  SteadyClock::time_point now = SteadyClock::now();
};

TEST_F(DeadlineWheelTest, ExpiresOnceNeverEarlyAndAtMostATickLate) {
  Counted deadline(wheel);
  deadline.expires_at(now + 1s);
  advance(999ms);
  EXPECT_EQ(deadline.count, 0);
  advance(101ms + DeadlineWheel::kTick);
  EXPECT_EQ(deadline.count, 1);
  advance(10min);
  EXPECT_EQ(deadline.count, 1);
  EXPECT_EQ(wheel.size(), 0U);
}

TEST_F(DeadlineWheelTest, MovesLater) {
  Counted deadline(wheel);
  deadline.expires_at(now + 1s);
  advance(900ms);
  deadline.expires_at(now + 1s);
  advance(900ms);
  EXPECT_EQ(deadline.count, 0);
  advance(300ms);
  EXPECT_EQ(deadline.count, 1);
}

TEST_F(DeadlineWheelTest, MovesEarlier) {
  Counted deadline(wheel);
  deadline.expires_at(now + 30s);
  deadline.expires_at(now + 1s);
  advance(1200ms);
  EXPECT_EQ(deadline.count, 1);
}

TEST_F(DeadlineWheelTest, ReachesFartherThanItsSlots) {
  Counted deadline(wheel);
  deadline.expires_at(now + 10min);
  advance(9min + 59s);
  EXPECT_EQ(deadline.count, 0);
  advance(2s);
  EXPECT_EQ(deadline.count, 1);
}

TEST_F(DeadlineWheelTest, ForgetsWhatWasClearedOrDestroyed) {
  Counted cleared(wheel);
  cleared.expires_at(now + 1s);
  cleared.clear();
  auto gone = std::make_unique<Counted>(wheel);
  gone->expires_at(now + 1s);
  gone.reset();
  advance(2s);
  EXPECT_EQ(cleared.count, 0);
  EXPECT_EQ(wheel.size(), 0U);
  cleared.expires_at(now + 1s);
  advance(2s);
  EXPECT_EQ(cleared.count, 1);
}

TEST(DeadlineWheel, TicksOnItsShardAndOutlivesMovesFromOtherThreads) {
  Executor executor({.name = "d", .shards = 1, .max_threads = 2});
  executor.start();
  DeadlineWheel& wheel = executor.deadlines(0);
  Counted first(wheel), second(wheel);
  first.expires_at(SteadyClock::now());
  while (first.count < 1) {
    second.expires_at(SteadyClock::now() + 1h);
    second.clear();
    std::this_thread::yield();
  }
  second.expires_at(SteadyClock::now());
  while (second.count < 1) std::this_thread::yield();
  executor.stop();
  EXPECT_EQ(first.count, 1);
}

TEST(DeadlineWheel, LetsADeadlineDieWithTheContext) {
  auto executor = std::make_unique<Executor>(Executor::Options{.shards = 1, .max_threads = 1});
  auto deadline = std::make_shared<Counted>(executor->deadlines(0));
  deadline->expires_at(SteadyClock::now() + 1h);
  boost::asio::post(executor->shard(0), [kept = std::move(deadline)] {});
  executor.reset();
}

}  // namespace
}  // namespace serval
