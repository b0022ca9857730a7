#include "container/base/gate.h"

#include <gtest/gtest.h>

#include <thread>

#include "container/base/completion.h"

namespace serval {
namespace {

using std::chrono::milliseconds;

TEST(Gate, LetsNobodyInAfterItIsClosed) {
  Gate gate;
  EXPECT_TRUE(gate.enter());
  gate.close();
  EXPECT_FALSE(gate.enter());
  gate.open();
  EXPECT_TRUE(gate.enter());
}

TEST(Gate, WaitsForThePassesThatAreOut) {
  Gate gate;
  auto pass = gate.enter();
  gate.close();
  EXPECT_FALSE(gate.wait_empty(milliseconds(0)));
  std::thread worker([held = std::move(*pass)] {});
  pass.reset();
  EXPECT_TRUE(gate.wait_empty(milliseconds(10'000)));
  worker.join();
}

TEST(Gate, AMovedPassIsReturnedOnce) {
  Gate gate;
  {
    auto first = gate.enter();
    const Gate::Pass second = std::move(*first);
    first.reset();
    EXPECT_FALSE(gate.wait_empty(milliseconds(0)));
  }
  EXPECT_TRUE(gate.wait_empty(milliseconds(0)));
}

TEST(Gate, IsEmptyWhenTheLastOfManyThreadsHasLeft) {
  Gate gate;
  std::atomic<int> inside = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (const auto pass = gate.enter()) {
        ++inside;
        --inside;
      }
    });
  }
  gate.close();
  EXPECT_TRUE(gate.wait_empty(milliseconds(10'000)));
  EXPECT_EQ(inside, 0);
  for (auto& thread : threads) thread.join();
}

TEST(Completion, TellsThoseWhoWaitedAndThoseWhoComeLate) {
  Completion completion;
  std::string told;
  completion.when_complete([&] { told += 'a'; });
  completion.when_complete([&] { told += 'b'; });
  EXPECT_EQ(told, "");
  EXPECT_FALSE(completion.is_complete());
  completion.complete();
  EXPECT_EQ(told, "ab");
  EXPECT_TRUE(completion.is_complete());
  completion.when_complete([&] { told += 'c'; });
  EXPECT_EQ(told, "abc");
}

TEST(Completion, HappensOnce) {
  Completion completion;
  int count = 0;
  completion.when_complete([&] { ++count; });
  completion.complete();
  completion.complete();
  EXPECT_EQ(count, 1);
}

TEST(Completion, ACallbackMayUseIt) {
  Completion completion;
  bool inner = false;
  completion.when_complete([&] { completion.when_complete([&] { inner = true; }); });
  completion.complete();
  EXPECT_TRUE(inner);
}

TEST(Completion, EachOfManyThreadsIsToldExactlyOnce) {
  Completion completion;
  std::atomic<int> told = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      completion.when_complete([&] { ++told; });
      if (i % 2) completion.complete();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(told, 8);
}

}  // namespace
}  // namespace serval
