#include "cluster/tools/dump/frame_scanner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/packets.h"

namespace serval::tools {
namespace {

using serval::test::bytes_of;
using tribes::Bytes;

/// Writes down what comes.
struct Notes : FrameScanner::Sink {
  std::string text;
  void frame(std::uint64_t offset, std::span<const std::uint8_t> data, CaptureTime) override {
    text += fmt::format("frame@{}({}) ", offset, std::string(data.begin(), data.end()));
  }
  void damaged(const FrameScanner::Damaged& d, CaptureTime) override {
    text += fmt::format("{}@{}({} of {} lost) ", d.at_end ? "ended" : "damaged", d.offset, d.lost,
                        d.announced);
  }
  void garbage(const FrameScanner::Garbage& g, CaptureTime) override {
    text += fmt::format("{}@{}({} {}) ", g.after_loss ? "rest" : "garbage", g.offset, g.size,
                        std::string(g.begin.begin(), g.begin.end()));
    reason = g.reason;
  }
  void lost(std::uint64_t offset, std::uint64_t size, CaptureTime) override {
    text += fmt::format("lost@{}({}) ", offset, size);
  }
  std::string reason;
};

Bytes frame(std::string_view data) {
  Bytes out = bytes_of("FLT2002");
  tribes::append_big_endian(out, static_cast<std::uint32_t>(data.size()));
  tribes::append_bytes(out, data);
  tribes::append_bytes(out, std::string_view("TLF2003"));
  return out;
}
Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) tribes::append_bytes(all, part);
  return all;
}

class FrameScannerTest : public ::testing::Test {
 protected:
  void feed(const Bytes& bytes, std::size_t piece = 1000) {
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      scanner.data(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)), {});
  }
  std::string finished() {
    scanner.finish({});
    return notes.text;
  }
  Notes notes;
  FrameScanner scanner{notes};
};

TEST(FrameScanner, PiecesOfAnySizeGiveTheSame) {
  const Bytes stream =
      joined({bytes_of("GET /"), frame("one"), frame(""), bytes_of("FLT20FLT2002"), frame("two")});
  std::string want;
  for (const std::size_t piece : {1000, 1, 2, 3, 7, 11, 18}) {
    Notes notes;
    FrameScanner scanner(notes);
    for (std::size_t at = 0; at < stream.size(); at += piece)
      scanner.data(std::span(stream).subspan(at, std::min(piece, stream.size() - at)), {});
    scanner.finish({});
    if (want.empty()) want = notes.text;
    EXPECT_EQ(notes.text, want) << piece;
    EXPECT_EQ(scanner.offset(), stream.size());
  }
  EXPECT_EQ(want,
            "garbage@0(5 GET /) frame@5(one) frame@26() garbage@44(12 FLT20FLT2002) "
            "frame@56(two) ");
}

TEST_F(FrameScannerTest, ALengthBeyondTheLimitIsGarbage) {
  feed(joined({bytes_of("FLT2002\xff\xff\xff\xff"), frame("good")}));
  EXPECT_EQ(finished().substr(0, 10), "garbage@0(");
  EXPECT_NE(notes.text.find("frame@11(good)"), std::string::npos) << notes.text;
  EXPECT_EQ(notes.reason, "a frame announces -1 bytes, the limit is 67108864");
}

TEST_F(FrameScannerTest, AWrongEndIsGarbageAndWhatIsInItIsLookedThrough) {
  Bytes wrong = frame("xxx");
  wrong.back() = '4';
  feed(joined({wrong, frame("good")}));
  EXPECT_NE(finished().find("frame@21(good)"), std::string::npos) << notes.text;
  EXPECT_EQ(notes.reason, "a frame of 3 bytes does not end with TLF2003");
}

TEST_F(FrameScannerTest, AHoleInAFrameCostsThatFrameOnly) {
  const Bytes whole = frame("0123456789");
  feed(Bytes(whole.begin(), whole.begin() + 13));
  scanner.lost(4, {});
  feed(Bytes(whole.begin() + 17, whole.end()));
  feed(frame("next"));
  EXPECT_EQ(finished(), "damaged@0(4 of 10 lost) frame@28(next) ");
}

TEST_F(FrameScannerTest, AHoleBeyondAFrameIsLost) {
  const Bytes whole = frame("0123456789");
  feed(Bytes(whole.begin(), whole.begin() + 13));
  scanner.lost(100, {});
  feed(joined({bytes_of("rest"), frame("next")}));
  EXPECT_EQ(finished(), "damaged@0(15 of 10 lost) lost@28(85) rest@113(4 rest) frame@117(next) ");
}

TEST_F(FrameScannerTest, AHoleOfAnySizeIsBearable) {
  feed(bytes_of("FLT"));
  scanner.lost(UINT64_MAX / 2, {});
  feed(frame("next"));
  EXPECT_NE(finished().find("(next)"), std::string::npos);
}

TEST_F(FrameScannerTest, AFrameThatTheEndCutsOffIsTold) {
  const Bytes whole = frame("0123456789");
  feed(Bytes(whole.begin(), whole.begin() + 15));
  EXPECT_EQ(finished(), "ended@0(13 of 10 lost) ");
}

}  // namespace
}  // namespace serval::tools
