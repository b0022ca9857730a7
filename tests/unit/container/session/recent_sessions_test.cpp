#include "container/session/recent_sessions.h"

#include <gtest/gtest.h>

#include <limits>

namespace serval::core {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

TEST(RecentSessions, AreNoneAtFirst) {
  const RecentSessions recent;
  EXPECT_EQ(recent.per_minute(kNow), 0);
  EXPECT_EQ(recent.average_seconds(), 0);
}

TEST(RecentSessions, OfThisMomentAreMoreThanAnyNumber) {
  RecentSessions recent;
  recent.note(kNow);
  EXPECT_EQ(recent.per_minute(kNow), std::numeric_limits<int>::max());
}

TEST(RecentSessions, AreCountedSinceTheOldest) {
  RecentSessions recent;
  recent.note(kNow - 30'000, 4);
  recent.note(kNow - 10'000, 7);
  recent.note(kNow, 10);
  EXPECT_EQ(recent.per_minute(kNow), 6);
  EXPECT_EQ(recent.average_seconds(), 7);
  recent.clear();
  EXPECT_EQ(recent.per_minute(kNow), 0);
  EXPECT_EQ(recent.average_seconds(), 0);
}

TEST(RecentSessions, AreTheLastHundred) {
  RecentSessions recent;
  for (int i = 0; i < 50; ++i) recent.note(kNow - 3'600'000, 1000);
  for (int i = 0; i < 100; ++i) recent.note(kNow - 60'000, 2);
  EXPECT_EQ(recent.per_minute(kNow), 100);
  EXPECT_EQ(recent.average_seconds(), 2);
}

}  // namespace
}  // namespace serval::core
