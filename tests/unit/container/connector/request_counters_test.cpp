#include "container/connector/request_counters.h"

#include <gtest/gtest.h>

namespace serval::connector {
namespace {

using std::chrono::milliseconds;

TEST(RequestCounters, AddUpTheRequestsOfAConnection) {
  RequestCounters counters;
  counters.add({.requests = 1,
                .received = 10,
                .sent = 100,
                .time = milliseconds(5),
                .longest = milliseconds(5)});
  counters.add(
      {.requests = 1, .errors = 1, .sent = 1, .time = milliseconds(2), .longest = milliseconds(2)});
  RequestTotals all{.requests = 5, .longest = milliseconds(9)};
  all += counters.totals();
  EXPECT_EQ(all.requests, 7);
  EXPECT_EQ(all.errors, 1);
  EXPECT_EQ(all.received, 10);
  EXPECT_EQ(all.sent, 101);
  EXPECT_EQ(all.time, milliseconds(7));
  EXPECT_EQ(all.longest, milliseconds(9));
  EXPECT_EQ(counters.totals().longest, milliseconds(5));
  counters.forget_longest();
  EXPECT_EQ(counters.totals().longest, milliseconds(0));
}

}  // namespace
}  // namespace serval::connector
