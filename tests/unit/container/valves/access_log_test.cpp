#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "container/core/engine.h"
#include "container/valves/access_log_valve.h"
#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

using test::Exchange;

constexpr std::int64_t kStart = 1'795'255'200'123;  // 21 Nov 2026 10:00:00.123 UTC

class AccessLogs : public ::testing::Test {
 protected:
  AccessLogs() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  std::string line(std::string_view pattern, Exchange& e, std::int64_t elapsed_ns = 3'000'000,
                   bool attributes = false) const {
    e.request.start_ms = kStart;
    std::string text;
    AccessLogPattern(pattern).append_to(
        text, {e.request, e.response, elapsed_ns, kStart + elapsed_ns / 1000000, attributes});
    return text;
  }
};

TEST_F(AccessLogs, KnowAllCodes) {
  Exchange e("/app/x?q=1",
             {{"Referer", "http://a/"}, {"Cookie", "c=v1; d=2; c=v2"}, {"X", "1"}, {"x", "2"}});
  e.response.write("hello");
  e.response.set_content_type("text/plain");
  e.response.add_header("X-Out", "out");
  e.request.set_attribute("attr", std::int32_t{42});
  e.request.principal = std::make_shared<Principal>(Principal{"ann", "", {}});
  set_thread_name("exec-1");
  const struct {
    std::string_view pattern, want;
  } kCases[] = {
      {"%a", "127.0.0.1"},
      {"%{remote}a", "127.0.0.1"},
      {"%{peer}a", "127.0.0.1"},
      {"%A", "127.0.0.1"},
      {"%b", "5"},
      {"%B", "5"},
      {"%D", "3"},
      {"%F", "3"},
      {"%h", "127.0.0.1"},
      {"%H", "HTTP/1.1"},
      {"%I", "exec-1"},
      {"%l", "-"},
      {"%m", "GET"},
      {"%p", "8080"},
      {"%{local}p", "8080"},
      {"%{remote}p", "40000"},
      {"%q", "?q=1"},
      {"%r", "GET /app/x?q=1 HTTP/1.1"},
      {"%s", "200"},
      {"%S", "-"},
      {"%t", "[21/Nov/2026:10:00:00 +0000]"},
      {"%{yyyy-MM-dd HH:mm:ss.SSS}t", "2026-11-21 10:00:00.126"},
      {"%{begin:HH:mm:ss.SSS}t", "10:00:00.123"},
      {"%{end:SSS}t", "126"},
      {"%{sec}t", "1795255200"},
      {"%{msec}t", "1795255200126"},
      {"%{begin:msec}t", "1795255200123"},
      {"%{msec_frac}t", "126"},
      {"%T", "0.003"},
      {"%u", "ann"},
      {"%U", "/app/x"},
      {"%v", "localhost"},
      {"%X", "+"},
      {"%{Referer}i", "http://a/"},
      {"%{X}i", "1,2"},
      {"%{Missing}i", "-"},
      {"%{X-Out}o", "out"},
      {"%{content-type}o", "text/plain"},
      {"%{Missing}o", "-"},
      {"%{c}c", "v1,v2"},
      {"%{missing}c", "-"},
      {"%{attr}r", "42"},
      {"%{missing}r", "-"},
      {"%{missing}s", "-"},
      {"%Z", "???Z???"},
      {"%{key}Z", "???"},
      {"%{open", "???{???open"},
      {"100%", "100%"},
      {"a %s b", "a 200 b"},
  };
  for (const auto& c : kCases) EXPECT_EQ(line(c.pattern, e), c.want) << c.pattern;
}

TEST_F(AccessLogs, HaveTwoPatternsWithNames) {
  Exchange e("/", {{"User-Agent", "curl"}});
  EXPECT_EQ(line("common", e),
            "127.0.0.1 - - [21/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 -");
  EXPECT_EQ(line("combined", e),
            "127.0.0.1 - - [21/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 - \"-\" \"curl\"");
}

TEST_F(AccessLogs, EscapeWhatCouldBreakALine) {
  Exchange e("/", {{"User-Agent", "a\"b\\c\td\x01\xC3\xA9"}});
  EXPECT_EQ(line("%{User-Agent}i", e), "a\\\"b\\\\c\\td\\u0001\\u00C3\\u00A9");
  e.request.set_attribute("a", "\xC3\xA9\n\xF0\x9F\x98\x80\xFF");
  EXPECT_EQ(line("%{a}r", e), "\\u00E9\\n\\uD83D\\uDE00\\u00FF");
}

TEST_F(AccessLogs, CountNoBodyWhereNoneIsSent) {
  Exchange head("/", {}, "HEAD");
  head.response.write("hello");
  EXPECT_EQ(line("%b %B", head), "- 0");
  Exchange not_modified("/");
  not_modified.response.set_status(304);
  EXPECT_EQ(line("%b", not_modified), "-");
}

TEST_F(AccessLogs, SayHowTheConnectionGoesOn) {
  Exchange e("/");
  e.response.close_connection = true;
  EXPECT_EQ(line("%X", e), "-");
  e.response.abort = true;
  EXPECT_EQ(line("%X", e), "X");
}

TEST_F(AccessLogs, BelieveTheProxyValveOnlyWhenToldTo) {
  Exchange e("/");
  e.request.set_attribute("org.apache.catalina.AccessLog.RemoteAddr", "10.0.0.1");
  e.request.set_attribute("org.apache.catalina.AccessLog.RemoteHost", "client");
  e.request.set_attribute("org.apache.catalina.AccessLog.ServerPort", std::int32_t{443});
  EXPECT_EQ(line("%a %h %p", e), "127.0.0.1 127.0.0.1 8080");
  EXPECT_EQ(line("%a %h %p %{peer}a", e, 0, true), "10.0.0.1 client 443 127.0.0.1");
}

TEST_F(AccessLogs, ShowDashesForARequestThatCouldNotBeRead) {
  Exchange e("", {}, "");
  EXPECT_EQ(line("\"%r\" %m %U", e), "\"-\" - -");
}

/// A valve in an engine, writing into a directory.
class AccessLogValves : public AccessLogs {
 protected:
  AccessLogValve& add(AccessLogValve::Options options) {
    options.directory = files.path().string();
    auto& valve = static_cast<AccessLogValve&>(
        engine.pipeline().add(std::make_unique<AccessLogValve>(std::move(options), clock)));
    EXPECT_TRUE(valve.start());
    return valve;
  }
  static void log(AccessLogValve& valve, Exchange& e, std::int64_t at_ms = kStart) {
    e.request.start_ms = at_ms;
    valve.log(e.request, e.response, 0);
  }

  const test::TempDir files;
  test::ManualClock clock;
  Engine engine{Engine::Options{.name = "Catalina",
                                .default_host = "localhost",
                                .jvm_route = "",
                                .background_processor_delay = 10}};
};

TEST_F(AccessLogValves, WriteAtTheTickAndAtTheEnd) {
  AccessLogValve::Options options;
  options.pattern.emplace("%m");
  options.suffix = ".txt";
  auto& valve = add(options);
  const auto file = files / "access_log.2026-11-21.txt";
  Exchange e("/");
  log(valve, e);
  EXPECT_EQ(test::read_file(file), "");
  valve.background_process();
  EXPECT_EQ(test::read_file(file), "GET\n");
  log(valve, e);
  valve.stop();
  EXPECT_EQ(test::read_file(file), "GET\nGET\n");
}

TEST_F(AccessLogValves, WriteAtOnceWithoutABufferAndWhenItIsFull) {
  AccessLogValve::Options options;
  options.pattern.emplace("%m");
  options.prefix = "now";
  options.buffered = false;
  Exchange e("/");
  log(add(options), e);
  EXPECT_EQ(test::read_file(files / "now.2026-11-21"), "GET\n");
  options.buffered = true;
  options.prefix = "full";
  options.pattern.emplace(std::string(1000, 'x'));
  auto& valve = add(options);
  for (int i = 0; i < 128; ++i) log(valve, e);
  EXPECT_EQ(test::read_file(files / "full.2026-11-21").size(), 127U * 1001U);
}

TEST_F(AccessLogValves, BeginANewFileWhenTheDateChanges) {
  AccessLogValve::Options options;
  options.pattern.emplace("%{sec}t");
  options.file_date_format = *DateFormat::parse(".HH-mm-ss");
  auto& valve = add(options);
  Exchange e("/");
  log(valve, e);
  log(valve, e, kStart + 1000);
  valve.stop();
  EXPECT_EQ(test::read_file(files / "access_log.10-00-00"), "1795255200\n");
  EXPECT_EQ(test::read_file(files / "access_log.10-00-01"), "1795255201\n");
}

TEST_F(AccessLogValves, PutTheDateInAtRotation) {
  AccessLogValve::Options options;
  options.pattern.emplace("%{sec}t");
  options.file_date_format = *DateFormat::parse(".HH-mm-ss");
  options.rename_on_rotate = true;
  auto& valve = add(options);
  Exchange e("/");
  log(valve, e);
  log(valve, e, kStart + 1000);
  valve.stop();
  EXPECT_EQ(test::read_file(files / "access_log.10-00-00"), "1795255200\n");
  EXPECT_EQ(test::read_file(files / "access_log"), "1795255201\n");
}

TEST_F(AccessLogValves, KeepOneFileWhenTheyMayNotRotate) {
  AccessLogValve::Options options;
  options.rotatable = false;
  options.pattern.emplace("%m");
  auto& valve = add(options);
  Exchange e("/");
  log(valve, e);
  log(valve, e, kStart + 86400000);
  valve.stop();
  EXPECT_EQ(test::read_file(files / "access_log"), "GET\nGET\n");
}

TEST_F(AccessLogValves, DeleteOldFiles) {
  AccessLogValve::Options options;
  options.max_days = 2;
  auto& valve = add(options);
  const auto old_file = files.write("access_log.2020-01-01", "");
  const auto fresh = files.write("access_log.2020-01-02", "");
  const auto other = files.write("other.2020-01-01", "");
  const auto now = std::filesystem::file_time_type::clock::from_sys(
      std::chrono::system_clock::time_point(std::chrono::milliseconds(clock.wall_ms())));
  std::filesystem::last_write_time(old_file, now - std::chrono::hours(49));
  std::filesystem::last_write_time(fresh, now - std::chrono::hours(47));
  std::filesystem::last_write_time(other, now - std::chrono::hours(49));
  valve.background_process();
  EXPECT_FALSE(std::filesystem::exists(old_file));
  EXPECT_TRUE(std::filesystem::exists(fresh));
  EXPECT_TRUE(std::filesystem::exists(other));
}

TEST_F(AccessLogValves, LogByAttributesOfTheRequest) {
  AccessLogValve::Options options;
  options.pattern.emplace("%U");
  options.condition_unless = "quiet";
  options.condition_if = "loud";
  auto& valve = add(options);
  Exchange neither("/neither"), loud("/loud"), both("/both");
  loud.request.set_attribute("loud", "1");
  both.request.set_attribute("loud", "1");
  both.request.set_attribute("quiet", "1");
  for (auto* const e : {&neither, &loud, &both}) log(valve, *e);
  valve.stop();
  EXPECT_EQ(test::read_file(files / "access_log.2026-11-21"), "/loud\n");
}

TEST_F(AccessLogValves, TakeWhatIsSetForTheNextLine) {
  auto& valve = add({});
  const auto bean = valve.bean("");
  const auto set = [&](std::string_view name, std::string_view text) {
    EXPECT_TRUE(bean->set(name, text)) << name;
  };
  const auto file = files / "access_log.2026-11-21";
  Exchange e("/x");
  set("buffered", "false");
  set("pattern", "%m");
  log(valve, e);
  EXPECT_EQ(test::read_file(file), "GET\n");
  set("pattern", "%U");
  set("prefix", "other");  // of the next file
  log(valve, e);
  EXPECT_EQ(test::read_file(file), "GET\n/x\n");
  set("conditionIf", "loud");
  log(valve, e);
  EXPECT_EQ(test::read_file(file), "GET\n/x\n");
  e.request.set_attribute("loud", "1");
  set("fileDateFormat", ".yyyy");
  log(valve, e, kStart + 1000);
  EXPECT_EQ(test::read_file(files / "other.2026"), "/x\n");
  set("enabled", "false");
  log(valve, e, kStart + 1000);
  EXPECT_EQ(test::read_file(files / "other.2026"), "/x\n");
}

TEST_F(AccessLogValves, ShowTheirSettingsAsTomcatDoes) {
  auto& valve = add({});
  const auto bean = valve.bean("");
  for (const char* name : {"pattern", "condition", "conditionIf", "encoding"}) {
    EXPECT_EQ(bean->get(name), BeanValue()) << name;
  }
  ASSERT_TRUE(bean->set("pattern", "common"));
  EXPECT_EQ(bean->get("pattern"), BeanValue(std::string(R"(%h %l %u %t "%r" %s %b)")));
  ASSERT_TRUE(bean->set("conditionUnless", "quiet"));
  EXPECT_EQ(bean->get("condition"), BeanValue(std::string("quiet")));
  EXPECT_FALSE(bean->set("fileDateFormat", "nope"));
  EXPECT_EQ(bean->get("fileDateFormat"), BeanValue(std::string(".yyyy-MM-dd")));
  EXPECT_FALSE(bean->set("encoding", "utf-16le"));
  EXPECT_FALSE(bean->set("locale", "de"));
  EXPECT_TRUE(bean->set("locale", "en_GB"));
}

TEST_F(AccessLogValves, MoveTheirFileAway) {
  AccessLogValve::Options options;
  options.pattern.emplace("%m");
  options.rotatable = false;
  auto& valve = add(options);
  Exchange e("/");
  log(valve, e);
  const std::vector<std::string> name{(files / "away").string()};
  EXPECT_EQ(*valve.bean("")->invoke("rotate", name), BeanValue(true));
  EXPECT_EQ(test::read_file(files / "away"), "GET\n");
  EXPECT_EQ(test::read_file(files / "access_log"), "");
  log(valve, e);
  valve.stop();
  EXPECT_EQ(test::read_file(files / "access_log"), "GET\n");
}

TEST_F(AccessLogValves, ReportAFileThatCannotBeOpenedOnce) {
  const test::LogCapture log_lines;
  AccessLogValve::Options options;
  options.buffered = false;
  options.prefix = "no/such/folder/log";
  auto& valve = add(options);
  Exchange e("/");
  log(valve, e);
  log(valve, e);
  EXPECT_EQ(log_lines.count("Failed to open access log file"), 1U);
}

}  // namespace
}  // namespace serval::core
