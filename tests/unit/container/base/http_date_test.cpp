#include "container/base/http_date.h"

#include <ctime>

#include <gtest/gtest.h>

namespace serval {
namespace {

TEST(HttpDate, HasTheFormOfRfc7231) {
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, CurrentIsNow) {
  const std::int64_t before = std::time(nullptr) - 1;
  const std::string date(current_http_date());
  const std::int64_t after = std::time(nullptr);
  bool found = false;
  for (std::int64_t second = before; second <= after; ++second) found |= http_date(second) == date;
  EXPECT_TRUE(found) << date;
}

}  // namespace
}  // namespace serval
