#include "cluster/tools/dump/frame_scanner.h"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/tools/text/printable.h"
#include "cluster/tribes/fields.h"
#include "cluster/tribes/transport/frame_codec.h"

namespace serval::tools {
namespace {

using tribes::kFrameEnd;
using tribes::kFrameHeader;
using tribes::kFrameOverhead;
using tribes::kFrameStart;
using View = std::span<const std::uint8_t>;

/// Where the marker, or at the end of the bytes a part of it, begins.
std::size_t find_start(View bytes) {
  for (auto it = bytes.begin(); it != bytes.end(); ++it) {
    it = std::find(it, bytes.end(), std::uint8_t(kFrameStart.front()));
    const auto rest =
        std::min<std::size_t>(kFrameStart.size(), static_cast<std::size_t>(bytes.end() - it));
    if (are({it, it + static_cast<std::ptrdiff_t>(rest)}, kFrameStart.substr(0, rest)))
      return static_cast<std::size_t>(it - bytes.begin());
    if (it == bytes.end()) break;
  }
  return bytes.size();
}

}  // namespace

void FrameScanner::drop(std::size_t size) {
  begin_ += size;
  offset_ += size;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  } else if (begin_ > buffer_.size() / 2) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
}

void FrameScanner::data(View bytes, CaptureTime time) {
  if (skip_ > 0) {
    const auto skipped = std::min<std::uint64_t>(skip_, bytes.size());
    bytes = bytes.subspan(static_cast<std::size_t>(skipped));
    skip_ -= skipped;
    offset_ += skipped;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  run(time);
}

void FrameScanner::run(CaptureTime time) {
  while (held() > 0 && step(time) == Step::kWentOn) {
  }
}

FrameScanner::Step FrameScanner::step(CaptureTime time) {
  const std::size_t start = find_start(view());
  if (start > 0) {
    discard(start, "no frame begins here");
    return Step::kWentOn;
  }
  std::uint64_t size = 0;
  if (!announces(size)) return Step::kNeedsMore;
  if (size > tribes::kMaxFrameData) {
    discard(kFrameStart.size(),
            fmt::format("a frame announces {} bytes, the limit is {}",
                        static_cast<std::int32_t>(size), tribes::kMaxFrameData));
    return Step::kWentOn;
  }
  return held() < size + kFrameOverhead ? Step::kNeedsMore : take_frame(time);
}

bool FrameScanner::announces(std::uint64_t& size) const {
  if (held() < kFrameHeader || !are(view().first(kFrameStart.size()), kFrameStart)) return false;
  size = tribes::FieldReader(view().subspan(kFrameStart.size())).integer<std::uint32_t>();
  return true;
}

FrameScanner::Step FrameScanner::take_frame(CaptureTime time) {
  std::uint64_t announced = 0;
  announces(announced);
  const auto size = static_cast<std::size_t>(announced);
  if (!are(view().subspan(kFrameHeader + size, kFrameEnd.size()), kFrameEnd)) {
    discard(kFrameStart.size(), fmt::format("a frame of {} bytes does not end with TLF2003", size));
    return Step::kWentOn;
  }
  flush_garbage(time);
  after_loss_ = false;
  sink_.frame(offset_, view().subspan(kFrameHeader, size), time);
  drop(size + kFrameOverhead);
  return Step::kWentOn;
}

void FrameScanner::discard(std::size_t size, const std::string& reason) {
  if (garbage_.size == 0) garbage_ = {offset_, 0, {}, reason, after_loss_};
  const auto room = std::min(size, kShown - garbage_.begin.size());
  const View shown = view().first(room);
  garbage_.begin.insert(garbage_.begin.end(), shown.begin(), shown.end());
  garbage_.size += size;
  drop(size);
}

void FrameScanner::flush_garbage(CaptureTime time) {
  if (garbage_.size == 0) return;
  const Garbage whole = std::exchange(garbage_, {});
  sink_.garbage(whole, time);
}

void FrameScanner::break_frame(std::uint64_t announced, std::uint64_t lost, bool at_end,
                               CaptureTime time) {
  flush_garbage(time);
  const View begin = view().subspan(kFrameHeader);
  const auto shown = begin.first(std::min(begin.size(), kShownData));
  sink_.damaged({offset_, announced, lost, at_end, {shown.begin(), shown.end()}}, time);
  drop(held());
}

void FrameScanner::lost(std::uint64_t size, CaptureTime time) {
  if (skip_ > 0) {
    const std::uint64_t skipped = std::min(skip_, size);
    skip_ -= skipped;
    offset_ += skipped;
    size -= skipped;
    if (size == 0) return;
  }
  std::uint64_t announced = 0;
  if (held() > 0 && announces(announced) && announced <= tribes::kMaxFrameData) {
    const std::uint64_t left = announced + kFrameOverhead - held();
    const std::uint64_t in_frame = std::min(left, size);
    break_frame(announced, in_frame, false, time);
    offset_ += in_frame;
    skip_ = left - in_frame;
    size -= in_frame;
    if (size == 0) return;
  }
  if (held() > 0) discard(held(), "a frame's first bytes");
  flush_garbage(time);
  after_loss_ = true;
  sink_.lost(offset_, size, time);
  offset_ += size;
}

void FrameScanner::finish(CaptureTime time) {
  std::uint64_t announced = 0;
  if (held() > 0 && announces(announced)) {
    break_frame(announced, announced + kFrameOverhead - held(), true, time);
  } else if (held() > 0) {
    discard(held(), "a frame's first bytes");
  }
  flush_garbage(time);
}

}  // namespace serval::tools
