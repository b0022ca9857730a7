#include "cluster/tribes/option.h"

#include <gtest/gtest.h>

#include "cluster/tribes/byte_text.h"

namespace serval::tribes {
namespace {

TEST(Options, AreReadAsTomcatReadsThem) {
  struct {
    const char* text;
    Options value;
  } const rows[] = {{"8", 8},
                    {"-1", -1},
                    {"+6", 6},
                    {"async", 8},
                    {"asynchronous", 8},
                    {"sync,use_ack", 6},
                    {"synchronized_ack , use_ack", 6},
                    {"byte,\tbyte_message", 1},
                    {"multicast, udp,secure", 112},
                    {"async,", 8},
                    {"", 0}};
  for (const auto& row : rows) {
    const auto read = parse_options(row.text);
    ASSERT_TRUE(read) << row.text << ": " << read.error().message;
    EXPECT_EQ(*read, row.value) << row.text;
  }
}

TEST(Options, SayWhichWordIsWrong) {
  struct {
    const char* text;
    const char* error;
  } const rows[] = {{"xyz", "[xyz] is not a valid option"},
                    {"async, Sync", "[Sync] is not a valid option"},
                    {" async", "[ async] is not a valid option"},
                    {"async ", "[async ] is not a valid option"},
                    {",async", "[] is not a valid option"},
                    {"99999999999", "[99999999999] is not a valid option"}};
  for (const auto& row : rows) {
    const auto read = parse_options(row.text);
    ASSERT_FALSE(read) << row.text;
    EXPECT_EQ(read.error().message, row.error);
  }
}

TEST(Options, ArePrintedFromTheHighestBitDown) {
  EXPECT_EQ(options_text(6), "sync, use_ack");
  EXPECT_EQ(options_text(8), "async");
  EXPECT_EQ(options_text(127), "multicast, udp, secure, async, sync, use_ack, byte");
  EXPECT_EQ(options_text(0x100), "");
}

TEST(ByteText, IsLatin1OrAListOfBytes) {
  EXPECT_EQ(*bytes_from_text("ab"), (Bytes{'a', 'b'}));
  EXPECT_EQ(*bytes_from_text("{1, 2,-3,255}"), (Bytes{1, 2, 253, 255}));
  EXPECT_EQ(*bytes_from_text("{}"), Bytes());
  EXPECT_EQ(*bytes_from_text("\xC3\xA9"), (Bytes{0xE9}));
  EXPECT_FALSE(bytes_from_text("{1,x}"));
  EXPECT_FALSE(bytes_from_text("{256}"));
  EXPECT_FALSE(bytes_from_text("\xE2\x82\xAC"));
}

}  // namespace
}  // namespace serval::tribes
