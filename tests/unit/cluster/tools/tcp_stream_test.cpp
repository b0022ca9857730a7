#include "cluster/tools/dump/tcp_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/packets.h"
#include "tests/support/seed.h"

namespace serval::tools {
namespace {

using namespace std::chrono_literals;
using serval::test::bytes_of;
using tribes::Bytes;

/// Writes down what comes: bytes as they are, "<n>" for n lost ones.
struct Notes : TcpStream::Sink {
  std::string text;
  void data(std::span<const std::uint8_t> bytes, CaptureTime) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void lost(std::uint64_t size, CaptureTime) override { text += "<" + std::to_string(size) + ">"; }
};

class TcpStreamTest : public ::testing::Test {
 protected:
  void segment(std::uint32_t seq, std::string_view text, std::size_t missing = 0,
               CaptureTime time = 0s) {
    stream.segment(seq, bytes_of(text), missing, time);
  }
  Notes notes;
  TcpStream stream{notes};
};

TEST_F(TcpStreamTest, SegmentsInOrderPass) {
  stream.opened(99);
  segment(100, "abc");
  segment(103, "def");
  EXPECT_EQ(notes.text, "abcdef");
}

TEST_F(TcpStreamTest, ReorderedSegmentsAreSorted) {
  stream.opened(99);
  segment(106, "ghi");
  segment(103, "def");
  EXPECT_EQ(notes.text, "");
  segment(100, "abc");
  EXPECT_EQ(notes.text, "abcdefghi");
  EXPECT_FALSE(stream.is_waiting());
}

TEST_F(TcpStreamTest, WhatComesTwiceIsHandedOnOnce) {
  stream.opened(99);
  segment(100, "abc");
  segment(100, "abc");
  segment(101, "bcdef");      // overlaps
  segment(98, "yyabcdefgh");  // begins before the stream
  segment(104, "e");
  EXPECT_EQ(notes.text, "abcdefgh");
}

TEST_F(TcpStreamTest, NumbersWrapAround) {
  stream.opened(0xFFFFFFFD);
  segment(1, "def");
  segment(0xFFFFFFFE, "abc");
  EXPECT_EQ(notes.text, "abcdef");
}

TEST_F(TcpStreamTest, WithoutASynTheFirstSegmentBegins) {
  segment(500, "abc");
  segment(480, "old bytes");
  segment(503, "def");
  EXPECT_EQ(notes.text, "abcdef");
  EXPECT_FALSE(stream.saw_syn());
}

TEST_F(TcpStreamTest, WhatTheCaptureCutOffIsLostAtOnce) {
  stream.opened(99);
  segment(100, "abc", 7);
  segment(110, "def");
  EXPECT_EQ(notes.text, "abc<7>def");
}

TEST_F(TcpStreamTest, AHoleWaitsUntilTheOtherSideHasItAndASecondHasPassed) {
  stream.opened(99);
  segment(105, "late", 0, 1s);
  stream.acknowledged(109, 1500ms);
  EXPECT_EQ(notes.text, "");
  stream.acknowledged(109, 2s);
  EXPECT_EQ(notes.text, "<5>late");
  segment(100, "never", 0, 2s);
  EXPECT_EQ(notes.text, "<5>late");
}

TEST_F(TcpStreamTest, AHoleThatNobodyAcknowledgedMayStillBeFilled) {
  stream.opened(99);
  segment(105, "late", 0, 1s);
  stream.acknowledged(100, 60s);
  segment(100, "first", 0, 61s);
  EXPECT_EQ(notes.text, "firstlate");
}

TEST_F(TcpStreamTest, WhatNeverComesIsLostAtTheEnd) {
  stream.opened(99);
  segment(102, "c");
  segment(105, "f");
  segment(109, "");  // FIN
  stream.finish(9s);
  EXPECT_EQ(notes.text, "<2>c<2>f<3>");
}

TEST_F(TcpStreamTest, MemoryHasALimit) {
  stream.opened(0);
  const Bytes large(64 * 1024, 'x');
  for (std::uint32_t i = 0; i < 100; ++i) stream.segment(1000 + i * 64 * 1024, large, 0, 0s);
  EXPECT_TRUE(notes.text.starts_with("<999>xxx"));
}

TEST_F(TcpStreamTest, AnyNumberIsBearable) {
  stream.opened(0);
  segment(0x80000000, "far");
  segment(0x7FFFFFF0, "far");
  segment(0xFFFFFFFF, "before");
  stream.finish(1s);
  stream.finish(1s);
  EXPECT_TRUE(notes.text.ends_with("far")) << notes.text;
}

TEST(TcpStream, AnyOrderAndAnyOverlapGiveTheSameBytes) {
  const std::uint64_t seed = testing::test_seed();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(testing::seed_hint(seed));
    std::string whole(1 + random() % 2000, ' ');
    std::ranges::generate(whole, [&] { return static_cast<char>('a' + random() % 26); });
    const auto first = static_cast<std::uint32_t>(random());
    std::vector<std::pair<std::size_t, std::size_t>> pieces;
    for (std::size_t at = 0; at < whole.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 200, whole.size() - at);
      const std::size_t back = random() % 4 == 0 ? std::min<std::size_t>(at, random() % 300) : 0;
      for (std::size_t copies = 1 + random() % 2; copies > 0; --copies)
        pieces.emplace_back(at - back, size + back);
      at += size;
    }
    std::ranges::shuffle(pieces, random);
    Notes notes;
    TcpStream stream(notes);
    stream.opened(first - 1);
    for (const auto& [at, size] : pieces)
      stream.segment(first + static_cast<std::uint32_t>(at), bytes_of(whole.substr(at, size)), 0,
                     0s);
    stream.finish(0s);
    ASSERT_EQ(notes.text, whole);
  }
}

}  // namespace
}  // namespace serval::tools
