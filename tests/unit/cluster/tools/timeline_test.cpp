#include "cluster/tools/dump/timeline.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cluster/tools/dump/event_text.h"
#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/transport/frame_codec.h"
#include "tests/support/packets.h"

namespace serval::tools {
namespace {

using namespace std::chrono_literals;
using namespace serval::test;
using Kind = Event::Kind;

tribes::Member member(std::int32_t port = 4000) {
  tribes::Member made;
  made.host = {127, 0, 0, 1};
  made.port = port;
  made.id[0] = static_cast<std::uint8_t>(port);
  made.alive_ms = 3200;
  return made;
}

Bytes message(std::string_view text, tribes::Options options = 3) {
  tribes::ChannelMessage made;
  made.options = options;
  made.id[0] = static_cast<std::uint8_t>(text.size());
  made.address = std::make_shared<const tribes::Member>(member(4001));
  made.content = std::make_shared<const Bytes>(text.begin(), text.end());
  return tribes::encode_frame_bytes(made);
}
Bytes ack_bytes(tribes::Ack ack = tribes::Ack::kOk) {
  const auto frame = tribes::ack_frame(ack);
  return {frame.begin(), frame.end()};
}

/// Captured packets of raw IP, and what the timeline makes of them.
class TimelineTest : public ::testing::Test {
 protected:
  explicit TimelineTest(bool all_heartbeats = false) {
    TimelineContext context;
    context.all_heartbeats = all_heartbeats;
    context.max_connections = 50;
    context.sink = [this](const Event& event) { events.push_back(event); };
    timeline.emplace(std::move(context));
  }
  void packet(const Bytes& bytes) { packet(bytes, bytes.size()); }
  void packet(const Bytes& bytes, std::size_t wire_size) {
    now += 1ms;
    timeline->packet(LinkType::kRaw, now, bytes, wire_size);
  }
  void segment(const Segment& s) { packet(ipv4(6, tcp(s))); }
  /// SYN and SYN+ACK; the first bytes have the numbers 1 and 101.
  void open() {
    segment({.seq = 0, .flags = kSyn});
    segment({.from = 4000, .to = 50000, .seq = 100, .ack = 1, .flags = kSyn | kAck});
  }
  void send(std::uint32_t seq, const Bytes& bytes) { segment({.seq = seq, .payload = bytes}); }
  void answer(std::uint32_t seq, const Bytes& bytes) {
    segment({.from = 4000, .to = 50000, .seq = seq, .payload = bytes});
  }
  void heartbeat(const tribes::Member& m) {
    packet(ipv4(17, udp(45564, 45564, tribes::encode_member(m)), true));
  }
  std::vector<std::string> kinds() const {
    std::vector<std::string> names;
    for (const Event& event : events) names.emplace_back(name_of(event.kind));
    return names;
  }
  using Names = std::vector<std::string>;

  CaptureTime now = 1'795'000'000s;
  std::vector<Event> events;
  std::optional<Timeline> timeline;
};

TEST_F(TimelineTest, AConversationIsTold) {
  open();
  const Bytes hello = message("hello");
  send(1, hello);
  answer(101, ack_bytes());
  const auto size = static_cast<std::uint32_t>(hello.size());
  segment({.seq = 1 + size, .ack = 122, .flags = kFin | kAck});
  segment({.from = 4000, .to = 50000, .seq = 122, .ack = 2 + size, .flags = kFin | kAck});
  timeline->finish();
  EXPECT_EQ(kinds(), (Names{"opens", "message", "ack", "closes"}));
  EXPECT_EQ(events[1].text,
            "from 127.0.0.1:4001  3 (use_ack, byte)  5 B  id 050000000000  bytes "
            "\"hello\"");
  EXPECT_EQ(events[2].text, "id 050000000000  after 1.00 ms");
  const Figures& f = timeline->figures();
  EXPECT_EQ(f.connections, 1U);
  EXPECT_EQ(f.messages, 1U);
  EXPECT_EQ(f.acks, 1U);
  EXPECT_EQ(f.unanswered, 0U);
}

TEST_F(TimelineTest, AcksAreOfTheirMessagesInOrder) {
  open();
  Bytes both = message("a");
  tribes::append_bytes(both, message("bb", 6));
  send(1, both);
  Bytes answers = ack_bytes();
  tribes::append_bytes(answers, ack_bytes(tribes::Ack::kFailed));
  answer(101, answers);
  send(1 + static_cast<std::uint32_t>(both.size()), message("ccc"));
  timeline->finish();
  EXPECT_EQ(kinds(), (Names{"opens", "message", "message", "ack", "fail-ack", "message"}));
  EXPECT_TRUE(events[3].text.starts_with("id 010000000000"));
  EXPECT_TRUE(events[4].text.starts_with("id 020000000000"));
  EXPECT_EQ(timeline->figures().unanswered, 1U);
}

TEST_F(TimelineTest, AfterAGapNobodyClaimsToKnowWhichMessageAnAckAnswers) {
  open();
  const Bytes first = message("first");
  segment({.seq = 1 + 1000, .payload = message("second")});
  timeline->finish();
  EXPECT_EQ(kinds(), (Names{"opens", "lost", "message"}));
  EXPECT_EQ(events[1].text, "1000 B at offset 0 are not in the capture");
  EXPECT_EQ(timeline->figures().unanswered, 0U);
  EXPECT_EQ(timeline->figures().lost_bytes, 1000U);
}

TEST_F(TimelineTest, ACaptureThatCutsPacketsShowsTheHeader) {
  open();
  const Bytes large = message(std::string(5000, 'x'));
  const Bytes whole = ipv4(6, tcp({.seq = 1, .payload = large}));
  packet(Bytes(whole.begin(), whole.begin() + 250), whole.size());
  send(1 + static_cast<std::uint32_t>(large.size()), message("next"));
  timeline->finish();
  EXPECT_EQ(kinds(), (Names{"opens", "damaged", "message"}));
  EXPECT_NE(events[1].text.find("message from 127.0.0.1:4001  3 (use_ack, byte)  id 88"),
            std::string::npos)
      << events[1].text;
}

TEST_F(TimelineTest, ACaptureThatBeginsInAFrameSaysSo) {
  Bytes rest = message("the beginning of this one was before");
  rest.erase(rest.begin(), rest.begin() + 20);
  tribes::append_bytes(rest, message("seen"));
  send(777, rest);
  timeline->finish();
  EXPECT_EQ(kinds(), (Names{"lost", "message"}));
  EXPECT_NE(events[0].text.find("whose beginning is not in the capture"), std::string::npos);
  EXPECT_EQ(timeline->figures().garbage, 0U);
}

TEST_F(TimelineTest, GarbageToAMemberIsToldWithItsOffset) {
  heartbeat(member());
  open();
  send(1, bytes_of("GET / HTTP/1.1\r\n\r\n"));
  segment({.seq = 19, .flags = kRst});
  timeline->finish();
  EXPECT_EQ(kinds(), (Names{"heartbeat", "opens", "reset", "garbage"}));
  EXPECT_EQ(events[3].text,
            "18 B at offset 0: no frame begins here: \"GET / HTTP/1.1\\r\\n\\r\\n\"");
  EXPECT_EQ(timeline->figures().garbage_bytes, 18U);
}

TEST_F(TimelineTest, OtherTrafficIsCountedOnly) {
  open();
  send(1, bytes_of("GET / HTTP/1.1\r\n\r\n"));
  packet(ipv4(17, udp(53, 53, bytes_of("a question"))));
  packet(ipv4(1, bytes_of("ping")));
  timeline->finish();
  EXPECT_TRUE(events.empty());
  EXPECT_EQ(timeline->figures().other_connections, 1U);
  EXPECT_EQ(timeline->figures().other_datagrams, 1U);
  EXPECT_EQ(timeline->figures().other_protocol, 1U);
}

TEST_F(TimelineTest, ARefusedConnectionIsTold) {
  heartbeat(member());
  segment({.seq = 0, .flags = kSyn});
  segment({.from = 4000, .to = 50000, .seq = 0, .ack = 1, .flags = kRst | kAck});
  EXPECT_EQ(kinds(), (Names{"heartbeat", "opens", "refused"}));
}

TEST_F(TimelineTest, PortsAreUsedAgain) {
  open();
  send(1, message("old"));
  segment({.seq = 5000, .flags = kSyn});
  send(5001, message("new"));
  timeline->finish();
  EXPECT_EQ(kinds(), (Names{"opens", "message", "opens", "message"}));
  EXPECT_EQ(timeline->figures().connections, 2U);
}

TEST_F(TimelineTest, OnlyHeartbeatsWithNewsAreTold) {
  tribes::Member m = member();
  heartbeat(m);
  for (int i = 0; i < 10; ++i) heartbeat(m);
  m.domain = bytes_of("blue");
  heartbeat(m);
  now += 5s;
  heartbeat(m);
  m.command = bytes_of(tribes::kShutdownCommand);
  heartbeat(m);
  m.command.clear();
  heartbeat(m);
  EXPECT_EQ(kinds(), (Names{"heartbeat", "heartbeat", "heartbeat", "goodbye", "heartbeat"}));
  EXPECT_TRUE(events[0].text.ends_with("(first)")) << events[0].text;
  EXPECT_TRUE(events[1].text.ends_with("domain blue  (changed)")) << events[1].text;
  EXPECT_TRUE(events[2].text.ends_with("(after 5.0 s)")) << events[2].text;
  EXPECT_TRUE(events[4].text.ends_with("(is back)")) << events[4].text;
  ASSERT_EQ(timeline->members().size(), 1U);
  EXPECT_EQ(timeline->members()[0].heartbeats, 14U);
}

TEST_F(TimelineTest, BroadcastsAndBrokenDatagramsAreTold) {
  heartbeat(member());
  packet(ipv4(17, udp(45564, 45564, message("to all", 0x41)), true));
  Bytes broken = tribes::encode_member(member());
  broken.resize(40);
  packet(ipv4(17, udp(45564, 45564, broken), true));
  packet(ipv4(17, udp(45564, 45564, bytes_of("nonsense")), true));
  EXPECT_EQ(kinds(), (Names{"heartbeat", "broadcast", "garbage", "garbage"}));
  EXPECT_NE(events[1].text.find("\"to all\""), std::string::npos);
  EXPECT_NE(events[2].text.find("member record: "), std::string::npos);
}

TEST_F(TimelineTest, TheNumberOfConnectionsHasALimit) {
  for (std::uint16_t from = 1; from <= 57; ++from)
    segment({.from = from, .to = 1000, .seq = 0, .flags = kSyn});
  EXPECT_EQ(timeline->figures().other_connections, 7U);
}

TEST_F(TimelineTest, LinesStandBelowEachOther) {
  open();
  send(1, message("hello"));
  answer(101, ack_bytes());
  timeline->finish();
  const Console console(-1);
  EventText lines(console, false);
  std::vector<std::size_t> columns;
  for (const Event& event : events) {
    const std::string line = lines.of(event);
    columns.push_back(line.find(" > "));
    EXPECT_EQ(line.substr(line.size() - 1), "\n");
  }
  EXPECT_EQ(columns, std::vector<std::size_t>(columns.size(), columns.front()));
  const std::string summary = summary_text(*timeline);
  EXPECT_NE(summary.find("traffic     1 connection, 1 message (5 B), 1 ACK\n"), std::string::npos)
      << summary;
}

TEST_F(TimelineTest, DetailsAreBelowTheirEvent) {
  open();
  send(1, message("hello"));
  const Console console(-1);
  EventText lines(console, true);
  const std::string text = lines.of(events.back());
  EXPECT_EQ(std::ranges::count(text, '\n'), 5) << text;
  EXPECT_NE(text.find("id       05000000000000000000000000000000"), std::string::npos) << text;
}

}  // namespace
}  // namespace serval::tools
