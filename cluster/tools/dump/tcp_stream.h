// cluster/tools/dump/tcp_stream.h
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>

#include "cluster/tools/dump/packet.h"
#include "cluster/tribes/member.h"

namespace serval::tools {

/// Puts the segments of one direction of a connection into the order of their sender: what comes
/// twice is dropped, what comes early waits, what never comes is reported as lost.
///
/// Bytes are lost for good when capturing cut them off; when the other side has acknowledged them
/// and they have not come within a second; when more than 4 MiB wait behind them; at the end.
///
/// Memory: at most kMaxHeld bytes wait.
/// Threads: one.
class TcpStream {
 public:
  static constexpr std::size_t kMaxHeld = 4 << 20;
  static constexpr std::size_t kMaxPieces = 4096;

  /// Gets the bytes in order. Sizes of lost bytes come from sequence numbers: they may be anything.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void data(std::span<const std::uint8_t> bytes, CaptureTime time) = 0;
    virtual void lost(std::uint64_t size, CaptureTime time) = 0;
  };
  explicit TcpStream(Sink& sink) : sink_(sink) {}

  /// The SYN was seen: its number is the one before the first byte. Only before any segment.
  void opened(std::uint32_t syn_seq);
  /// Without a SYN the first segment begins the stream. A FIN without bytes tells its place.
  void segment(std::uint32_t seq, std::span<const std::uint8_t> bytes, std::size_t missing,
               CaptureTime time);
  /// The other side has everything before `ack`.
  void acknowledged(std::uint32_t ack, CaptureTime time);
  /// Nothing more will come.
  void finish(CaptureTime time);

  bool is_open() const { return first_seq_.has_value(); }
  /// The number of a SYN or of the first byte.
  std::uint32_t first_seq() const { return first_seq_.value_or(0); }
  bool saw_syn() const { return saw_syn_; }
  /// Something has come before what stands in front of it.
  bool is_waiting() const { return !pieces_.empty(); }
  std::uint64_t duplicate_bytes() const { return duplicate_bytes_; }

 private:
  struct Piece {
    tribes::Bytes bytes;
    std::size_t missing = 0;  // behind the bytes
    std::uint64_t size() const { return bytes.size() + missing; }
  };
  std::int64_t offset_of(std::uint32_t seq) const;
  void hold(std::uint64_t offset, std::span<const std::uint8_t> bytes, std::size_t missing,
            CaptureTime time);
  /// Hands on a piece that begins at or before the next byte.
  void deliver(std::uint64_t offset, std::span<const std::uint8_t> bytes, std::size_t missing,
               CaptureTime time);
  void drain(CaptureTime time);
  void skip_hole(CaptureTime time);
  void skip_old_hole(CaptureTime time);

  Sink& sink_;
  std::optional<std::uint32_t> first_seq_;
  bool saw_syn_ = false;
  std::uint64_t next_ = 0;                 // offset of the next byte to hand on
  std::int64_t acknowledged_ = 0;          // offset
  std::map<std::uint64_t, Piece> pieces_;  // what waits, by offset
  std::size_t held_ = 0;                   // bytes in pieces_
  CaptureTime hole_since_{};               // when the first piece came that waits now
  std::uint64_t duplicate_bytes_ = 0;
};

}  // namespace serval::tools
