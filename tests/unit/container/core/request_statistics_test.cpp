#include "container/core/request_statistics.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace serval::core {
namespace {

constexpr std::int64_t kMs = 1'000'000;

TEST(RequestStatistics, AreThoseOfTomcatBeforeTheFirstRequest) {
  const auto none = RequestStatistics().totals();
  EXPECT_EQ(none.requests, 0);
  EXPECT_EQ(none.time_ms, 0);
  EXPECT_EQ(none.longest_ms, 0);
  EXPECT_EQ(none.shortest_ms, std::numeric_limits<std::int64_t>::max());
}

TEST(RequestStatistics, AddUpWhatAllThreadsCounted) {
  RequestStatistics statistics;
  std::vector<std::thread> threads;
  for (int i = 1; i <= 20; ++i) {
    threads.emplace_back([&statistics, i] {
      for (int n = 0; n < 100; ++n) {
        statistics.begin();
        statistics.end(i * kMs);
      }
      statistics.error();
    });
  }
  for (auto& thread : threads) thread.join();
  const auto all = statistics.totals();
  EXPECT_EQ(all.requests, 2000);
  EXPECT_EQ(all.errors, 20);
  EXPECT_EQ(all.time_ms, 100 * 20 * 21 / 2);
  EXPECT_EQ(all.longest_ms, 20);
  EXPECT_EQ(all.shortest_ms, 1);
}

TEST(RequestStatistics, ShortRequestsAddUpToo) {
  RequestStatistics statistics;
  for (int i = 0; i < 10; ++i) statistics.end(kMs / 5);
  EXPECT_EQ(statistics.totals().time_ms, 2);
}

TEST(RequestStatistics, OfSeveralServletsAreOnesOfTheApplication) {
  RequestStatistics::Totals all;
  all += {.requests = 1, .errors = 1, .time_ms = 5, .longest_ms = 5, .shortest_ms = 5};
  all += {.requests = 2, .errors = 0, .time_ms = 9, .longest_ms = 7, .shortest_ms = 2};
  EXPECT_EQ(all.requests, 3);
  EXPECT_EQ(all.errors, 1);
  EXPECT_EQ(all.time_ms, 14);
  EXPECT_EQ(all.longest_ms, 7);
  EXPECT_EQ(all.shortest_ms, 2);
}

}  // namespace
}  // namespace serval::core
