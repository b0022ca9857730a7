// cluster/tools/dump/frame_scanner.h
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "cluster/tools/dump/packet.h"
#include "cluster/tribes/member.h"

namespace serval::tools {

/// Finds frames (FLT2002 ... TLF2003) in a stream of bytes that may begin in the middle, have holes
/// and hold anything in between. Unlike a receiver, which closes such a connection, it goes on at
/// the next frame.
///
/// Memory: the frame that is not complete yet, as far as it was captured; at most
/// tribes::kMaxFrameData.
/// Threads: one. Offsets count from the first byte of the stream.
class FrameScanner {
 public:
  /// Bytes that belong to no frame.
  struct Garbage {
    std::uint64_t offset = 0, size = 0;
    tribes::Bytes begin;      // at most kShown of them
    std::string reason;       // "no frame begins here", "a frame of 12 bytes has no end" ...
    bool after_loss = false;  // it may be the rest of a frame whose beginning was lost
  };
  /// A frame with a hole.
  struct Damaged {
    std::uint64_t offset = 0;
    std::uint64_t announced = 0;  // bytes of data
    std::uint64_t lost = 0;       // not captured, as far as known
    bool at_end = false;          // nothing was lost: the stream ended in it
    tribes::Bytes begin;          // of the data, at most kShownData
  };
  class Sink {
   public:
    virtual ~Sink() = default;
    /// `data`: what stands between the markers; valid during the call.
    virtual void frame(std::uint64_t offset, std::span<const std::uint8_t> data,
                       CaptureTime time) = 0;
    virtual void damaged(const Damaged& frame, CaptureTime time) = 0;
    virtual void garbage(const Garbage& garbage, CaptureTime time) = 0;
    /// Lost bytes outside of any frame.
    virtual void lost(std::uint64_t offset, std::uint64_t size, CaptureTime time) = 0;
  };
  static constexpr std::size_t kShown = 48, kShownData = 4096;

  explicit FrameScanner(Sink& sink) : sink_(sink) {}

  void data(std::span<const std::uint8_t> bytes, CaptureTime time);
  void lost(std::uint64_t size, CaptureTime time);
  /// The stream has ended: what is left over is a frame cut off, or garbage.
  void finish(CaptureTime time);

  /// Bytes so far, lost ones included.
  std::uint64_t offset() const { return offset_ + held(); }

 private:
  enum class Step { kNeedsMore, kWentOn };
  std::size_t held() const { return buffer_.size() - begin_; }
  std::span<const std::uint8_t> view() const { return std::span(buffer_).subspan(begin_); }
  void drop(std::size_t size);
  void run(CaptureTime time);
  Step step(CaptureTime time);
  Step take_frame(CaptureTime time);
  /// The bytes in front become garbage.
  void discard(std::size_t size, const std::string& reason);
  void flush_garbage(CaptureTime time);
  /// Data that the frame in front announces; nothing if no whole header is in front.
  bool announces(std::uint64_t& size) const;
  void break_frame(std::uint64_t announced, std::uint64_t lost, bool at_end, CaptureTime time);

  Sink& sink_;
  tribes::Bytes buffer_;  // from begin_ on
  std::size_t begin_ = 0;
  std::uint64_t offset_ = 0;  // of the byte at begin_
  std::uint64_t skip_ = 0;    // bytes left of a damaged frame
  Garbage garbage_;           // open while size > 0
  bool after_loss_ = false;   // no frame has been found since bytes were lost
};

}  // namespace serval::tools
