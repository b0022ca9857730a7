#include "cluster/tribes/transport/frame_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/transport/channel_data.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::testing::to_hex;
using serval::testing::vector_of;

Bytes text(std::string_view chars) { return {chars.begin(), chars.end()}; }

/// Feeds bytes in pieces; returns the data of all frames, or the error's text.
Result<std::vector<Bytes>> cut(FrameDecoder& decoder, std::span<const std::uint8_t> bytes,
                               std::size_t piece) {
  std::vector<Bytes> frames;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto space = decoder.space();
    const std::size_t size = std::min({piece, bytes.size() - at, space.size()});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, space.begin());
    decoder.commit(size);
    at += size;
    for (;;) {
      auto data = decoder.next();
      if (!data) return std::move(data).error();
      if (!*data) break;
      frames.emplace_back((*data)->begin(), (*data)->end());
    }
  }
  return frames;
}

Bytes frame_of(const Bytes& data) {
  Bytes frame = text(kFrameStart);
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<std::uint8_t>(data.size() >> shift));
  }
  frame.insert(frame.end(), data.begin(), data.end());
  frame.insert(frame.end(), kFrameEnd.begin(), kFrameEnd.end());
  return frame;
}

TEST(FrameCodec, AckFramesAreTomcats) {
  EXPECT_EQ(to_hex(ack_frame(Ack::kOk)), to_hex(vector_of("both/ack-ack-command").bytes));
  EXPECT_EQ(to_hex(ack_frame(Ack::kFailed)), to_hex(vector_of("both/ack-fail-ack-command").bytes));
  EXPECT_EQ(read_ack(vector_of("both/ack-ack-data").bytes), Ack::kOk);
  EXPECT_EQ(read_ack(vector_of("both/ack-fail-ack-data").bytes), Ack::kFailed);
  EXPECT_EQ(read_ack(text("abc")), std::nullopt);
  EXPECT_EQ(read_ack({}), std::nullopt);
}

TEST(FrameDecoder, CutsWhateverThePiecesAre) {
  Bytes stream = vector_of("both/package-raw-bytes").bytes;
  const Bytes second = vector_of("both/package-framed").bytes;
  const Bytes empty = frame_of({});
  stream.insert(stream.end(), second.begin(), second.end());
  stream.insert(stream.end(), empty.begin(), empty.end());
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameDecoder decoder(kMaxFrameData, 32);
    const auto frames = cut(decoder, stream, piece);
    ASSERT_TRUE(frames) << frames.error().message;
    ASSERT_EQ(frames->size(), 3U);
    EXPECT_EQ((*frames)[0], text("abc"));
    EXPECT_EQ((*frames)[1].size(), second.size() - kFrameOverhead);
    EXPECT_TRUE((*frames)[2].empty());
    EXPECT_EQ(decoder.buffered(), 0U);
  }
}

/// Runs on a thread of its own, where no decoder has given memory back yet.
template <class Work>
void on_a_fresh_thread(Work work) {
  std::thread(work).join();
}

void grow_and_give_back() {
  FrameDecoder decoder(kMaxFrameData, 1024);
  const Bytes big = frame_of(Bytes(5 * 1024 * 1024, 7));
  const auto begun = cut(decoder, std::span(big).first(2000), 700);
  ASSERT_TRUE(begun);
  EXPECT_LE(decoder.capacity(), 8192U) << "not what the length field announces";
  const auto frames = cut(decoder, std::span(big).subspan(2000), 65536);
  ASSERT_TRUE(frames);
  ASSERT_EQ(frames->size(), 1U);
  EXPECT_EQ(frames->front().size(), 5U * 1024 * 1024);
  EXPECT_LE(decoder.space().size(), 1024U);
}
TEST(FrameDecoder, GrowsWithWhatArrivesAndGivesBack) { on_a_fresh_thread(grow_and_give_back); }

void pass_memory_on() {
  const Bytes large = frame_of(Bytes(1024 * 1024, 7));
  FrameDecoder first(kMaxFrameData, 1024), second(kMaxFrameData, 1024);
  ASSERT_TRUE(cut(first, large, 100000));
  EXPECT_LE(first.space().size(), 1024U);
  EXPECT_LE(first.capacity(), 1024U);
  const auto frames = cut(second, large, 500);
  ASSERT_TRUE(frames);
  ASSERT_EQ(frames->size(), 1U);
  EXPECT_EQ(frames->front(), Bytes(1024 * 1024, 7));
  EXPECT_EQ(second.capacity(), large.size());
  FrameDecoder third(kMaxFrameData, 1024);  // the memory is in use
  ASSERT_TRUE(cut(third, std::span(large).first(2000), 700));
  EXPECT_LE(third.capacity(), 8192U);
}
TEST(FrameDecoder, PassesTheMemoryOfALargeFrameOn) { on_a_fresh_thread(pass_memory_on); }

TEST(FrameDecoder, ReadsALargeFrameToItsOwnEnd) {
  FrameDecoder decoder(kMaxFrameData, 1024);
  const Bytes large = frame_of(Bytes(1024 * 1024, 7));
  ASSERT_TRUE(cut(decoder, std::span(large).first(large.size() - 100), 100000));
  EXPECT_LE(decoder.space().size(), 100U) << "what follows begins at the front";
}

TEST(FrameDecoder, SmallAndLargeFramesFollowEachOtherInAnyPieces) {
  Bytes stream;
  std::vector<std::size_t> sizes;
  for (const std::size_t size : {10U, 70000U, 0U, 65518U, 300000U, 65517U, 5U, 200000U}) {
    const Bytes frame = frame_of(Bytes(size, static_cast<std::uint8_t>(size)));
    stream.insert(stream.end(), frame.begin(), frame.end());
    sizes.push_back(size);
  }
  for (const std::size_t piece : {1000U, 4096U, 65536U, 1000000U}) {
    FrameDecoder decoder;
    const auto frames = cut(decoder, stream, piece);
    ASSERT_TRUE(frames) << frames.error().message;
    ASSERT_EQ(frames->size(), sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      EXPECT_EQ((*frames)[i], Bytes(sizes[i], static_cast<std::uint8_t>(sizes[i])));
    }
  }
}

TEST(FrameDecoder, RejectsBytesThatAreNoFrame) {
  Bytes negative = frame_of(text("abc"));
  negative[7] = 0x80;
  Bytes bad_end = frame_of(text("abc"));
  bad_end.back() = '4';
  const Bytes rows[] = {text("GET / HTTP/1.1\r\n"), text("X"), text("FLT2003"), negative, bad_end,
                        frame_of(Bytes(101, 1))};
  for (const Bytes& row : rows) {
    FrameDecoder decoder(100);
    const auto frames = cut(decoder, row, row.size());
    ASSERT_FALSE(frames) << to_hex(row);
    EXPECT_EQ(frames.error().code, Errc::kProtocol);
  }
}

TEST(FrameDecoder, DoesNotResynchronizeAfterGarbage) {
  Bytes stream = text("garbage");
  const Bytes good = frame_of(text("abc"));
  stream.insert(stream.end(), good.begin(), good.end());
  FrameDecoder decoder;
  EXPECT_FALSE(cut(decoder, stream, 4));
}

ChannelMessage message_of(Options options, std::string_view content) {
  ChannelMessage message;
  message.options = options;
  message.timestamp = 1700000000000;
  for (std::size_t i = 0; i < 16; ++i) message.id[i] = static_cast<std::uint8_t>(0x20 + i);
  message.address =
      std::make_shared<const Member>(*decode_member(vector_of("both/member-basic").bytes));
  message.content = std::make_shared<const Bytes>(content.begin(), content.end());
  return message;
}

TEST(ChannelData, HasTheBytesOfTomcatForEveryOption) {
  const auto names = serval::testing::vector_names("both", "channeldata-options-");
  ASSERT_EQ(names.size(), 13U);
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const auto record = vector_of(name);
    const auto options = static_cast<Options>(std::stol(record.fact("options")));
    const Bytes frame = encode_frame_bytes(message_of(options, "hello"));
    const Bytes data(frame.begin() + kFrameHeader, frame.end() - kFrameEnd.size());
    EXPECT_EQ(to_hex(data), to_hex(record.bytes));

    MemberCache cache;
    const auto read = decode_channel_data(record.bytes, cache);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->options, options);
    EXPECT_EQ(read->timestamp, 1700000000000);
    EXPECT_EQ(read->id[15], 0x2f);
    EXPECT_EQ(read->address->name(), "tcp://{127, 0, 0, 1}:4000");
    EXPECT_EQ(*read->content, text("hello"));
  }
}

TEST(ChannelData, FramesHaveTheBytesOfTomcat) {
  const Bytes object = serval::testing::from_hex("aced000574000568656c6c6f");
  struct {
    const char* vector;
    ChannelMessage message;
  } const rows[] = {{"both/package-framed", message_of(8, "hello")},
                    {"both/package-framed-empty", message_of(8, "")},
                    {"both/package-framed-string",
                     message_of(2, std::string_view(reinterpret_cast<const char*>(object.data()),
                                                    object.size()))}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.vector);
    const Bytes wanted = vector_of(row.vector).bytes;
    EXPECT_EQ(to_hex(encode_frame_bytes(row.message)), to_hex(wanted));
    const auto frame = encode_frame(row.message);
    EXPECT_EQ(frame->size(), wanted.size());
    EXPECT_TRUE(std::equal(frame->head.begin(), frame->head.end(), wanted.begin()));
  }
}

TEST(ChannelData, SharesTheSenderBetweenMessages) {
  const Bytes data = vector_of("both/channeldata-options-2").bytes;
  MemberCache cache;
  const auto first = decode_channel_data(data, cache);
  const auto second = decode_channel_data(data, cache);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->address, second->address);
}

TEST(ChannelData, RejectsEveryTruncation) {
  const Bytes whole = vector_of("both/channeldata-options-2").bytes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    MemberCache cache;
    EXPECT_FALSE(decode_channel_data(std::span(whole).first(size), cache)) << size;
  }
}

TEST(ChannelData, RejectsLengthsThatDoNotFit) {
  const Bytes whole = vector_of("both/channeldata-options-2").bytes;
  for (const std::size_t at : {12U, 32U, 113U}) {
    for (const std::uint8_t value : {std::uint8_t{0xff}, std::uint8_t{0x7f}}) {
      Bytes broken = whole;
      broken[at] = value;
      MemberCache cache;
      EXPECT_FALSE(decode_channel_data(broken, cache)) << at;
    }
  }
}

TEST(ChannelData, IgnoresWhatFollowsTheMessage) {
  Bytes data = vector_of("both/channeldata-options-2").bytes;
  data.push_back(9);
  MemberCache cache;
  const auto read = decode_channel_data(data, cache);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read->content, text("hello"));
}

}  // namespace
}  // namespace serval::tribes
