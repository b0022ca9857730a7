#include <gtest/gtest.h>

#include "cluster/tribes/membership/last_member.h"
#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/serval_peer.h"
#include "tests/support/channel_node.h"
#include "tests/support/eventually.h"
#include "tests/support/log_capture.h"
#include "tests/support/multicast.h"
#include "tests/support/raw_socket.h"
#include "tests/support/temp_dir.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;
using serval::test::holds_for;
using serval::test::LogCapture;
using serval::test::MulticastSocket;
using serval::test::RawListener;
using std::chrono::milliseconds;

std::string_view chars(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

/// A node that the test plays by hand: says what the test wants, answers probes while it listens.
struct FakeNode {
  explicit FakeNode(MulticastSocket& group) : group_(group) {
    member.host = {127, 0, 0, 1};
    member.port = listener.port();
    member.id = random_id();
    member.alive_ms = 5000;
  }
  void heartbeat() {
    member.alive_ms += 500;
    group_.send(chars(encode_member(member)));
  }
  void goodbye() {
    Member leaving = member;
    leaving.command = bytes(kShutdownCommand);
    group_.send(chars(encode_member(leaving)));
  }
  std::string added() const { return "+" + std::to_string(member.port); }
  std::string gone() const { return "-" + std::to_string(member.port); }

  RawListener listener;
  Member member;

 private:
  MulticastSocket& group_;
};

class MembershipTest : public ::testing::Test {
 protected:
  static constexpr const char* kGroup = "228.0.0.4";
  MembershipTest() {
    auto settings = ChannelNode::settings(port_);
    settings.membership.frequency = milliseconds(50);
    settings.membership.drop_time = milliseconds(300);
    node_ = std::make_unique<ChannelNode>(settings);
  }
  void start() {
    const auto done = node_->start();
    ASSERT_TRUE(done) << done.error().message;
  }
  bool last_event_becomes(const std::string& event) {
    return eventually([&] { return !node_->events().empty() && node_->events().back() == event; });
  }

  const int port_ = serval::test::free_udp_port();
  MulticastSocket group_{kGroup, port_};
  std::unique_ptr<ChannelNode> node_;
};

TEST_F(MembershipTest, AnnouncesItselfAsTomcatDoes) {
  start();
  // The alive time begins with 100, or what has passed by then.
  std::vector<Member> heard;
  while (heard.size() < 2 || heard.back().alive_ms == heard.front().alive_ms) {
    const auto datagram = group_.receive(std::chrono::seconds(5));
    ASSERT_TRUE(datagram);
    const auto member = decode_member(bytes(*datagram));
    ASSERT_TRUE(member) << member.error().message;
    heard.push_back(*member);
  }
  EXPECT_EQ(heard[0], *node_->self());
  EXPECT_GE(heard[0].alive_ms, 100);
  EXPECT_TRUE(is_serval(heard[0]));
  EXPECT_GT(heard.back().alive_ms, heard.front().alive_ms);
  node_->channel().stop(level::kAll);
  std::optional<Member> last;
  while (const auto datagram = group_.receive(milliseconds(100)))
    last = *decode_member(bytes(*datagram));
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->is_shutdown());
}

TEST_F(MembershipTest, ReportsAMemberThatIsHeardAndAnswers) {
  start();
  FakeNode other(group_);
  other.heartbeat();
  EXPECT_TRUE(last_event_becomes(other.added()));
  const auto known = node_->channel().member(other.member);
  ASSERT_TRUE(known);
  EXPECT_FALSE(node_->channel().profile(*known).serval);
}

TEST_F(MembershipTest, DropsAMemberThatIsSilentAndDoesNotAnswer) {
  start();
  FakeNode other(group_);
  other.heartbeat();
  EXPECT_TRUE(last_event_becomes(other.added()));
  const auto begin = std::chrono::steady_clock::now();
  other.listener.close();
  EXPECT_TRUE(last_event_becomes(other.gone()));
  EXPECT_GT(std::chrono::steady_clock::now() - begin, milliseconds(250));
}

TEST_F(MembershipTest, KeepsASilentMemberThatAnswers) {
  start();
  FakeNode other(group_);
  other.heartbeat();
  EXPECT_TRUE(last_event_becomes(other.added()));
  EXPECT_TRUE(holds_for(milliseconds(600), [&] { return node_->events().size() == 1; }));
}

TEST_F(MembershipTest, BelievesAGoodbyeAtOnce) {
  start();
  FakeNode other(group_);
  other.heartbeat();
  EXPECT_TRUE(last_event_becomes(other.added()));
  other.goodbye();
  EXPECT_TRUE(last_event_becomes(other.gone()));
}

TEST_F(MembershipTest, ARestartedNodeReplacesItsOldSelf) {
  start();
  FakeNode other(group_);
  other.heartbeat();
  EXPECT_TRUE(last_event_becomes(other.added()));
  other.member.id = random_id();
  other.member.alive_ms = 0;
  other.heartbeat();
  EXPECT_TRUE(eventually([&] {
    return node_->events() == std::vector{other.added(), other.gone(), other.added()};
  }));
  EXPECT_EQ(node_->channel().members().size(), 1U);
}

TEST_F(MembershipTest, SaysGoodbyeForTheProcessThatWasKilledAtItsPlace) {
  const serval::test::TempDir folder;
  const auto file = folder / "Catalina.member";
  auto settings = ChannelNode::settings(port_);
  settings.receiver.port = serval::test::free_tcp_port();
  FakeNode killed(group_);
  killed.member.port = settings.receiver.port;
  ASSERT_TRUE(LastMember(file).keep(killed.member));

  node_ = std::make_unique<ChannelNode>(settings);
  node_->channel().keep_member_in(file);
  start();
  const auto first = group_.receive(std::chrono::seconds(5));
  ASSERT_TRUE(first);
  const auto gone = decode_member(bytes(*first));
  ASSERT_TRUE(gone);
  EXPECT_EQ(*gone, killed.member);
  EXPECT_TRUE(gone->is_shutdown());
  EXPECT_EQ(LastMember(file).lost_at(killed.member)->id, node_->self()->id);
  node_->channel().stop(level::kAll);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(MembershipTest, AFailedSendRemovesADeadMemberAtOnce) {
  start();
  FakeNode other(group_);
  other.heartbeat();
  EXPECT_TRUE(last_event_becomes(other.added()));
  other.listener.close();
  const auto report = node_->send(node_->channel().members(), "x", option::kUseAck);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->ok());
  EXPECT_TRUE(
      eventually([&] { return node_->events().back() == other.gone(); }, milliseconds(200)));
}

TEST_F(MembershipTest, AMemberWhoseConnectionsEndIsCheckedAtOnce) {
  auto settings = ChannelNode::settings(port_);
  settings.membership.frequency = milliseconds(50);
  settings.membership.drop_time = std::chrono::minutes(1);
  node_ = std::make_unique<ChannelNode>(settings);
  start();
  FakeNode other(group_);
  other.heartbeat();
  EXPECT_TRUE(last_event_becomes(other.added()));
  auto probe = other.listener.accept();
  EXPECT_TRUE(node_->send(node_->channel().members(), "x", 0)->ok());
  auto connection = other.listener.accept();
  other.listener.close();
  connection->close();
  EXPECT_TRUE(last_event_becomes(other.gone())) << "long before dropTime";
}

TEST_F(MembershipTest, GarbageDatagramsDisturbNobody) {
  LogCapture log;
  start();
  FakeNode other(group_);
  Bytes broken = encode_member(other.member);
  broken[12] = 9;
  for (int i = 0; i < 200; ++i) {
    group_.send("");
    group_.send("garbage");
    group_.send(chars(broken));
    group_.send(std::string(60000, 'x'));
    group_.send("FLT2002\x7f\xff\xff\xff");
  }
  EXPECT_TRUE(eventually(
      [&] {
        other.heartbeat();  // the flood may have cost one
        return node_->events() == std::vector{other.added()};
      },
      milliseconds(2000)));
  EXPECT_EQ(log.count("Dropped a datagram"), 1U) << log.text();
}

TEST_F(MembershipTest, ABroadcastReachesEverybodyButItsSender) {
  start();
  ChannelNode second(ChannelNode::settings(port_));
  ASSERT_TRUE(second.start());
  ASSERT_TRUE(eventually([&] { return node_->sees(second.self()); }));
  const auto sent = node_->send({second.self()}, "to all", option::kMulticast);
  ASSERT_TRUE(sent);
  EXPECT_TRUE(eventually([&] { return second.texts() == std::vector<std::string>{"to all"}; }));
  EXPECT_TRUE(node_->texts().empty());
  const auto refused = node_->send({second.self()}, std::string(70000, 'x'), option::kMulticast);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("exceeds max packet size"), std::string::npos);
}

TEST_F(MembershipTest, SaysWhatIsWrongWithTheGroup) {
  struct {
    const char *address, *bind, *error;
  } const rows[] = {{"10.0.0.1", "127.0.0.1", "[10.0.0.1:"},
                    {"nonsense", "", "not a multicast address"},
                    {"228.0.0.4", "192.0.2.77", "on [192.0.2.77]"},
                    {"228.0.0.4", "localhost", "attribute bind is not an address"}};
  for (const auto& row : rows) {
    auto settings = ChannelNode::settings(port_);
    settings.membership.address = row.address;
    settings.membership.bind = row.bind;
    ChannelNode node(settings);
    const auto failed = node.start();
    ASSERT_FALSE(failed) << row.address;
    EXPECT_NE(failed.error().message.find(row.error), std::string::npos) << failed.error().message;
    EXPECT_EQ(node.receiver().connection_count(), 0U);
  }
}

TEST_F(MembershipTest, CanStartAgain) {
  for (int i = 0; i < 2; ++i) {
    start();
    FakeNode other(group_);
    other.heartbeat();
    EXPECT_TRUE(last_event_becomes(other.added()));
    node_->channel().stop(level::kAll);
    EXPECT_TRUE(node_->channel().members().empty());
  }
}

}  // namespace
}  // namespace serval::tribes
