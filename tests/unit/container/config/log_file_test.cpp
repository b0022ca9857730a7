#include "container/config/log_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "container/config/date_format.h"
#include "container/config/log_format.h"
#include "tests/support/temp_dir.h"

namespace serval {
namespace {

using TimePoint = std::chrono::system_clock::time_point;

/// Local time.
TimePoint at(int year, int month, int day, int hour = 12, int minute = 0, int second = 0,
             int millis = 0) {
  std::tm local{};
  local.tm_year = year - 1900;
  local.tm_mon = month - 1;
  local.tm_mday = day;
  local.tm_hour = hour;
  local.tm_min = minute;
  local.tm_sec = second;
  local.tm_isdst = -1;
  return std::chrono::system_clock::from_time_t(std::mktime(&local)) +
         std::chrono::milliseconds(millis);
}

class LogFile : public testing::Test {
 protected:
  RotatingFileSink::Options options() const {
    return {.directory = directory_ / "logs", .prefix = "n.", .suffix = ".log"};
  }
  std::string content(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(directory_ / "logs" / name).rdbuf();
    return out.str();
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ / "logs"))
      names.insert(entry.path().filename());
    return names;
  }
  const test::TempDir directory_;
};

TEST_F(LogFile, IsMadeWithItsDirectoryByTheFirstLine) {
  RotatingFileSink sink(options());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "logs"));
  sink.append(at(2026, 11, 21), "one\n");
  sink.flush();
  EXPECT_EQ(content("n.2026-11-21.log"), "one\n");
}

TEST_F(LogFile, ChangesAtLocalMidnightByTheTimeOfTheRecords) {
  {
    RotatingFileSink sink(options());
    sink.append(at(2026, 11, 21, 23, 59, 59), "a\n");
    sink.append(at(2026, 11, 22, 0, 0, 0), "b\n");
    sink.append(at(2026, 11, 21, 23, 59, 59), "late\n");
  }
  EXPECT_EQ(content("n.2026-11-21.log"), "a\n");
  EXPECT_EQ(content("n.2026-11-22.log"), "b\nlate\n");
}

TEST_F(LogFile, IsContinuedAfterARestart) {
  for (int i = 0; i < 2; ++i) RotatingFileSink(options()).append(at(2026, 1, 1), "x\n");
  EXPECT_EQ(content("n.2026-01-01.log"), "x\nx\n");
}

TEST_F(LogFile, WithoutRotationHasNoDate) {
  auto o = options();
  o.rotatable = false;
  RotatingFileSink sink(o);
  sink.append(at(2026, 1, 1), "x\n");
  sink.append(at(2027, 1, 1), "y\n");
  sink.flush();
  EXPECT_EQ(files(), (std::set<std::string>{"n..log"}));
}

TEST_F(LogFile, DeletesItsOwnFilesThatAreOlderThanMaxDays) {
  std::filesystem::create_directories(directory_ / "logs");
  for (const char* name : {"n.2026-02-26.log", "n.2026-02-27.log", "n.2026-03-01.log",
                           "other.2020-01-01.log", "n.2020-01-0x.log", "n.2020-01-01.log.gz"})
    std::ofstream(directory_ / "logs" / name) << "x";
  auto o = options();
  o.max_days = 3;
  RotatingFileSink sink(o);
  sink.append(at(2026, 3, 2), "x\n");
  EXPECT_EQ(files(), (std::set<std::string>{"n.2026-02-27.log", "n.2026-03-01.log",
                                            "n.2026-03-02.log", "other.2020-01-01.log",
                                            "n.2020-01-0x.log", "n.2020-01-01.log.gz"}));
}

TEST_F(LogFile, CountsLinesItCannotWrite) {
  auto o = options();
  std::ofstream(directory_ / "logs") << "a file where the directory should be";
  RotatingFileSink sink(o);
  testing::internal::CaptureStderr();
  sink.append(at(2026, 1, 1), "x\n");
  sink.append(at(2026, 1, 1), "y\n");
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(sink.lost_lines(), 2u);
  EXPECT_NE(told.find("cannot be opened: Not a directory"), std::string::npos) << told;
  EXPECT_EQ(std::ranges::count(told, '\n'), 1);
}

TEST(DateFormat, FollowsSimpleDateFormat) {
  const TimePoint time = at(2026, 3, 5, 14, 7, 9, 42);
  const struct {
    std::string_view pattern, want;
  } cases[] = {
      {"dd-MMM-yyyy HH:mm:ss.SSS", "05-Mar-2026 14:07:09.042"},
      {".yyyy-MM-dd", ".2026-03-05"},
      {"yy M d H m s S", "26 3 5 14 7 9 42"},
      {"EEE, EEEE MMMM D", "Thu, Thursday March 64"},
      {"hh a K k", "02 PM 2 14"},
      {"yyyy-MM-dd'T'HH 'o''clock'", "2026-03-05T14 oclock"},
      {"''", "'"},
      {"", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.pattern);
    const auto format = DateFormat::parse(c.pattern);
    ASSERT_TRUE(format);
    EXPECT_EQ(format->format(time), c.want);
  }
}

TEST(DateFormat, WritesZones) {
  ::setenv("TZ", "XYZ-05:30", 1);
  ::tzset();
  const TimePoint time = at(2026, 3, 5);
  EXPECT_EQ(DateFormat::parse("Z X XX XXX z")->format(time), "+0530 +05 +0530 +05:30 XYZ");
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  EXPECT_EQ(DateFormat::parse("Z X")->format(time), "+0000 Z");
  ::unsetenv("TZ");
  ::tzset();
}

TEST(DateFormat, RefusesLettersWithoutMeaning) {
  EXPECT_EQ(DateFormat::parse("yyyy-bb").error().message,
            "date pattern [yyyy-bb]: letter 'b' has no meaning");
  EXPECT_EQ(DateFormat::parse("'x").error().message, "date pattern ['x]: a quote is not closed");
}

TEST(LogFormatters, WriteTheFormsOfTheirJavaClasses) {
  const LogRecord record{Level::kWarning, "org.x.Y", "main", at(2026, 3, 5, 14, 7, 9, 42),
                         "say \"hi\"\n\tthere\\"};
  const struct {
    std::string_view java_class, time_format, want;
  } cases[] = {
      {"org.apache.juli.OneLineFormatter", "",
       "05-Mar-2026 14:07:09.042 WARNING [main] org.x.Y say \"hi\"\n\tthere\\\n"},
      {"org.apache.juli.OneLineFormatter", "HH:mm",
       "14:07 WARNING [main] org.x.Y say \"hi\"\n\tthere\\\n"},
      {"org.apache.juli.VerbatimFormatter", "", "say \"hi\"\n\tthere\\\n"},
      {"java.util.logging.SimpleFormatter", "",
       "Mar 05, 2026 2:07:09 PM org.x.Y\nWARNING: say \"hi\"\n\tthere\\\n"},
      {"org.apache.juli.JsonFormatter", "HH:mm:ss",
       "{\"time\": \"14:07:09\", \"level\": \"WARNING\", \"thread\": \"main\", \"class\": "
       "\"org.x.Y\", "
       "\"message\": \"say \\\"hi\\\"\\n\\tthere\\\\\"}\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.java_class);
    const auto formatter = log_formatter(c.java_class, c.time_format);
    ASSERT_TRUE(formatter);
    std::string line;
    (*formatter)(record, line);
    EXPECT_EQ(line, c.want);
  }
  EXPECT_EQ(log_formatter("a.B", "").error().message, "unknown formatter 'a.B'");
}

}  // namespace
}  // namespace serval
