#include "cluster/tools/dump/event_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cluster/tools/text/member_text.h"
#include "cluster/tools/text/printable.h"
#include "cluster/tools/text/quantity.h"

namespace serval::tools {
namespace {

using Kind = Event::Kind;

Look look_of(Kind kind) {
  switch (kind) {
    case Kind::kMessage:
    case Kind::kBroadcast:
      return Look::kBold;
    case Kind::kFailAck:
    case Kind::kGarbage:
    case Kind::kDamaged:
    case Kind::kLost:
    case Kind::kRefused:
    case Kind::kReset:
      return Look::kBad;
    case Kind::kGoodbye:
    case Kind::kHeartbeat:
      return Look::kNote;
    default:
      return Look::kDim;
  }
}

/// "3 garbage (1.2 KiB)" for what is there, joined by commas.
class List {
 public:
  void add(std::uint64_t count, const char* one, const std::string& more = "") {
    if (count == 0) return;
    text_ += (text_.empty() ? "" : ", ") + count_text(count, one) + more;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string line(const char* title, const std::string& text) {
  return text.empty() ? "" : fmt::format("{:<12}{}\n", title, text);
}

std::string in_brackets(std::uint64_t bytes) { return " (" + size_text(bytes) + ")"; }

}  // namespace

const char* name_of(Event::Kind kind) {
  static constexpr std::array kNames{"opens",   "refused", "closes",   "reset",     "message",
                                     "probe",   "ack",     "fail-ack", "broadcast", "heartbeat",
                                     "goodbye", "garbage", "damaged",  "lost"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string EventText::of(const Event& event) {
  const std::string from = event.from.text(), to = event.to.text();
  from_width_ = std::max(from_width_, from.size());
  to_width_ = std::max(to_width_, to.size());
  std::string text = console_.styled(Look::kDim, time_text(event.time));
  text += "  " + right(from, from_width_) + " > " + left(to, to_width_) + "  ";
  text += console_.styled(look_of(event.kind),
                          event.text.empty() ? name_of(event.kind) : left(name_of(event.kind), 9));
  if (!event.text.empty()) text += "  " + event.text;
  text += '\n';
  if (!details_) return text;
  for (const std::string& detail : event.details)
    text += "                 " + console_.styled(Look::kDim, detail) + "\n";
  return text;
}

std::string summary_text(const Timeline& timeline) {
  const Figures& f = timeline.figures();
  if (f.packets == 0) return "The capture holds no packet.\n";
  std::string text =
      line("capture",
           fmt::format("{}{}, {} to {}", count_text(f.packets, "packet"), in_brackets(f.bytes),
                       date_time_text(std::chrono::floor<std::chrono::milliseconds>(f.first)),
                       time_text(f.last)));
  for (const SeenMember& seen : timeline.members()) {
    text += line("member",
                 fmt::format("{}  {}  id {}  {}, the last one {} before the end{}",
                             seen.member.address_text(), kind_text(seen.member),
                             short_id(seen.member.id), count_text(seen.heartbeats, "heartbeat"),
                             duration_text(f.last - seen.last), seen.left ? "; left" : ""));
  }
  List traffic;
  traffic.add(f.connections, "connection");
  traffic.add(f.messages, "message", in_brackets(f.message_bytes));
  traffic.add(f.acks, "ACK");
  traffic.add(f.fail_acks, "FAIL_ACK");
  traffic.add(f.broadcasts, "broadcast");
  traffic.add(f.probes, "probe");
  text += line("traffic", traffic.text());
  List trouble;
  trouble.add(f.unanswered, "message", " without the ACK that it asked for");
  trouble.add(f.garbage, "piece", " of garbage" + in_brackets(f.garbage_bytes));
  trouble.add(f.damaged, "damaged frame");
  trouble.add(f.lost, "gap", in_brackets(f.lost_bytes));
  trouble.add(f.broken, "malformed packet");
  text += line("trouble", trouble.text());
  List other;
  other.add(f.other_connections, "TCP connection");
  other.add(f.other_datagrams, "UDP datagram");
  other.add(f.fragments, "IP fragment");
  other.add(f.other_protocol, "packet", " of other protocols");
  other.add(f.not_ip, "packet", " that are not IP");
  text += line("not Tribes", other.text());
  if (traffic.text().empty() && timeline.members().empty())
    text += "Nothing in it is Tribes. If a member's port is known, name it with --port.\n";
  return text;
}

}  // namespace serval::tools
