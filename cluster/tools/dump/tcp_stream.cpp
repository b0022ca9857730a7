#include "cluster/tools/dump/tcp_stream.h"

#include <algorithm>

namespace serval::tools {
namespace {
/// What a segment that others have overtaken in the capture may be late.
constexpr std::chrono::seconds kLate{1};
}  // namespace

void TcpStream::opened(std::uint32_t syn_seq) {
  if (first_seq_) return;
  first_seq_ = syn_seq + 1;
  saw_syn_ = true;
}

/// Numbers wrap around: the offset is the one nearest to the next byte.
std::int64_t TcpStream::offset_of(std::uint32_t seq) const {
  const std::uint32_t expected = *first_seq_ + static_cast<std::uint32_t>(next_);
  return static_cast<std::int64_t>(next_) + static_cast<std::int32_t>(seq - expected);
}

void TcpStream::segment(std::uint32_t seq, std::span<const std::uint8_t> bytes, std::size_t missing,
                        CaptureTime time) {
  if (!first_seq_) first_seq_ = seq;
  skip_old_hole(time);
  std::int64_t offset = offset_of(seq);
  const std::int64_t end = offset + static_cast<std::int64_t>(bytes.size() + missing);
  if (end <= static_cast<std::int64_t>(next_)) {
    duplicate_bytes_ += bytes.size();
    return;
  }
  if (offset < 0) {  // before the first segment that was captured
    const auto early = std::min(static_cast<std::size_t>(-offset), bytes.size());
    bytes = bytes.subspan(early);
    offset += static_cast<std::int64_t>(early);
    if (offset < 0) return;
  }
  const auto begin = static_cast<std::uint64_t>(offset);
  if (begin > next_) return hold(begin, bytes, missing, time);
  deliver(begin, bytes, missing, time);
  drain(time);
}

void TcpStream::hold(std::uint64_t offset, std::span<const std::uint8_t> bytes, std::size_t missing,
                     CaptureTime time) {
  if (pieces_.empty()) hole_since_ = time;
  Piece& piece = pieces_[offset];
  if (piece.size() > 0 && piece.bytes.size() >= bytes.size()) {
    duplicate_bytes_ += bytes.size();
  } else {
    duplicate_bytes_ += piece.bytes.size();
    held_ += bytes.size() - piece.bytes.size();
    piece.bytes.assign(bytes.begin(), bytes.end());
    piece.missing = missing;
  }
  while (held_ > kMaxHeld || pieces_.size() > kMaxPieces) skip_hole(time);
}

void TcpStream::deliver(std::uint64_t offset, std::span<const std::uint8_t> bytes,
                        std::size_t missing, CaptureTime time) {
  const std::uint64_t end = offset + bytes.size() + missing;
  const auto known = std::min<std::uint64_t>(next_ - offset, bytes.size());
  duplicate_bytes_ += known;
  const auto fresh = bytes.subspan(static_cast<std::size_t>(known));
  if (!fresh.empty()) {
    next_ += fresh.size();
    sink_.data(fresh, time);
  }
  if (end > next_) {
    const std::uint64_t lost = end - next_;
    next_ = end;
    sink_.lost(lost, time);
  }
}

void TcpStream::drain(CaptureTime time) {
  while (!pieces_.empty() && pieces_.begin()->first <= next_) {
    const auto node = pieces_.extract(pieces_.begin());
    const Piece& piece = node.mapped();
    held_ -= piece.bytes.size();
    if (node.key() + piece.size() > next_) {
      deliver(node.key(), piece.bytes, piece.missing, time);
    } else {
      duplicate_bytes_ += piece.bytes.size();
    }
  }
  hole_since_ = time;
}

void TcpStream::skip_hole(CaptureTime time) {
  if (pieces_.empty()) return;
  const std::uint64_t lost = pieces_.begin()->first - next_;
  next_ += lost;
  sink_.lost(lost, time);
  drain(time);
}

void TcpStream::skip_old_hole(CaptureTime time) {
  if (pieces_.empty() || time - hole_since_ < kLate) return;
  if (acknowledged_ > static_cast<std::int64_t>(next_)) skip_hole(time);
}

void TcpStream::acknowledged(std::uint32_t ack, CaptureTime time) {
  if (!first_seq_) return;
  acknowledged_ = std::max(acknowledged_, offset_of(ack));
  skip_old_hole(time);
}

void TcpStream::finish(CaptureTime time) {
  while (!pieces_.empty()) skip_hole(time);
}

}  // namespace serval::tools
