#include "cluster/tools/dump/connection.h"

#include <fmt/format.h>

#include "cluster/tools/text/member_text.h"
#include "cluster/tools/text/quantity.h"

namespace serval::tools {
namespace {

using Kind = Event::Kind;

/// Events kept of a connection that may be anything; the first ones tell how it began.
constexpr std::size_t kMaxKept = 16;
/// Messages that wait for an ACK; more only where ACKs are not in the capture.
constexpr std::size_t kMaxUnanswered = 100'000;

bool opened_by_receiver(const Packet& first) { return first.syn && first.has_ack; }

}  // namespace

Connection::Connection(TimelineContext& context, const Packet& first)
    : context_(context),
      ends_{Direction(*this, opened_by_receiver(first) ? first.to : first.from,
                      opened_by_receiver(first) ? first.from : first.to),
            Direction(*this, opened_by_receiver(first) ? first.from : first.to,
                      opened_by_receiver(first) ? first.to : first.from)},
      begin_(first.time) {
  if (context_.is_receiver(first.from) || context_.is_receiver(first.to)) recognise();
}

bool Connection::is_other(const Packet& packet) const {
  if (!packet.syn) return false;
  const Direction& from = ends_[packet.from == ends_[0].source() ? 0 : 1];
  return from.stream.is_open() && from.stream.first_seq() != packet.seq + 1;
}

bool Connection::is_over() const {
  const auto done = [](const Direction& end) { return end.has_closed && !end.stream.is_waiting(); };
  return is_reset_ || (done(ends_[0]) && done(ends_[1]));
}

void Connection::packet(const Packet& packet) {
  const bool from_first = packet.from == ends_[0].source();
  Direction& from = ends_[from_first ? 0 : 1];
  Direction& to = ends_[from_first ? 1 : 0];
  if (packet.syn) {
    const bool fresh = !from.stream.is_open();
    from.stream.opened(packet.seq);
    if (fresh && !packet.has_ack) tell({packet.time, packet.from, packet.to, Kind::kOpens, ""});
  }
  if (!packet.payload.empty() || packet.missing > 0) {
    has_data_ = true;
    from.stream.segment(packet.seq + (packet.syn ? 1 : 0), packet.payload, packet.missing,
                        packet.time);
  }
  if (packet.has_ack) to.stream.acknowledged(packet.ack, packet.time);
  if (packet.fin || packet.rst) note_end(packet, from);
}

void Connection::note_end(const Packet& packet, Direction& from) {
  const auto after = [&] { return "after " + duration_text(packet.time - begin_); };
  if (packet.rst) {
    if (is_reset_) return;
    is_reset_ = true;
    const bool refused = !has_data_ && !from.stream.is_open();
    tell({packet.time,
          packet.from,
          packet.to,
          refused ? Kind::kRefused : Kind::kReset,
          after(),
          {}});
    return;
  }
  const auto size = static_cast<std::uint32_t>(packet.payload.size() + packet.missing);
  from.stream.segment(packet.seq + size, {}, 0, packet.time);
  if (from.has_closed) return;
  from.has_closed = true;
  const bool first = !ends_[0].has_closed || !ends_[1].has_closed;
  if (first) tell({packet.time, packet.from, packet.to, Kind::kCloses, after()});
}

void Connection::finish(CaptureTime time) {
  for (Direction& end : ends_) {
    end.stream.finish(time);
    end.scanner.finish(time);
    if (!has_gaps_) context_.figures.unanswered += end.unanswered.size();
  }
  if (!is_tribes_) ++context_.figures.other_connections;
}

void Connection::recognise() {
  if (is_tribes_) return;
  is_tribes_ = true;
  ++context_.figures.connections;
  for (Event& event : std::exchange(kept_, {})) tell(std::move(event));
}

void Connection::tell(Event event) {
  if (!is_tribes_) {
    if (kept_.size() < kMaxKept) kept_.push_back(std::move(event));
    return;
  }
  Figures& figures = context_.figures;
  if (event.kind == Kind::kDamaged) ++figures.damaged;
  if (event.kind == Kind::kGarbage) {
    ++figures.garbage;
    figures.garbage_bytes += event.bytes;
  } else if (event.kind == Kind::kLost) {
    ++figures.lost;
    figures.lost_bytes += event.bytes;
  }
  context_.sink(event);
}

// --- one direction --------------------------------------------------------------------------

Connection::Direction& Connection::Direction::other() const {
  return connection_.ends_[this == &connection_.ends_[0] ? 1 : 0];
}

void Connection::Direction::tell(Kind kind, CaptureTime time, std::string text,
                                 std::vector<std::string> details, std::uint64_t bytes) {
  connection_.tell({time, from_, to_, kind, std::move(text), std::move(details), bytes});
}

void Connection::Direction::data(std::span<const std::uint8_t> bytes, CaptureTime time) {
  scanner.data(bytes, time);
}

void Connection::Direction::lost(std::uint64_t size, CaptureTime time) { scanner.lost(size, time); }

void Connection::Direction::frame(std::uint64_t /*offset*/, std::span<const std::uint8_t> data,
                                  CaptureTime time) {
  connection_.recognise();
  TimelineContext& context = connection_.context_;
  FrameEvent event = frame_event(data, members_, context.limit);
  if (event.kind == Kind::kAck || event.kind == Kind::kFailAck) return ack(event.kind, time);
  if (event.sender) {
    context.note(context.receivers, to_);
    if (const auto listens = endpoint_of(*event.sender)) context.note(context.receivers, *listens);
    ++(event.kind == Kind::kProbe ? context.figures.probes : context.figures.messages);
    if (event.kind == Kind::kMessage) context.figures.message_bytes += event.content_size;
  }
  expect_ack(event, time);
  tell(event.kind, time, std::move(event.text), std::move(event.details), data.size());
}

void Connection::Direction::expect_ack(const FrameEvent& event, CaptureTime time) {
  if (!event.wants_ack) return;
  unanswered.push_back({*event.wants_ack, time});
  if (unanswered.size() <= kMaxUnanswered) return;
  unanswered.pop_front();
  ++connection_.context_.figures.unanswered;
}

void Connection::Direction::ack(Kind kind, CaptureTime time) {
  Figures& figures = connection_.context_.figures;
  ++(kind == Kind::kAck ? figures.acks : figures.fail_acks);
  auto& waiting = other().unanswered;
  if (connection_.has_gaps_) return tell(kind, time, "");
  if (waiting.empty()) return tell(kind, time, "of a message that is not in the capture");
  const Unanswered answered = waiting.front();
  waiting.pop_front();
  tell(kind, time,
       fmt::format("id {}  after {}", short_id(answered.id), duration_text(time - answered.time)));
}

void Connection::Direction::damaged(const FrameScanner::Damaged& frame, CaptureTime time) {
  connection_.recognise();
  FrameEvent event = damaged_event(frame);
  if (!frame.at_end) connection_.has_gaps_ = true;
  tell(event.kind, time, std::move(event.text));
}

void Connection::Direction::garbage(const FrameScanner::Garbage& garbage, CaptureTime time) {
  const bool at_begin = garbage.offset == 0 && !stream.saw_syn();
  if (at_begin || garbage.after_loss) {
    connection_.has_gaps_ = true;
    return tell(
        Kind::kLost, time,
        fmt::format("{} at offset {} belong to a frame whose beginning is not in the capture",
                    size_text(garbage.size), garbage.offset),
        {}, garbage.size);
  }
  tell(Kind::kGarbage, time, garbage_text(garbage), {}, garbage.size);
}

void Connection::Direction::lost(std::uint64_t offset, std::uint64_t size, CaptureTime time) {
  connection_.has_gaps_ = true;
  tell(Kind::kLost, time,
       fmt::format("{} at offset {} are not in the capture", size_text(size), offset), {}, size);
}

}  // namespace serval::tools
