#include "cluster/tribes/transport/frame_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "cluster/tribes/fields.h"

namespace serval::tribes {
namespace {

using AckBytes = std::array<std::uint8_t, kAckFrameSize>;
constexpr std::size_t kAckData = 3;

constexpr AckBytes make_ack_frame(std::array<std::uint8_t, kAckData> data) {
  AckBytes frame{};
  auto out = std::copy(kFrameStart.begin(), kFrameStart.end(), frame.begin());
  out += 3;
  *out++ = kAckData;
  out = std::copy(data.begin(), data.end(), out);
  std::copy(kFrameEnd.begin(), kFrameEnd.end(), out);
  return frame;
}
constexpr AckBytes kAckFrame = make_ack_frame({0x06, 0x02, 0x03});
constexpr AckBytes kFailAckFrame = make_ack_frame({0x0B, 0x00, 0x05});

/// Above this a decoder that has become empty gives its memory back.
constexpr std::size_t kKeptCapacity = 256 * 1024;

}  // namespace

std::span<const std::uint8_t, kAckFrameSize> ack_frame(Ack ack) {
  return ack == Ack::kOk ? kAckFrame : kFailAckFrame;
}

std::optional<Ack> read_ack(std::span<const std::uint8_t> data) {
  for (const Ack ack : {Ack::kOk, Ack::kFailed}) {
    const auto wanted = ack_frame(ack).subspan(kFrameHeader, kAckData);
    if (std::equal(data.begin(), data.end(), wanted.begin(), wanted.end())) return ack;
  }
  return std::nullopt;
}

FrameDecoder::FrameDecoder(std::size_t max_data, std::size_t first_capacity)
    : max_data_(max_data), first_capacity_(std::max(first_capacity, kFrameOverhead)) {}

void FrameDecoder::resize(std::size_t capacity) {
  auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
  if (end_ > begin_) std::memcpy(larger.get(), buffer_.get() + begin_, end_ - begin_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
  end_ -= begin_;
  begin_ = 0;
}

std::span<std::uint8_t> FrameDecoder::space() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (capacity_ > kKeptCapacity) capacity_ = 0;
  }
  if (capacity_ == 0) {
    resize(first_capacity_);
  } else if (capacity_ - end_ < capacity_ / 4) {
    // Little room: move what is left to the front, or double when that is most of the buffer.
    const std::size_t held = end_ - begin_;
    if (held > capacity_ / 2) {
      resize(capacity_ * 2);
    } else {
      std::memmove(buffer_.get(), buffer_.get() + begin_, held);
      begin_ = 0;
      end_ = held;
    }
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

Result<std::optional<std::span<const std::uint8_t>>> FrameDecoder::next() {
  const std::span<const std::uint8_t> held(buffer_.get() + begin_, end_ - begin_);
  const std::size_t marker = std::min(held.size(), kFrameStart.size());
  if (!std::equal(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(marker),
                  kFrameStart.begin())) {
    return Error{Errc::kProtocol, "frame does not begin with FLT2002"};
  }
  if (held.size() < kFrameHeader) return std::nullopt;
  const auto length = FieldReader(held.subspan(kFrameStart.size())).integer<std::int32_t>();
  if (length < 0 || static_cast<std::size_t>(length) > max_data_) {
    return Error{Errc::kProtocol,
                 fmt::format("frame announces {} bytes, limit {}", length, max_data_)};
  }
  const auto size = static_cast<std::size_t>(length);
  if (held.size() < size + kFrameOverhead) return std::nullopt;
  const auto end = held.subspan(kFrameHeader + size, kFrameEnd.size());
  if (!std::equal(end.begin(), end.end(), kFrameEnd.begin())) {
    return Error{Errc::kProtocol, "frame does not end with TLF2003"};
  }
  begin_ += size + kFrameOverhead;
  return held.subspan(kFrameHeader, size);
}

}  // namespace serval::tribes
