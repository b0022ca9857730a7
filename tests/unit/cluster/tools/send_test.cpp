#include <gtest/gtest.h>

#include "cluster/tools/send_command.h"
#include "cluster/tools/send_content.h"
#include "cluster/tools/send_tally.h"
#include "cluster/tools/text/value_text.h"
#include "tests/support/temp_dir.h"

namespace serval::tools {
namespace {

using namespace std::chrono_literals;
using serval::test::TempDir;

tribes::MemberPtr member(std::int32_t port, std::uint8_t id) {
  auto made = std::make_shared<tribes::Member>();
  made->host = {127, 0, 0, 1};
  made->port = port;
  made->id.fill(id);
  return made;
}

TEST(Send, SizesAreARangeWithUnits) {
  struct Case {
    const char* text;
    std::size_t least, most;
  };
  for (const Case& c : {Case{"7", 7, 7}, Case{"0..8M", 0, 8 << 20}, Case{"1K..64k", 1024, 65536},
                        Case{"64M", 64 << 20, 64 << 20}}) {
    const auto sizes = parse_sizes(c.text);
    ASSERT_TRUE(sizes) << c.text;
    EXPECT_EQ(sizes->least, c.least);
    EXPECT_EQ(sizes->most, c.most);
  }
  for (const char* text :
       {"", "..", "1..", "..1", "5..3", "-1", "1.5", "1G", "65M", "K", "99999999999999999999"}) {
    const auto sizes = parse_sizes(text);
    ASSERT_FALSE(sizes) << text;
    EXPECT_NE(sizes.error().message.find('\''), std::string::npos);
  }
}

TEST(Send, MembersAreFoundByTheirNames) {
  const tribes::Members all{member(4000, 0xAB), member(4001, 0xCD)};
  struct Case {
    const char* to;
    std::vector<std::int32_t> ports;
  };
  for (const Case& c :
       {Case{"all", {4000, 4001}}, Case{"127.0.0.1:4001", {4001}}, Case{"4000", {4000}},
        Case{"ABabab", {4000}}, Case{"tcp://{127, 0, 0, 1}:4001", {4001}},
        Case{"tcp://{127, 0, 0, 1}:4001,4000", {4001, 4000}}}) {
    const auto found = find_members(all, c.to);
    ASSERT_TRUE(found) << c.to << ": " << found.error().message;
    std::vector<std::int32_t> ports;
    for (const auto& one : *found) ports.push_back(one->port);
    EXPECT_EQ(ports, c.ports) << c.to;
  }
  EXPECT_EQ(find_members(all, "4002").error().message,
            "no member is called '4002'; members: 127.0.0.1:4000, 127.0.0.1:4001");
  EXPECT_EQ(find_members({}, "all").error().message,
            "nobody to send to; members: none besides this node");
  EXPECT_FALSE(find_members({member(4000, 1), member(4000, 2)}, "4000"));
}

std::string content_of(const SendOptions& options) {
  const auto source = content_source(options);
  if (!source) return source.error().message;
  const auto content = (*source)();
  if (is_object_stream(*content)) return stream_text(*content);
  return {content->begin(), content->end()};
}

TEST(Send, TheByteOptionDecidesBetweenBytesAndObjects) {
  const TempDir dir;
  const std::string file = dir.write("f", "file").string();
  SendOptions text, read;
  text.text = "text";
  read.file = file;
  EXPECT_EQ(content_of(text), "\"text\"");
  EXPECT_EQ(content_of(read), "byte[4] \"file\"");
  text.options = read.options = 3;
  EXPECT_EQ(content_of(text), "text");
  EXPECT_EQ(content_of(read), "file");
}

TEST(Send, AFileWithAnObjectIsThatObject) {
  const TempDir dir;
  SendOptions options;
  options.file = dir.write("o", std::string_view("\xac\xed\0\5t\0\2hi", 9)).string();
  EXPECT_EQ(content_of(options), "\"hi\"");
}

TEST(Send, RandomContentIsInItsRangeAndRepeatable) {
  SendOptions options;
  options.options = 3;
  options.sizes = SendOptions::Sizes{3, 40};
  options.seed = 5;
  auto first = content_source(options), second = content_source(options);
  ASSERT_TRUE(first && second);
  for (int i = 0; i < 100; ++i) {
    const auto content = (*first)();
    EXPECT_GE(content->size(), 3U);
    EXPECT_LE(content->size(), 40U);
    EXPECT_EQ(*content, *(*second)());
  }
}

TEST(Send, WithoutContentItSaysWhatToDo) {
  EXPECT_EQ(content_of({}), "nothing to send: say --text, --file or --size");
  SendOptions options;
  options.file = "/no/such/file";
  EXPECT_NE(content_of(options).find("/no/such/file"), std::string::npos);
}

TEST(SendTally, CountsForEachMemberAndNamesTheFaulty) {
  SendTally tally;
  const auto bad = member(4001, 1);
  for (int i = 0; i < 3; ++i) tally.note_sent(10);
  tally.note_end({}, 2, 1ms);
  tally.note_end({{{bad, "refused", false}}}, 2, 3ms);
  tally.note_late({{{bad, "later", false}}});
  tally.note_end({}, 2, 2ms);
  const auto figures = tally.figures();
  EXPECT_EQ(figures.sent_bytes, 30U);
  EXPECT_EQ(figures.ended, 3U);
  EXPECT_EQ(figures.taken(), 4U);
  ASSERT_EQ(figures.faults.size(), 1U);
  EXPECT_EQ(figures.faults.at("127.0.0.1:4001").messages, 2U);
  EXPECT_EQ(figures.faults.at("127.0.0.1:4001").cause, "refused");
  EXPECT_EQ(latency_text(tally.microseconds()),
            "min 1.00 ms  median 2.00 ms  p99 2.00 ms  max 3.00 ms");
}

TEST(SendTally, MemoryForLatenciesHasALimit) {
  SendTally tally(1000);
  for (int i = 0; i < 3000; ++i) tally.note_end({}, 1, std::chrono::microseconds(i));
  const auto microseconds = tally.microseconds();
  EXPECT_LT(microseconds.size(), 1000U);
  EXPECT_GT(microseconds.size(), 400U);
  EXPECT_NEAR(microseconds[microseconds.size() / 2], 1500, 100);
}

}  // namespace
}  // namespace serval::tools
