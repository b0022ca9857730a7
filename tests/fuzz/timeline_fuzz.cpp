// What a capture may hold: packets of any link type as they are, or the bytes of a connection cut
// into segments that are lost, doubled, reordered and cut off.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cluster/tools/dump/event_text.h"
#include "cluster/tools/dump/timeline.h"
#include "cluster/tribes/fields.h"
#include "container/base/error.h"

namespace serval::tools {
namespace {

using tribes::Bytes;
using View = std::span<const std::uint8_t>;

/// Takes numbers and bytes off the front of the input; zeros when there is nothing left.
class Input {
 public:
  explicit Input(View bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() { return rest_.empty() ? std::uint8_t{0} : take(1)[0]; }
  std::size_t word() { return static_cast<std::size_t>(byte()) << 8 | byte(); }
  View take(std::size_t size) {
    const View taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  View rest_;
};

constexpr LinkType kLinks[] = {LinkType::kNull, LinkType::kEthernet,    LinkType::kRaw,
                               LinkType::kLoop, LinkType::kLinuxCooked, LinkType::kLinuxCooked2,
                               LinkType::kIpv4, LinkType::kIpv6};

void packets(Input& input, Timeline& timeline, CaptureTime time) {
  const LinkType link = kLinks[input.byte() % std::size(kLinks)];
  while (!input.empty()) {
    time += std::chrono::milliseconds(input.byte());
    const std::size_t cut_off = input.byte();
    const View bytes = input.take(input.word());
    timeline.packet(link, time, bytes, bytes.size() + cut_off);
  }
}

/// A segment of the connection 1.1.1.1:1 > 2.2.2.2:2, or back.
Bytes segment(bool back, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags, View payload) {
  Bytes out{0x45, 0};
  tribes::append_big_endian(out, static_cast<std::uint16_t>(40 + payload.size()));
  const std::uint8_t from = back ? 2 : 1, to = back ? 1 : 2;
  out.insert(out.end(),
             {0, 0, 0x40, 0, 64, 6, 0, 0, from, from, from, from, to, to, to, to, 0, from, 0, to});
  tribes::append_big_endian(out, seq);
  tribes::append_big_endian(out, ack);
  out.insert(out.end(), {0x50, flags, 0, 0, 0, 0, 0, 0});
  tribes::append_bytes(out, payload);
  return out;
}

/// Each step: where the segment begins beside where the one before ended, how long it is, and what
/// else happens to it.
void connection(Input& input, Timeline& timeline, CaptureTime time) {
  std::uint32_t next[2] = {0xFFFFFF00, 1};
  while (!input.empty()) {
    const std::uint8_t what = input.byte();
    const bool back = (what & 1) != 0;
    const std::uint8_t flags = (what & 2) != 0 ? 0x10 : input.byte();
    const auto shift = (what & 4) != 0 ? static_cast<std::int8_t>(input.byte()) : std::int8_t{0};
    const View payload = input.take(input.word() % 2048);
    const std::size_t cut_off =
        (what & 8) != 0 ? std::min<std::size_t>(input.byte(), payload.size()) : 0;
    time += std::chrono::milliseconds((what & 16) != 0 ? 700 : 1);
    const std::uint32_t seq =
        next[back] + static_cast<std::uint32_t>(static_cast<std::int32_t>(shift));
    const Bytes bytes = segment(back, seq, next[!back], flags, payload);
    next[back] = seq + static_cast<std::uint32_t>(payload.size());
    timeline.packet(LinkType::kRaw, time, View(bytes).first(bytes.size() - cut_off), bytes.size());
  }
}

void fuzz(View bytes) {
  Input input(bytes);
  const Console console(-1);
  EventText lines(console, true);
  TimelineContext context;
  context.all_heartbeats = true;
  context.ports = {2};
  context.sink = [&](const Event& event) {
    const std::string text = lines.of(event);
    const bool printable = std::ranges::all_of(
        text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\n'; });
    SERVAL_ASSERT(printable, "nothing of a capture reaches the terminal as a control character");
    SERVAL_ASSERT(text.size() < 20'000, "a line is a line");
  };
  Timeline timeline(std::move(context));
  const CaptureTime begin = std::chrono::seconds(1'795'000'000);
  if (input.byte() % 2 == 0) {
    packets(input, timeline, begin);
  } else {
    connection(input, timeline, begin);
  }
  timeline.finish();
  SERVAL_ASSERT(!summary_text(timeline).empty(), "there is a summary");
}

}  // namespace
}  // namespace serval::tools

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  serval::tools::fuzz({data, size});
  return 0;
}
