#include "container/connector/chunk_decoder.h"

#include <string>

#include "gtest/gtest.h"

namespace serval::connector {
namespace {

using State = ChunkDecoder::State;

struct Decoded {
  std::string data, rest;
  State state = State::kMore;
};

/// Feeds `text` in pieces of `piece` bytes.
Decoded decode(std::string_view text, std::size_t piece, ChunkDecoder::Limits limits = {}) {
  ChunkDecoder decoder(limits);
  Decoded result;
  std::string pending;
  for (std::size_t at = 0; at < text.size() && result.state == State::kMore; at += piece) {
    pending += text.substr(at, piece);
    std::string_view input = pending;
    while ((result.state = decoder.next(input)) == State::kData) {
      const std::size_t size = std::min<std::size_t>(input.size(), decoder.data_left());
      result.data += input.substr(0, size);
      input.remove_prefix(size);
      decoder.took(size);
    }
    pending = std::string(input);
    if (result.state != State::kMore)
      result.rest = pending + std::string(text.substr(std::min(at + piece, text.size())));
  }
  return result;
}

TEST(ChunkDecoder, JoinsChunksHoweverTheyArrive) {
  const std::string_view text =
      "5\r\nhello\r\n1;ext=\"v\"\r\n \r\n0A \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nnext";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const Decoded decoded = decode(text, piece);
    EXPECT_EQ(decoded.state, State::kEnd) << piece;
    EXPECT_EQ(decoded.data, "hello 0123456789") << piece;
    EXPECT_EQ(decoded.rest, "next") << piece;
  }
}

TEST(ChunkDecoder, TakesBareLineFeeds) {
  EXPECT_EQ(decode("2\nab\n0\n\n", 100).data, "ab");
  EXPECT_EQ(decode("2\nab\n0\n\n", 100).state, State::kEnd);
}

TEST(ChunkDecoder, RefusesBadFraming) {
  for (const std::string_view text :
       {"x\r\n", "\r\n", "-1\r\n", "5 x", ";a\r\n", "5\rx", "2\r\nabc", "2\r\nab\rx",
        "1234567890123456\r\n", "0x5\r\n", "0\r\nA: \x01\r\n\r\n", "0\r\nA\rB"}) {
    const Decoded decoded = decode(text, 100);
    const bool extension = text == "5 x";  // a blank begins an extension, which is not over
    EXPECT_EQ(decoded.state, extension ? State::kMore : State::kBad) << text;
  }
}

TEST(ChunkDecoder, LimitsExtensionsAndTrailers) {
  const std::string long_extension = "1;" + std::string(11, 'x') + "\r\na\r\n0\r\n\r\n";
  EXPECT_EQ(decode(long_extension, 7, {.max_extension = 10}).state, State::kBad);
  EXPECT_EQ(decode(long_extension, 7, {.max_extension = 20}).state, State::kEnd);
  EXPECT_EQ(decode(long_extension, 7, {.max_extension = -1}).state, State::kEnd);
  const std::string trailer = "0\r\nA: " + std::string(20, 'x') + "\r\n\r\n";
  EXPECT_EQ(decode(trailer, 7, {.max_trailer = 10}).state, State::kBad);
  EXPECT_EQ(decode(trailer, 7, {.max_trailer = 100}).state, State::kEnd);
}

TEST(ChunkDecoder, StaysBad) {
  ChunkDecoder decoder({});
  std::string_view bad = "x", good = "1\r\na\r\n";
  EXPECT_EQ(decoder.next(bad), State::kBad);
  EXPECT_EQ(decoder.next(good), State::kBad);
  decoder.reset();
  EXPECT_EQ(decoder.next(good), State::kData);
}

}  // namespace
}  // namespace serval::connector
