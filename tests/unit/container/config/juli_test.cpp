#include "container/config/juli.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace serval {
namespace {

const std::filesystem::path kSource = SERVAL_SOURCE_DIR;

JuliConfig config_of(std::string_view text, std::vector<std::string>* warnings = nullptr,
                     const Properties& properties = Properties::with_defaults("/home", "/base")) {
  std::vector<std::string> own;
  const auto settings = parse_java_properties(text, "logging.properties");
  EXPECT_TRUE(settings) << (settings ? "" : settings.error().message);
  JuliConfig config = read_juli_config(*settings, "logging.properties", properties, own);
  if (warnings)
    *warnings = own;
  else
    EXPECT_EQ(own, std::vector<std::string>{});
  return config;
}

/// Collects lines; can hold the writer back.
struct Collected {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> lines;
  bool hold = false;
  bool waiting = false;
};
class CollectingSink final : public LogSink {
 public:
  explicit CollectingSink(Collected& to) : to_(to) {}
  void append(std::chrono::system_clock::time_point, std::string_view line) override {
    std::unique_lock lock(to_.mutex);
    to_.waiting = true;
    to_.changed.notify_all();
    to_.changed.wait(lock, [&] { return !to_.hold; });
    to_.waiting = false;
    to_.lines.emplace_back(line);
  }
  void flush() override {}

 private:
  Collected& to_;
};

/// A router with two handlers, "1a" and "2b", whose lines are the bare messages.
class JuliRouting : public testing::Test {
 protected:
  static constexpr std::string_view kHandlers =
      "handlers = 1a.org.apache.juli.FileHandler, 2b.org.apache.juli.AsyncFileHandler\n"
      "1a.org.apache.juli.FileHandler.formatter = org.apache.juli.VerbatimFormatter\n"
      "2b.org.apache.juli.AsyncFileHandler.formatter = org.apache.juli.VerbatimFormatter\n";

  void start(std::string_view rest,
             const Properties& properties = Properties::with_defaults("/home", "/base")) {
    std::vector<std::unique_ptr<LogSink>> sinks;
    sinks.push_back(std::make_unique<CollectingSink>(a_));
    sinks.push_back(std::make_unique<CollectingSink>(b_));
    router_ = std::make_unique<JuliRouter>(
        config_of(std::string(kHandlers) + std::string(rest), nullptr, properties),
        std::move(sinks));
  }
  void log(std::string_view logger, Level level, std::string_view message) {
    router_->write({level, logger, "t", std::chrono::system_clock::now(), message});
  }
  /// What handler a and b got.
  std::pair<std::vector<std::string>, std::vector<std::string>> written() {
    router_->flush();
    return {a_.lines, b_.lines};
  }
  using Lines = std::vector<std::string>;

  Collected a_, b_;
  std::unique_ptr<JuliRouter> router_;
};

TEST_F(JuliRouting, WithoutRootHandlersAllHandlersAreTheRoots) {
  start("");
  log("x.y", Level::kInfo, "m");
  log("x.y", Level::kFine, "not at the default level");
  EXPECT_EQ(written(), (std::pair{Lines{"m\n"}, Lines{"m\n"}}));
}

TEST_F(JuliRouting, ALoggerWithHandlersHidesThoseOfItsParents) {
  start(
      ".handlers = 1a.org.apache.juli.FileHandler\n"
      "x.[y].handlers = 2b.org.apache.juli.AsyncFileHandler\n");
  log("x", Level::kInfo, "parent");
  log("x.[y]", Level::kInfo, "own");
  log("x.[y].[/a.b]", Level::kInfo, "child");
  log("x.[y2]", Level::kInfo, "sibling");
  EXPECT_EQ(written(), (std::pair{Lines{"parent\n", "sibling\n"}, Lines{"own\n", "child\n"}}));
}

TEST_F(JuliRouting, UseParentHandlersAddsThem) {
  start(
      ".handlers = 1a.org.apache.juli.FileHandler\n"
      "x.handlers = 2b.org.apache.juli.AsyncFileHandler\nx.useParentHandlers = true\n");
  log("x.y", Level::kInfo, "both");
  EXPECT_EQ(written(), (std::pair{Lines{"both\n"}, Lines{"both\n"}}));
}

TEST_F(JuliRouting, TheNearestLevelCounts) {
  start(".level = WARNING\nx.level = FINE\nx.y.level = OFF\nx.y.z.level = ALL\n");
  EXPECT_EQ(router_->level_of("w"), Level::kWarning);
  EXPECT_EQ(router_->level_of("x"), Level::kFine);
  EXPECT_EQ(router_->level_of("x.b.c"), Level::kFine);
  EXPECT_EQ(router_->level_of("x.y"), Level::kOff);
  EXPECT_EQ(router_->level_of("x.y.z"), Level::kAll);
  EXPECT_EQ(router_->level_of("xy"), Level::kWarning);
}

TEST_F(JuliRouting, AHandlersLevelFiltersAndRaisesTheLoggersLevel) {
  start(
      ".level = ALL\n1a.org.apache.juli.FileHandler.level = WARNING\n"
      "2b.org.apache.juli.AsyncFileHandler.level = INFO\n");
  EXPECT_EQ(router_->level_of("x"), Level::kInfo);
  log("x", Level::kFine, "nobody");
  log("x", Level::kInfo, "b");
  log("x", Level::kSevere, "both");
  EXPECT_EQ(written(), (std::pair{Lines{"both\n"}, Lines{"b\n", "both\n"}}));
}

TEST_F(JuliRouting, MessageTracingIsOffUntilItsKeyIsFiner) {
  start(".level = INFO\n");
  EXPECT_GT(router_->level_of("org.apache.catalina.tribes.MESSAGES"), Level::kFiner);
  start("org.apache.catalina.tribes.MESSAGES.level = FINE\n");
  EXPECT_GT(router_->level_of("org.apache.catalina.tribes.MESSAGES"), Level::kFiner);
  start("org.apache.catalina.tribes.MESSAGES.level = FINER\n");
  EXPECT_EQ(router_->level_of("org.apache.catalina.tribes.MESSAGES"), Level::kFiner);
}

TEST_F(JuliRouting, EmptyHandlersMeanSilence) {
  start(".handlers =\n");
  EXPECT_EQ(router_->level_of("x"), Level::kOff);
}

struct FullQueue {
  std::string_view name, type;
  std::vector<std::string> want;
};

/// Queue of three: "first" is being written, then five more arrive.
TEST_F(JuliRouting, AFullQueueDropsByTheConfiguredRuleAndSaysHowMany) {
  const FullQueue cases[] = {
      {"drop last", "1", {"first\n", "1\n", "2\n", "5\n"}},
      {"drop first", "2", {"first\n", "3\n", "4\n", "5\n"}},
      {"drop current", "4", {"first\n", "1\n", "2\n", "3\n"}},
  };
  for (const FullQueue& c : cases) {
    SCOPED_TRACE(c.name);
    Properties p = Properties::with_defaults("/home", "/base");
    p.set("org.apache.juli.AsyncMaxRecordCount", "3");
    p.set("org.apache.juli.AsyncOverflowDropType", std::string(c.type));
    router_.reset();
    a_.lines.clear();
    a_.hold = true;
    start(".handlers = 1a.org.apache.juli.FileHandler\n", p);
    log("x", Level::kInfo, "first");
    {
      std::unique_lock lock(a_.mutex);
      a_.changed.wait(lock, [&] { return a_.waiting; });
    }
    for (const std::string_view m : {"1", "2", "3", "4", "5"}) log("x", Level::kInfo, m);
    EXPECT_EQ(router_->dropped(), 2u);
    {
      const std::lock_guard lock(a_.mutex);
      a_.hold = false;
    }
    a_.changed.notify_all();
    Lines lines = written().first;
    const auto report = std::ranges::find_if(
        lines, [](const auto& l) { return l.starts_with("2 log records were dropped"); });
    ASSERT_NE(report, lines.end());
    lines.erase(report);
    EXPECT_EQ(lines, c.want);
  }
}

TEST_F(JuliRouting, DropType3WaitsAndLosesNothing) {
  Properties p = Properties::with_defaults("/home", "/base");
  p.set("org.apache.juli.AsyncMaxRecordCount", "2");
  p.set("org.apache.juli.AsyncOverflowDropType", "3");
  start(".handlers = 1a.org.apache.juli.FileHandler\n", p);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this] {
      for (int i = 0; i < 100; ++i) log("x", Level::kInfo, "m");
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(written().first.size(), 400u);
  EXPECT_EQ(router_->dropped(), 0u);
}

TEST_F(JuliRouting, WhatIsQueuedIsWrittenBeforeTheRouterEnds) {
  start(".handlers = 1a.org.apache.juli.FileHandler\n");
  for (int i = 0; i < 1000; ++i) log("x", Level::kInfo, "m");
  router_.reset();
  EXPECT_EQ(a_.lines.size(), 1000u);
}

TEST(JuliConfig, HasTomcatsDefaults) {
  const JuliConfig c =
      config_of("handlers=9x.org.apache.juli.FileHandler,java.util.logging.ConsoleHandler");
  ASSERT_EQ(c.handlers.size(), 2u);
  EXPECT_EQ(c.handlers[0].level, Level::kAll);
  EXPECT_EQ(c.handlers[0].file.directory, "/base/logs");
  EXPECT_EQ(c.handlers[0].file.prefix, "juli.");
  EXPECT_EQ(c.handlers[0].file.suffix, ".log");
  EXPECT_EQ(c.handlers[0].file.max_days, -1);
  EXPECT_TRUE(c.handlers[1].is_console);
  EXPECT_EQ(c.handlers[1].level, Level::kInfo);
  EXPECT_EQ(c.max_records, 10'000u);
}

TEST(JuliConfig, ReplacesPropertiesThenTheEnvironment) {
  ::setenv("SERVAL_LOG_TEST", "from-environment", 1);
  const JuliConfig c = config_of(
      "handlers=org.apache.juli.FileHandler\n"
      "org.apache.juli.FileHandler.directory=${catalina.base}/x/${SERVAL_LOG_TEST}\n"
      "org.apache.juli.FileHandler.rotatable=false\n"
      "org.apache.juli.FileHandler.prefix=serval.\n");
  EXPECT_EQ(c.handlers[0].file.directory, "/base/x/from-environment");
  EXPECT_EQ(c.handlers[0].file.prefix + c.handlers[0].file.suffix, "serval.log");
  ::unsetenv("SERVAL_LOG_TEST");
}

TEST(JuliConfig, WarnsOfWhatItCannotUseAndGoesOn) {
  std::vector<std::string> warnings;
  const JuliConfig c = config_of(
      "handlers = 1a.org.apache.juli.FileHandler, 2x.com.example.Mailer\n"
      ".handlers = 1a.org.apache.juli.FileHandler, 2x.com.example.Mailer, 3c.none\n"
      "2x.com.example.Mailer.level = FINE\n"
      "1a.org.apache.juli.FileHandler.prefx = a\n"
      "1a.org.apache.juli.FileHandler.maxDays = many\n"
      "1a.org.apache.juli.FileHandler.formatter = com.example.Formatter\n"
      "1a.org.apache.juli.FileHandler.filter = com.example.Filter\n"
      "1a.org.apache.juli.FileHandler.encoding = ISO-8859-1\n"
      "x.level = LOUD\n",
      &warnings);
  const std::vector<std::string> want{
      "logging.properties: 1a.org.apache.juli.FileHandler.formatter: unknown formatter "
      "'com.example.Formatter'",
      "logging.properties: 1a.org.apache.juli.FileHandler.filter: filters are Java classes, left "
      "out",
      "logging.properties: 1a.org.apache.juli.FileHandler.encoding: log files are written in UTF-8",
      "logging.properties: 1a.org.apache.juli.FileHandler.maxDays: [many]: not a whole number",
      "logging.properties: handlers: unknown handler class 'com.example.Mailer', the handler is "
      "left "
      "out",
      "logging.properties: .handlers: '3c.none' is not in the list 'handlers'",
      "logging.properties: 1a.org.apache.juli.FileHandler.prefx: unknown option 'prefx', did you "
      "mean "
      "'prefix'?",
      "logging.properties: x.level: [LOUD] is none of OFF, SEVERE, WARNING, INFO, CONFIG, FINE, "
      "FINER, "
      "FINEST, ALL",
  };
  EXPECT_EQ(warnings, want);
  ASSERT_EQ(c.handlers.size(), 1u);
  EXPECT_EQ(c.loggers.at("").handlers->size(), 1u);
}

TEST(ShippedLogging, LoadsWithoutAWarning) {
  std::vector<std::string> warnings;
  const auto settings = read_java_properties(kSource / "conf/logging.properties");
  ASSERT_TRUE(settings) << settings.error().message;
  const JuliConfig c =
      read_juli_config(*settings, "f", Properties::with_defaults(kSource, "/srv/node"), warnings);
  EXPECT_EQ(warnings, std::vector<std::string>{});
  EXPECT_EQ(c.handlers.at(0).file.directory, "/srv/node/logs");
  EXPECT_EQ(c.handlers.at(0).file.prefix, "catalina.");
  EXPECT_EQ(c.loggers.at("org.apache.catalina.core.ContainerBase.[Catalina].[localhost]")
                .handlers->size(),
            1u);
}

TEST(Levels, AreNamesAndJavasNumbers) {
  const struct {
    std::string_view text;
    Level want;
  } cases[] = {{"SEVERE", Level::kSevere}, {" INFO ", Level::kInfo},    {"ALL", Level::kAll},
               {"OFF", Level::kOff},       {"1000", Level::kSevere},    {"800", Level::kInfo},
               {"500", Level::kFine},      {"301", Level::kFiner},      {"300", Level::kFinest},
               {"1001", Level::kOff},      {"-2147483648", Level::kAll}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    ASSERT_TRUE(parse_level(c.text));
    EXPECT_EQ(*parse_level(c.text), c.want);
  }
  EXPECT_FALSE(parse_level("info"));
  EXPECT_FALSE(parse_level(""));
}

}  // namespace
}  // namespace serval
