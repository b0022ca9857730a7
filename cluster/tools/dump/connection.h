// cluster/tools/dump/connection.h
#pragma once
#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "cluster/tools/dump/event.h"
#include "cluster/tools/dump/frame_event.h"
#include "cluster/tools/dump/frame_scanner.h"
#include "cluster/tools/dump/tcp_stream.h"

namespace serval::tools {

/// One TCP connection of a capture: frames in both directions, each ACK put to the message that it
/// answers.
///
/// A connection is Tribes when it goes to where a member listens, or when a frame is found in it;
/// until then its events are kept. One that never turns out to be Tribes has no events.
///
/// Threads: one. The context must outlive it.
class Connection {
 public:
  /// `first`: its first packet in the capture, which is not handled yet.
  Connection(TimelineContext& context, const Packet& first);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void packet(const Packet& packet);
  /// Nothing more comes: reports what is left.
  void finish(CaptureTime time);

  /// True for a packet that opens a later connection between the same ends.
  bool is_other(const Packet& packet) const;
  /// Both ends have closed it and nothing is missing.
  bool is_over() const;

 private:
  /// The bytes of one end.
  class Direction final : public TcpStream::Sink, public FrameScanner::Sink {
   public:
    Direction(Connection& connection, const Endpoint& from, const Endpoint& to)
        : stream(*this), scanner(*this), connection_(connection), from_(from), to_(to) {}
    Direction(const Direction&) = delete;
    Direction& operator=(const Direction&) = delete;

    struct Unanswered {
      tribes::UniqueId id;
      CaptureTime time;
    };
    const Endpoint& source() const { return from_; }

    TcpStream stream;
    FrameScanner scanner;
    std::deque<Unanswered> unanswered;  // messages of this end, in their order
    bool has_closed = false;

   private:
    void data(std::span<const std::uint8_t> bytes, CaptureTime time) override;
    void lost(std::uint64_t size, CaptureTime time) override;
    void frame(std::uint64_t offset, std::span<const std::uint8_t> data, CaptureTime time) override;
    void damaged(const FrameScanner::Damaged& frame, CaptureTime time) override;
    void garbage(const FrameScanner::Garbage& garbage, CaptureTime time) override;
    void lost(std::uint64_t offset, std::uint64_t size, CaptureTime time) override;

    void ack(Event::Kind kind, CaptureTime time);
    void expect_ack(const FrameEvent& event, CaptureTime time);
    void tell(Event::Kind kind, CaptureTime time, std::string text,
              std::vector<std::string> details = {}, std::uint64_t bytes = 0);
    Direction& other() const;

    Connection& connection_;
    const Endpoint from_, to_;
    tribes::MemberCache members_;
  };

  void recognise();
  void tell(Event event);
  void note_end(const Packet& packet, Direction& from);

  TimelineContext& context_;
  std::array<Direction, 2> ends_;  // the one that opened it first, as far as known
  bool is_tribes_ = false;
  bool is_reset_ = false;
  bool has_data_ = false;
  bool has_gaps_ = false;  // so nobody knows which message an ACK answers
  CaptureTime begin_;
  std::vector<Event> kept_;  // until it is known to be Tribes
};

}  // namespace serval::tools
