// What a peer may send to the receiver port, in pieces of any size: frames, messages in them, and
// what the channel looks into before any listener does.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cluster/tribes/group/rpc_message.h"
#include "cluster/tribes/transport/channel_data.h"
#include "container/base/error.h"

namespace serval::tribes {
namespace {

constexpr std::size_t kLimit = 64 * 1024;

void check_message(std::span<const std::uint8_t> data, MemberCache& members) {
  static_cast<void>(read_ack(data));
  const auto message = decode_channel_data(data, members);
  if (!message) {
    SERVAL_ASSERT(message.error().code == Errc::kProtocol, "broken bytes are a protocol error");
    return;
  }
  SERVAL_ASSERT(message->content->size() <= data.size(), "content comes out of the frame");
  static_cast<void>(read_rpc_header(*message->content));
  // Written again it reads the same.
  const Bytes frame = encode_frame_bytes(*message);
  MemberCache cache;
  const auto again = decode_channel_data(
      std::span(frame).subspan(kFrameHeader, frame.size() - kFrameOverhead), cache);
  SERVAL_ASSERT(again && *again->content == *message->content && again->id == message->id &&
                    again->options == message->options && *again->address == *message->address,
                "a message survives writing and reading");
}

void fuzz(std::span<const std::uint8_t> input) {
  if (input.empty()) return;
  const std::size_t piece = input.front() + std::size_t{1};
  input = input.subspan(1);
  FrameDecoder decoder(kLimit, 64);
  MemberCache members;
  while (!input.empty()) {
    const auto space = decoder.space();
    SERVAL_ASSERT(!space.empty(), "there is always room to read");
    const std::size_t size = std::min({piece, input.size(), space.size()});
    std::copy_n(input.begin(), size, space.begin());
    decoder.commit(size);
    input = input.subspan(size);
    SERVAL_ASSERT(decoder.capacity() <= 4 * (kLimit + kFrameOverhead), "memory is bounded");
    for (;;) {
      const auto data = decoder.next();
      if (!data) return;
      if (!*data) break;
      check_message(**data, members);
    }
  }
}

}  // namespace
}  // namespace serval::tribes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  serval::tribes::fuzz({data, size});
  return 0;
}
