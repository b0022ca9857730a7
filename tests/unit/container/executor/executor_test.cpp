#include "container/base/executor.h"

#include <algorithm>
#include <array>
#include <boost/asio/defer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <latch>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "container/base/log.h"
#include <gtest/gtest.h>

namespace serval {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Keeps the lines of one logger while it lives.
class CapturedLog final : public LogRouter {
 public:
  Level level_of(std::string_view) const override { return Level::kInfo; }
  void write(const LogRecord& record) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(record.message);
  }
  std::size_t count(std::string_view part) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(
        lines_, [&](const std::string& line) { return line.find(part) != line.npos; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

Executor::Options options(std::size_t shards, std::size_t max_threads,
                          std::chrono::milliseconds stall_limit = 0ms) {
  return {.name = "t", .shards = shards, .max_threads = max_threads, .stall_limit = stall_limit};
}

/// Ends the test process's patience, not its time: everything here is waited for by condition.
template <class Condition>
void wait_until(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

TEST(Executor, RunsEachShardOnAThreadOfItsOwn) {
  Executor executor(options(3, 10));
  executor.start();
  EXPECT_EQ(executor.thread_count(), 3U);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::set<std::string> names;
  std::latch done(3);
  for (std::size_t i = 0; i < 3; ++i) {
    asio::post(executor.shard(i), [&] {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
      names.insert(std::string(thread_name()));
      done.count_down();
    });
  }
  done.wait();
  executor.stop();
  EXPECT_EQ(threads.size(), 3U);
  EXPECT_EQ(names, (std::set<std::string>{"t-1", "t-2", "t-3"}));
}

TEST(Executor, NeverHasMoreShardsThanThreads) {
  EXPECT_EQ(Executor(options(4, 2)).shard_count(), 2U);
  EXPECT_GE(Executor(options(0, 200)).shard_count(), 1U);
}

TEST(Executor, StopsWithoutAStart) { Executor executor(options(1, 1)); }

TEST(Executor, DestroysWorkThatNeverRan) {
  auto alive = std::make_shared<int>(1);
  {
    Executor executor(options(1, 1));
    executor.start();
    executor.stop();
    asio::post(executor.shard(0), [alive] { FAIL() << "ran after stop"; });
  }
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(Executor, OutlivesAnExceptionOfAHandler) {
  auto log = std::make_shared<CapturedLog>();
  const auto before = log_router();
  set_log_router(log);
  Executor executor(options(1, 1));
  executor.start();
  std::latch done(1);
  asio::post(executor.shard(0), [] { throw std::runtime_error("thrown by the test"); });
  asio::post(executor.shard(0), [&] { done.count_down(); });
  done.wait();
  executor.stop();
  set_log_router(before);
  EXPECT_EQ(log->count("thrown by the test"), 1U);
}

TEST(BlockingScope, LetsTheShardGoOnWhileAHandlerBlocks) {
  Executor executor(options(1, 10));
  executor.start();
  std::latch released(1), done(1);
  asio::post(executor.shard(0), [&] {
    const BlockingScope blocking;
    released.wait();
    done.count_down();
  });
  asio::post(executor.shard(0), [&] { released.count_down(); });
  done.wait();
  EXPECT_EQ(executor.thread_count(), 2U);
}

TEST(BlockingScope, DoesNothingOutsideAShard) { const BlockingScope blocking; }

TEST(BlockingScope, GivesTheLoopAwayOnce) {
  Executor executor(options(1, 10));
  executor.start();
  std::latch done(1);
  asio::post(executor.shard(0), [&] {
    const BlockingScope first;
    const BlockingScope second;
    done.count_down();
  });
  done.wait();
  EXPECT_EQ(executor.thread_count(), 2U);
}

TEST(BlockingScope, LeavesNothingItPostsWaiting) {
  Executor executor(options(1, 10));
  executor.start();
  std::latch done(1);
  asio::post(executor.shard(0), [&] {
    const BlockingScope blocking;
    std::latch posted_ran(1);
    asio::post(executor.shard(0), [&] { posted_ran.count_down(); });
    posted_ran.wait();  // while this handler is still running
    done.count_down();
  });
  done.wait();
}

TEST(BlockingScope, LeavesNoContinuationWaiting) {
  Executor executor(options(1, 10));
  executor.start();
  for (int i = 0; i < 200; ++i) {
    std::latch done(1);
    asio::post(executor.shard(0), [&] {
      const BlockingScope blocking;
      asio::defer(executor.shard(0), [&] { done.count_down(); });
    });
    done.wait();
  }
}

TEST(BlockingScope, UsesTheThreadThatParkedLast) {
  Executor executor(options(1, 10));
  executor.start();
  for (int i = 0; i < 100; ++i) {
    std::latch done(1);
    asio::post(executor.shard(0), [&] {
      const BlockingScope blocking;
      done.count_down();
    });
    done.wait();
    wait_until([&] { return executor.busy_count() == 0; });
  }
  EXPECT_EQ(executor.thread_count(), 2U);
}

TEST(BlockingScope, NeverLetsTwoThreadsRunOneLoop) {
  Executor executor(options(2, 40, 1ms));
  executor.start();
  constexpr int kTasks = 4000;
  std::latch done(2 * kTasks);
  struct Shard {
    std::atomic<bool> inside{false};
    std::atomic<int> overlaps{0};
    int plain = 0;  // TSan watches it
  };
  std::array<Shard, 2> shards;
  for (int i = 0; i < kTasks; ++i) {
    for (std::size_t s = 0; s < 2; ++s) {
      asio::post(executor.shard(s), [&, i, s] {
        Shard& shard = shards[s];
        if (shard.inside.exchange(true)) ++shard.overlaps;
        ++shard.plain;
        shard.inside = false;
        const BusyScope busy;
        if (i % 3 == 0) {
          const BlockingScope blocking;
          std::this_thread::yield();
        }
        done.count_down();
      });
    }
  }
  done.wait();
  executor.stop();
  for (const Shard& shard : shards) {
    EXPECT_EQ(shard.overlaps, 0);
    EXPECT_EQ(shard.plain, kTasks);
  }
}

TEST(Executor, WaitsForAThreadWhenAllBlockAndSaysSoOnce) {
  auto log = std::make_shared<CapturedLog>();
  const auto before = log_router();
  set_log_router(log);
  Executor executor(options(1, 2));
  executor.start();
  std::latch released(1), done(6);
  std::atomic<int> running{0};
  for (int i = 0; i < 6; ++i) {
    asio::post(executor.shard(0), [&] {
      ++running;
      const BlockingScope blocking;
      released.wait();
      done.count_down();
    });
  }
  wait_until([&] { return log->count("requests wait") == 1; });
  EXPECT_EQ(running, 2);
  EXPECT_EQ(executor.busy_count(), 2U);
  released.count_down();
  done.wait();
  EXPECT_EQ(executor.thread_count(), 2U);
  executor.stop();
  set_log_router(before);
  EXPECT_EQ(log->count("requests wait"), 1U);
}

TEST(StallMonitor, LendsAThreadToAShardWhoseRequestBlocksInSilence) {
  Executor executor(options(1, 10, 2ms));
  executor.start();
  for (int i = 0; i < 5; ++i) {
    std::latch released(1), done(1);
    asio::post(executor.shard(0), [&] {
      const BusyScope busy;
      released.wait();
      done.count_down();
    });
    asio::post(executor.shard(0), [&] { released.count_down(); });
    done.wait();
  }
  EXPECT_GE(executor.thread_count(), 2U);
}

TEST(StallMonitor, WakesUpAfterAQuietTime) {
  Executor executor(options(1, 10, 2ms));
  executor.start();
  // 200 rounds of 1 ms without a request, then it sleeps.
  const auto until = std::chrono::steady_clock::now() + 300ms;
  wait_until([&] { return std::chrono::steady_clock::now() > until; });
  std::latch released(1), done(1);
  asio::post(executor.shard(0), [&] {
    const BusyScope busy;
    released.wait();
    done.count_down();
  });
  asio::post(executor.shard(0), [&] { released.count_down(); });
  done.wait();
}

TEST(Executor, StopsUnderLoad) {
  for (int round = 0; round < 20; ++round) {
    Executor executor(options(2, 8, 1ms));
    executor.start();
    std::atomic<bool> stop{false};
    std::atomic<int> ran{0};
    std::function<void(std::size_t)> again = [&](std::size_t shard) {
      const BusyScope busy;
      if (ran++ % 5 == 0) {
        const BlockingScope blocking;
        std::this_thread::yield();
      }
      if (!stop) asio::post(executor.shard(shard), [&again, shard] { again(shard); });
    };
    for (std::size_t i = 0; i < 16; ++i) {
      asio::post(executor.shard(i % 2), [&again, i] { again(i % 2); });
    }
    wait_until([&] { return ran > 200; });
    executor.stop();
    EXPECT_EQ(executor.thread_count(), 0U);
    stop = true;
  }
}

}  // namespace
}  // namespace serval
