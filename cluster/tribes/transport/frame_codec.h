#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "cluster/tribes/message.h"
#include "container/base/result.h"

namespace serval::tribes {

/// Around the data of every frame: "FLT2002", i32 length, data, "TLF2003".
inline constexpr std::string_view kFrameStart = "FLT2002";
inline constexpr std::string_view kFrameEnd = "TLF2003";
inline constexpr std::size_t kFrameHeader = kFrameStart.size() + 4;
inline constexpr std::size_t kFrameOverhead = kFrameHeader + kFrameEnd.size();
/// Tomcat has no limit; this one is checked before anything is allocated.
inline constexpr std::size_t kMaxFrameData = 64 * 1024 * 1024;
/// A decoder's first buffer.
inline constexpr std::size_t kFirstCapacity = 16 * 1024;

/// A receiver's answer to a frame that asked for one.
enum class Ack { kOk, kFailed };
inline constexpr std::size_t kAckFrameSize = 21;
/// The whole frame of an answer.
std::span<const std::uint8_t, kAckFrameSize> ack_frame(Ack ack);
/// What the data of a frame answers, or nothing if it is no answer.
std::optional<Ack> read_ack(std::span<const std::uint8_t> data);

/// Cuts a stream of bytes into frames. Bytes are read straight into its buffer:
/// read into space(), say how many came with commit(), then take frames with next() until there is
/// none. Spans of frames are valid until the next space().
///
/// Errors: kProtocol for a wrong marker, a negative length or one above the limit. The connection
/// is to be closed then: there is no way to find the next frame.
/// Memory: grows with what has arrived, never with what a length field announces. An empty
/// decoder keeps at most 256 KiB; each thread keeps one buffer of up to 4 MiB for all of its own.
/// Threads: one at a time.
/// Source: Tomcat org.apache.catalina.tribes.io.XByteBuffer; tribes-wire 4.
class FrameDecoder {
 public:
  explicit FrameDecoder(std::size_t max_data = kMaxFrameData,
                        std::size_t first_capacity = kFirstCapacity);

  std::span<std::uint8_t> space();
  void commit(std::size_t size) { end_ += size; }
  /// The data of the next complete frame, or nothing yet.
  Result<std::optional<std::span<const std::uint8_t>>> next();

  /// Bytes held: a frame that is not complete yet.
  std::size_t buffered() const { return end_ - begin_; }
  std::size_t capacity() const { return capacity_; }

 private:
  std::span<std::uint8_t> space_for_any();
  std::span<std::uint8_t> space_for_large(std::size_t frame);
  std::size_t announced_size() const;
  void resize(std::size_t capacity);
  void move_to(std::unique_ptr<std::uint8_t[]> larger, std::size_t capacity);
  void move_to_front();

  const std::size_t max_data_, first_capacity_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
  std::unique_ptr<std::uint8_t[]> buffer_;
};

/// One message ready to be written to any number of members: bytes before the content, the content
/// (shared with whoever made it), then kFrameEnd.
struct Frame {
  Bytes head;
  std::shared_ptr<const Bytes> content;
  std::size_t size() const { return head.size() + content->size() + kFrameEnd.size(); }
};

}  // namespace serval::tribes
