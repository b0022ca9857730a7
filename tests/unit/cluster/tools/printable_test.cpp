#include "cluster/tools/text/printable.h"

#include <gtest/gtest.h>

#include "cluster/tools/text/quantity.h"
#include "cluster/tribes/member.h"

namespace serval::tools {
namespace {

using namespace std::chrono_literals;
using tribes::Bytes;

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Printable, NothingReachesTheTerminalThatIsNoGlyph) {
  struct Case {
    std::string_view in, want;
  };
  for (const Case& c : {
           Case{"plain text", "plain text"}, Case{"\x1b[31mred\x07", "\\x1b[31mred\\x07"},
           Case{"a\nb\r\tc", "a\\nb\\r\\tc"}, Case{"say \"hi\" \\", "say \\\"hi\\\" \\\\"},
           Case{"K\xc3\xb6ln \xe2\x82\xac \xf0\x9f\x98\x80",
                "K\xc3\xb6ln \xe2\x82\xac \xf0\x9f\x98\x80"},
           Case{"\xc2\x9b"
                "1m",
                "\\x9b1m"},  // C1: a terminal's CSI
           Case{"\xe2\x80\xae"
                "evil",
                "\\u202eevil"},                      // right to left
           Case{"\xe2\x80\x8b", "\\u200b"},          // no width
           Case{"\xff\xc3", "\\xff\\xc3"},           // no UTF-8
           Case{"\xc0\xaf", "\\xc0\\xaf"},           // overlong
           Case{"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // a lone surrogate
       }) {
    EXPECT_EQ(printable(c.in), c.want);
  }
}

TEST(Printable, BytesAreATextOrHexadecimal) {
  EXPECT_EQ(bytes_text(bytes_of("hello"), 20), "\"hello\"");
  EXPECT_EQ(bytes_text(bytes_of("hello, world"), 5), "\"hello\"...");
  EXPECT_EQ(bytes_text(Bytes{1, 2, 255}, 20), "01 02 ff");
  EXPECT_EQ(bytes_text(Bytes(100, 7), 11), "07 07 07 07 ...");
  EXPECT_EQ(bytes_text({}, 20), "");
}

TEST(Printable, ACutDoesNotSplitACharacter) {
  EXPECT_EQ(bytes_text(bytes_of("Preis 5 \xe2\x82\xac, mehr"), 9), "\"Preis 5 \"...");
  EXPECT_EQ(cut("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6", 4), "\xc3\xa4...");
  EXPECT_EQ(cut("\xc3\xa4\xc3\xb6\xc3\xbc", 3), "\xc3\xa4\xc3\xb6\xc3\xbc");
  EXPECT_EQ(left("\xc3\xa4", 3), "\xc3\xa4  ");
  EXPECT_EQ(right("\xc3\xa4", 3), "  \xc3\xa4");
}

TEST(Printable, DigestsAreThoseOfTheStandard) {
  EXPECT_EQ(sha256(bytes_of("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Quantity, SizesHaveOneDecimalPlace) {
  struct Case {
    std::uint64_t bytes;
    const char* want;
  };
  for (const Case& c :
       {Case{0, "0 B"}, Case{1023, "1023 B"}, Case{1024, "1.0 KiB"}, Case{1536, "1.5 KiB"},
        Case{1048575, "1.0 MiB"}, Case{8 << 20, "8.0 MiB"}, Case{UINT64_MAX, "16777216.0 TiB"}}) {
    EXPECT_EQ(size_text(c.bytes), c.want);
  }
}

TEST(Quantity, DurationsHaveTwoFigures) {
  struct Case {
    std::chrono::microseconds duration;
    const char* want;
  };
  for (const Case& c : {Case{450us, "0.45 ms"}, Case{9994us, "9.99 ms"}, Case{850ms, "850 ms"},
                        Case{3250ms, "3.2 s"}, Case{59990ms, "59.9 s"}, Case{245s, "4 m 05 s"},
                        Case{62min, "1 h 02 m"}, Case{76h, "3 d 04 h"}, Case{-20ms, "-20 ms"}}) {
    EXPECT_EQ(duration_text(c.duration), c.want);
  }
}

TEST(Quantity, TimesBeforeTheEpochAreTimes) {
  EXPECT_EQ(time_text(-1ms).substr(8), ".999");
  EXPECT_EQ(time_text(1'000'042us).substr(8), ".000042");
}

}  // namespace
}  // namespace serval::tools
