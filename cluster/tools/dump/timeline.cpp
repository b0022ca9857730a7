#include "cluster/tools/dump/timeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/tools/text/member_text.h"
#include "cluster/tools/text/printable.h"
#include "cluster/tools/text/quantity.h"
#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/serval_peer.h"
#include "cluster/tribes/transport/frame_codec.h"

namespace serval::tools {
namespace {

using Kind = Event::Kind;
using tribes::Member;

/// Tomcat's dropTime: a member that is silent for longer is taken for dead.
constexpr std::chrono::seconds kSilence{3};

/// The payload without what a Serval node changes in it all the time.
tribes::Bytes lasting_payload(const Member& member) {
  auto serval = tribes::ServalPayload::read(member.payload);
  if (!serval) return member.payload;
  serval->view = 0;
  serval->settled = false;
  return serval->bytes();
}

bool says_the_same(const Member& a, const Member& b) {
  return a == b && a.domain == b.domain && a.command == b.command &&
         a.secure_port == b.secure_port && a.udp_port == b.udp_port &&
         lasting_payload(a) == lasting_payload(b);
}

bool begins_a_frame(std::span<const std::uint8_t> bytes) {
  const std::size_t size = tribes::kFrameStart.size();
  return bytes.size() >= size && are(bytes.first(size), tribes::kFrameStart);
}

/// The frames of one datagram.
class DatagramFrames final : public FrameScanner::Sink {
 public:
  DatagramFrames(TimelineContext& context, const Packet& packet)
      : context_(context), packet_(packet) {
    FrameScanner scanner(*this);
    scanner.data(packet.payload, packet.time);
    if (packet.missing > 0) scanner.lost(packet.missing, packet.time);
    scanner.finish(packet.time);
  }

 private:
  void frame(std::uint64_t, std::span<const std::uint8_t> data, CaptureTime) override {
    tribes::MemberCache members;
    FrameEvent event = frame_event(data, members, context_.limit);
    if (event.kind == Kind::kMessage) {
      event.kind = Kind::kBroadcast;
      ++context_.figures.broadcasts;
    }
    if (event.kind == Kind::kGarbage) count_garbage(data.size());
    tell(event.kind, std::move(event.text), std::move(event.details));
  }
  void damaged(const FrameScanner::Damaged& frame, CaptureTime) override {
    ++context_.figures.damaged;
    tell(Kind::kDamaged, damaged_event(frame).text);
  }
  void garbage(const FrameScanner::Garbage& garbage, CaptureTime) override {
    count_garbage(garbage.size);
    tell(Kind::kGarbage, garbage_text(garbage));
  }
  void lost(std::uint64_t offset, std::uint64_t size, CaptureTime) override {
    ++context_.figures.lost;
    context_.figures.lost_bytes += size;
    tell(Kind::kLost, fmt::format("{} at offset {} of a datagram are not in the capture",
                                  size_text(size), offset));
  }
  void count_garbage(std::uint64_t size) {
    ++context_.figures.garbage;
    context_.figures.garbage_bytes += size;
  }
  void tell(Kind kind, std::string text, std::vector<std::string> details = {}) {
    context_.sink(
        {packet_.time, packet_.from, packet_.to, kind, std::move(text), std::move(details)});
  }
  TimelineContext& context_;
  const Packet& packet_;
};

}  // namespace

void Timeline::packet(LinkType link, CaptureTime time, std::span<const std::uint8_t> bytes,
                      std::size_t wire_size) {
  Figures& figures = context_.figures;
  if (figures.packets++ == 0) figures.first = time;
  figures.last = std::max(figures.last, time);
  figures.bytes += wire_size;
  const Decoded decoded = decode_packet(link, time, bytes, wire_size);
  if (!decoded.packet) return note_ignored(decoded.ignored);
  if (decoded.packet->is_tcp) {
    segment(*decoded.packet);
  } else {
    datagram(*decoded.packet);
  }
}

void Timeline::note_ignored(Ignored why) {
  Figures& figures = context_.figures;
  switch (why) {
    case Ignored::kNotIp:
      ++figures.not_ip;
      break;
    case Ignored::kOtherProtocol:
      ++figures.other_protocol;
      break;
    case Ignored::kFragment:
      ++figures.fragments;
      break;
    case Ignored::kBroken:
      ++figures.broken;
      break;
  }
}

void Timeline::tell(const Packet& packet, Kind kind, std::string text,
                    std::vector<std::string> details) {
  context_.sink({packet.time, packet.from, packet.to, kind, std::move(text), std::move(details)});
}

void Timeline::segment(const Packet& packet) {
  const Ends ends = std::minmax(packet.from, packet.to);
  auto known = by_ends_.find(ends);
  if (known != by_ends_.end() && known->second->connection.is_other(packet)) {
    end_connection(known->second);
    known = by_ends_.end();
  }
  if (known == by_ends_.end()) {
    // The last packets of a connection that is over, or that began before the capture.
    if (!packet.syn && packet.payload.empty() && packet.missing == 0) return;
    connections_.emplace_back(ends, context_, packet);
    known = by_ends_.insert_or_assign(ends, std::prev(connections_.end())).first;
    if (connections_.size() > context_.max_connections) end_connection(connections_.begin());
  }
  const auto entry = known->second;
  connections_.splice(connections_.end(), connections_, entry);
  entry->connection.packet(packet);
  if (entry->connection.is_over()) end_connection(entry);
}

void Timeline::end_connection(std::list<Entry>::iterator entry) {
  entry->connection.finish(context_.figures.last);
  by_ends_.erase(entry->ends);
  connections_.erase(entry);
}

void Timeline::datagram(const Packet& packet) {
  if (tribes::is_member_record(packet.payload)) return heartbeat(packet);
  if (begins_a_frame(packet.payload) || context_.groups.contains(packet.to)) {
    DatagramFrames(context_, packet);
  } else {
    ++context_.figures.other_datagrams;
  }
}

void Timeline::heartbeat(const Packet& packet) {
  const auto member = tribes::decode_member(packet.payload);
  if (!member) {
    ++context_.figures.garbage;
    context_.figures.garbage_bytes += packet.payload.size();
    return tell(packet, Kind::kGarbage,
                fmt::format("{}: {}", member.error().message, bytes_text(packet.payload, 48)));
  }
  context_.note(context_.groups, packet.to);
  if (const auto listens = endpoint_of(*member)) context_.note(context_.receivers, *listens);
  const bool leaves = member->is_shutdown();
  ++(leaves ? context_.figures.goodbyes : context_.figures.heartbeats);
  const std::string news = what_is_new(*member, packet.time);
  if (news.empty() && !context_.all_heartbeats) return;
  tell(packet, leaves ? Kind::kGoodbye : Kind::kHeartbeat,
       member->address_text() + "  " + member_facts(*member) + (leaves ? "" : news),
       {"id       " + hex(member->id)});
}

std::string Timeline::what_is_new(const Member& member, CaptureTime time) {
  if (members_.size() >= kMaxMembers && !members_.contains(member.id)) return " ";
  SeenMember& seen = members_[member.id];
  const SeenMember before = seen;
  seen.member = member;
  seen.last = time;
  seen.left = member.is_shutdown();
  if (!seen.left) ++seen.heartbeats;
  if (before.heartbeats == 0 && !before.left) {
    seen.first = time;
    return "  (first)";
  }
  if (seen.left != before.left) return seen.left ? "  (leaves)" : "  (is back)";
  if (time - before.last > kSilence) return "  (after " + duration_text(time - before.last) + ")";
  return says_the_same(before.member, member) ? "" : "  (changed)";
}

void Timeline::finish() {
  while (!connections_.empty()) end_connection(connections_.begin());
}

std::vector<SeenMember> Timeline::members() const {
  std::vector<SeenMember> all;
  for (const auto& [id, seen] : members_) all.push_back(seen);
  std::ranges::stable_sort(all, {}, &SeenMember::first);
  return all;
}

}  // namespace serval::tools
