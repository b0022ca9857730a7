#include "cluster/tribes/transport/frame_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

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

/// A frame of at least this size is read to its own end, so that it and the next begin at the
/// front of the buffer and never have to be moved there.
constexpr std::size_t kLargeFrame = 64 * 1024;
/// Above this a decoder that has become empty gives its memory back.
constexpr std::size_t kKeptCapacity = 256 * 1024;
constexpr std::size_t kGrowth = 4;

/// The largest buffer that a decoder gave back on this thread, for the next large frame: fresh
/// memory costs more than what is read into it.
struct Spare {
  static constexpr std::size_t kLimit = 4 * 1024 * 1024;
  std::unique_ptr<std::uint8_t[]> buffer;
  std::size_t capacity = 0;

  void keep(std::unique_ptr<std::uint8_t[]> other, std::size_t size) {
    if (size > kLimit || size <= capacity) return;
    buffer = std::move(other);
    capacity = size;
  }
};
thread_local Spare spare;

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
  move_to(std::make_unique_for_overwrite<std::uint8_t[]>(capacity), capacity);
}

void FrameDecoder::move_to(std::unique_ptr<std::uint8_t[]> larger, std::size_t capacity) {
  if (end_ > begin_) std::memcpy(larger.get(), buffer_.get() + begin_, end_ - begin_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
  end_ -= begin_;
  begin_ = 0;
}

std::span<std::uint8_t> FrameDecoder::space() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (capacity_ > kKeptCapacity) spare.keep(std::move(buffer_), std::exchange(capacity_, 0));
  }
  if (capacity_ == 0) resize(first_capacity_);
  const std::size_t frame = announced_size();
  return frame < kLargeFrame ? space_for_any() : space_for_large(frame);
}

std::span<std::uint8_t> FrameDecoder::space_for_any() {
  if (capacity_ - end_ < capacity_ / 4) {
    // Little room: move what is left to the front, or double when that is most of the buffer.
    if (end_ - begin_ > capacity_ / 2) {
      resize(capacity_ * 2);
    } else {
      move_to_front();
    }
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

/// Grows with what has arrived, up to the frame.
std::span<std::uint8_t> FrameDecoder::space_for_large(std::size_t frame) {
  if (begin_ > 0) move_to_front();
  if (frame > capacity_ && spare.capacity > capacity_) {
    move_to(std::move(spare.buffer), std::exchange(spare.capacity, 0));
  }
  if (end_ == capacity_) resize(std::min(frame, capacity_ * kGrowth));
  return {buffer_.get() + end_, std::min(frame, capacity_) - end_};
}

void FrameDecoder::move_to_front() {
  const std::size_t held = end_ - begin_;
  std::memmove(buffer_.get(), buffer_.get() + begin_, held);
  begin_ = 0;
  end_ = held;
}

/// Of the frame that has begun, 0 if that is not known yet.
std::size_t FrameDecoder::announced_size() const {
  const std::span<const std::uint8_t> held(buffer_.get() + begin_, end_ - begin_);
  if (held.size() < kFrameHeader) return 0;
  const auto length = FieldReader(held.subspan(kFrameStart.size())).integer<std::int32_t>();
  const std::size_t size = static_cast<std::size_t>(length) + kFrameOverhead;
  return held.size() < size ? size : 0;
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
