// cluster/tools/dump/timeline.h
#pragma once
#include <list>
#include <map>
#include <optional>
#include <utility>

#include "cluster/tools/dump/connection.h"
#include "cluster/tools/dump/event.h"
#include "cluster/tribes/member.h"

namespace serval::tools {

/// A member of which heartbeats were captured.
struct SeenMember {
  tribes::Member member;  // as it was heard last
  CaptureTime first{}, last{};
  std::uint64_t heartbeats = 0;
  bool left = false;
};

/// What happened on the network, told packet by packet. Events come in the order of the capture;
/// those of a connection that only turns out to be Tribes later come then, with their own time.
///
/// Of a member's heartbeats only those that say something new are events, unless all are wanted:
/// the first, one after a silence of three seconds, a changed record, the goodbye.
///
/// Errors: none; whatever is in the packets. Memory: bounded for each connection and datagram, and
/// so is their number. Threads: one.
class Timeline {
 public:
  static constexpr std::size_t kMaxMembers = 10'000;

  /// Takes the settings and the sink of the context; the rest of it is filled here.
  explicit Timeline(TimelineContext context) : context_(std::move(context)) {}

  void packet(LinkType link, CaptureTime time, std::span<const std::uint8_t> bytes,
              std::size_t wire_size);
  /// The capture is over.
  void finish();

  const Figures& figures() const { return context_.figures; }
  /// In the order in which they were heard first.
  std::vector<SeenMember> members() const;

 private:
  using Ends = std::pair<Endpoint, Endpoint>;  // the smaller one first
  struct Entry {
    Ends ends;
    Connection connection;
    Entry(const Ends& e, TimelineContext& context, const Packet& first)
        : ends(e), connection(context, first) {}
  };
  void segment(const Packet& packet);
  void end_connection(std::list<Entry>::iterator entry);
  void datagram(const Packet& packet);
  void heartbeat(const Packet& packet);
  /// Notes the record; what it says that the one before did not, or nothing.
  std::string what_is_new(const tribes::Member& member, CaptureTime time);
  void note_ignored(Ignored why);
  void tell(const Packet& packet, Event::Kind kind, std::string text,
            std::vector<std::string> details = {});

  TimelineContext context_;
  std::list<Entry> connections_;  // used last stands last
  std::map<Ends, std::list<Entry>::iterator> by_ends_;
  std::map<tribes::UniqueId, SeenMember> members_;
};

}  // namespace serval::tools
