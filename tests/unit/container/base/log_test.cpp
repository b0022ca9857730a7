#include "container/base/log.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace serval {
namespace {

/// Takes what is at its level; puts the router before it back at the end.
class Capture final : public LogRouter {
 public:
  explicit Capture(Level level) : level_(level) {}
  Level level_of(std::string_view logger) const override {
    return logger == "quiet" ? Level::kOff : level_;
  }
  void write(const LogRecord& record) override {
    lines.push_back(std::string(record.logger) + "|" + std::string(record.thread) + "|" +
                    std::string(record.message));
    levels.push_back(record.level);
  }
  std::vector<std::string> lines;
  std::vector<Level> levels;

 private:
  const Level level_;
};

class Logging : public testing::Test {
 protected:
  ~Logging() override { set_log_router(before_); }
  std::shared_ptr<Capture> capture(Level level) {
    auto router = std::make_shared<Capture>(level);
    set_log_router(router);
    return router;
  }
  const std::shared_ptr<LogRouter> before_ = log_router();
};

TEST_F(Logging, FormatsAndHandsOverNameThreadAndLevel) {
  const Log log("org.x.Y");
  const auto router = capture(Level::kAll);
  std::thread([&] {
    set_thread_name("http-1");
    log.error("a {}", 1);
    log.warn("b {:>3}", "x");
    log.info("c");
    log.debug("d");
    log.trace("e");
  }).join();
  EXPECT_EQ(router->lines,
            (std::vector<std::string>{"org.x.Y|http-1|a 1", "org.x.Y|http-1|b   x",
                                      "org.x.Y|http-1|c", "org.x.Y|http-1|d", "org.x.Y|http-1|e"}));
  EXPECT_EQ(router->levels, (std::vector<Level>{Level::kSevere, Level::kWarning, Level::kInfo,
                                                Level::kFine, Level::kFiner}));
}

struct Counted {
  int* formatted;
};
}  // namespace
}  // namespace serval

template <>
struct fmt::formatter<serval::Counted> : fmt::formatter<int> {
  template <class Context>
  auto format(const serval::Counted& c, Context& context) const {
    return fmt::formatter<int>::format(++*c.formatted, context);
  }
};

namespace serval {
namespace {

TEST_F(Logging, BelowItsLevelNothingIsFormatted) {
  const Log log("org.x.Y");
  const auto router = capture(Level::kInfo);
  int formatted = 0;
  log.debug("{}", Counted{&formatted});
  EXPECT_EQ(formatted, 0);
  EXPECT_FALSE(log.enabled(Level::kFine));
  log.info("{}", Counted{&formatted});
  EXPECT_EQ(formatted, 1);
  EXPECT_EQ(router->lines.size(), 1u);
}

TEST_F(Logging, ExistingLoggersFollowANewRouter) {
  const Log log("org.x.Y");
  const Log quiet("quiet");
  capture(Level::kWarning);
  EXPECT_FALSE(log.enabled(Level::kInfo));
  capture(Level::kFine);
  EXPECT_TRUE(log.enabled(Level::kFine));
  EXPECT_FALSE(quiet.enabled(Level::kSevere));
}

TEST_F(Logging, LoggersOfOneNameAreOne) {
  const Log first("org.x.same"), second("org.x.same");
  capture(Level::kSevere);
  EXPECT_FALSE(first.enabled(Level::kWarning));
  EXPECT_FALSE(second.enabled(Level::kWarning));
}

class LogsAtItsEnd final : public LogRouter {
 public:
  ~LogsAtItsEnd() override { Log("org.x.end").info("bye"); }
  Level level_of(std::string_view) const override { return Level::kAll; }
  void write(const LogRecord&) override {}
};

TEST_F(Logging, TheRouterBeforeEndsWithoutHoldingOthersBack) {
  set_log_router(std::make_shared<LogsAtItsEnd>());
  const auto router = capture(Level::kAll);
  EXPECT_EQ(router->lines.size(), 1u);
}

TEST(OneLine, IsTheFormOfJuli) {
  std::tm local{};
  local.tm_year = 126;
  local.tm_mon = 10;
  local.tm_mday = 1;
  local.tm_hour = 9;
  local.tm_isdst = -1;
  const auto time =
      std::chrono::system_clock::from_time_t(std::mktime(&local)) + std::chrono::milliseconds(7);
  EXPECT_EQ(one_line({Level::kSevere, "org.x.Y", "main", time, "text"}),
            "01-Nov-2026 09:00:00.007 SEVERE [main] org.x.Y text");
  EXPECT_EQ(one_line({Level::kFiner, "l", "t", time, ""}), "01-Nov-2026 09:00:00.007 FINER [t] l ");
}

}  // namespace
}  // namespace serval
