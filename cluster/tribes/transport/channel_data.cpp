#include "cluster/tribes/transport/channel_data.h"

#include <algorithm>

#include "cluster/tribes/fields.h"
#include "cluster/tribes/membership/member_codec.h"

namespace serval::tribes {
namespace {

/// options, timestamp, id with length, length of the member, length of the content
constexpr std::size_t kFixed = 4 + 8 + 4 + 16 + 4 + 4;
constexpr std::size_t kSmallestId = 4;

Error malformed(const char* what) { return Error{Errc::kProtocol, what}; }

void append_head(Bytes& out, const ChannelMessage& message) {
  const std::size_t member = member_record_size(*message.address);
  const std::size_t content = message.content->size();
  FieldWriter head(out, kFrameHeader + kFixed - sizeof(std::int32_t));
  head.bytes(kFrameStart);
  head.integers(static_cast<std::int32_t>(kFixed + member + content), message.options,
                message.timestamp, static_cast<std::int32_t>(message.id.size()));
  head.bytes(message.id);
  head.integers(static_cast<std::int32_t>(member));
  append_member_record(out, *message.address);
  append_big_endian(out, static_cast<std::int32_t>(content));
}

}  // namespace

std::shared_ptr<const Frame> encode_frame(const ChannelMessage& message) {
  auto frame = std::make_shared<Frame>();
  frame->head.reserve(kFrameHeader + kFixed + member_record_size(*message.address));
  append_head(frame->head, message);
  frame->content = message.content;
  return frame;
}

Bytes encode_frame_bytes(const ChannelMessage& message) {
  Bytes out;
  append_head(out, message);
  append_bytes(out, *message.content);
  append_bytes(out, kFrameEnd);
  return out;
}

std::size_t frame_size(const ChannelMessage& message) {
  return kFrameOverhead + kFixed + member_record_size(*message.address) + message.content->size();
}

Result<ChannelMessage> decode_channel_data(std::span<const std::uint8_t> data, MemberCache& cache) {
  FieldReader fields(data);
  ChannelMessage message;
  message.options = fields.integer<std::int32_t>();
  message.timestamp = fields.integer<std::int64_t>();
  const auto id = fields.sized_bytes();
  const auto member = fields.sized_bytes();
  const auto content = fields.sized_bytes();
  if (!fields.ok()) return malformed("message: a field is longer than the frame");
  if (id.size() < kSmallestId) return malformed("message: id shorter than 4 bytes");
  std::copy_n(id.begin(), std::min(id.size(), message.id.size()), message.id.begin());

  auto sender = cache.get(member);
  if (!sender) return std::move(sender).error();
  message.address = *std::move(sender);
  message.content = std::make_shared<const Bytes>(content.begin(), content.end());
  return message;
}

Datagram decode_datagram(std::span<const std::uint8_t> bytes, MemberCache& cache) {
  Datagram result;
  FrameDecoder decoder(bytes.size(), bytes.size());
  std::ranges::copy(bytes, decoder.space().begin());
  decoder.commit(bytes.size());
  for (;;) {
    const auto data = decoder.next();
    if (!data) {
      result.wrong = data.error().message;
      return result;
    }
    if (!*data) break;
    auto message = decode_channel_data(**data, cache);
    if (message) {
      result.messages.push_back(*std::move(message));
    } else {
      result.wrong = std::move(message).error().message;
    }
  }
  if (bytes.empty() || decoder.buffered() > 0) result.wrong = "it does not end with a whole frame";
  return result;
}

}  // namespace serval::tribes
