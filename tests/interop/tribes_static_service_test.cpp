// StaticMembershipService: nodes of ours and real Tomcats that are configured, not heard of.
#include <signal.h>

#include "tests/interop/tribes_pair.h"

namespace serval::tribes {
namespace {

const std::vector<std::string> kStack{"MessageDispatchInterceptor", "TcpFailureDetector"};
/// As fast as tests want it; the defaults are tested by nobody's patience.
const std::string kTimes =
    " useThread=true pingInterval=200 expirationTime=2000 connectTimeout=1000 "
    "rpcTimeout=20000";

/// The configuration of a whole group, and its nodes.
class StaticGroup {
 public:
  explicit StaticGroup(int count) {
    for (int i = 0; i < count; ++i) ports_.push_back(serval::test::free_port());
  }
  int port(int i) const { return ports_[static_cast<std::size_t>(i)]; }
  std::string members() const {
    std::string all;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      all += " member=" + std::to_string(ports_[i]) + ":{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15," +
             std::to_string(i) + "}:d1";
    }
    return all;
  }
  std::unique_ptr<ChannelPeer> tomcat(Kind kind, int i, const std::string& times = kTimes) const {
    return std::make_unique<ChannelPeer>(
        ChannelPeer::Options{kind, 0, port(i), kStack, {"--static", members() + times}});
  }
  std::unique_ptr<OurChannel> ours(int i, const std::string& times = kTimes) const {
    auto made = std::make_unique<OurChannel>(
        0, kStack, "membership.StaticMembershipService" + times + members(), port(i));
    made->channel().set_name("peer");  // what a ChannelPeer calls itself
    return made;
  }

 private:
  std::vector<int> ports_;
};

bool meet(OurChannel& our, ChannelPeer& peer) {
  return eventually([&] { return our.member(peer.port()) && peer.sees(our.port()); });
}
bool meet(OurChannel& a, OurChannel& b) {
  return eventually([&] { return a.member(b.port()) && b.member(a.port()); });
}
void start(OurChannel& our) {
  const auto started = our->start(level::kAll);
  ASSERT_TRUE(started) << started.error().message;
}
/// Sizes of the messages that are not the membership's own: those are objects.
std::vector<std::size_t> sizes_received(const OurChannel& our) {
  std::vector<std::size_t> sizes;
  for (const Received& message : our.received()) {
    if (!message.is_object) sizes.push_back(message.content->size());
  }
  return sizes;
}
bool eventually_receives(const OurChannel& our, std::size_t count) {
  return eventually([&] { return sizes_received(our).size() >= count; });
}
/// A message each way.
void exchange(OurChannel& our, ChannelPeer& peer) {
  const std::size_t here = sizes_received(our).size(), there = peer.received().size();
  our.send(6, 1000, 1);
  peer.send("all", 6, 2000, 2);
  ASSERT_TRUE(peer.eventually_receives(there + 1));
  ASSERT_TRUE(eventually_receives(our, here + 1));
  EXPECT_EQ(peer.received().back().size, 1000U);
  EXPECT_EQ(sizes_received(our).back(), 2000U);
}

class TribesStaticService : public ::testing::TestWithParam<Kind> {};
SERVAL_BOTH_TOMCATS(TribesStaticService);

TEST_P(TribesStaticService, FindsATomcatThatRunsAndIsFound) {
  const StaticGroup group(2);
  const auto peer = group.tomcat(GetParam(), 0);
  ASSERT_TRUE(peer->ready());
  const auto our = group.ours(1);
  start(*our);
  const MemberPtr known = our->member(peer->port());
  ASSERT_TRUE(known) << "start() waits for its answer\n" << peer->log_tail();
  EXPECT_EQ(known->id[0], 1);
  EXPECT_EQ(known->domain, (Bytes{'d', '1'}));
  EXPECT_EQ(our->channel().local_member()->id[15], 1);
  ASSERT_TRUE(meet(*our, *peer)) << peer->log_tail();
  exchange(*our, *peer);

  // Each side hears of the other's end and of its next start.
  for (int i = 0; i < 2; ++i) {
    const std::string gone = "gone " + std::to_string(our->port());
    const std::size_t before = peer->events(gone).size();
    (*our)->stop(level::kAll);
    EXPECT_TRUE(eventually([&] { return peer->events(gone).size() > before; })) << peer->log_tail();
    start(*our);
    ASSERT_TRUE(meet(*our, *peer)) << peer->log_tail();
    exchange(*our, *peer);
  }
  peer->stop();
  EXPECT_TRUE(eventually([&] { return (*our)->members().empty(); }));
}

TEST_P(TribesStaticService, IsFoundByATomcatThatStartsLater) {
  const StaticGroup group(2);
  const auto our = group.ours(0);
  start(*our);
  for (int i = 0; i < 2; ++i) {
    const auto peer = group.tomcat(GetParam(), 1);
    ASSERT_TRUE(peer->ready());
    ASSERT_TRUE(meet(*our, *peer)) << peer->log_tail();
    exchange(*our, *peer);
    peer->kill();
    EXPECT_TRUE(eventually([&] { return (*our)->members().empty(); })) << "silent, or refused";
  }
}

TEST_P(TribesStaticService, TheHeartbeatAsksWithoutAThread) {
  const StaticGroup group(2);
  const std::string times = " expirationTime=1000 rpcTimeout=2000";
  const auto our = group.ours(0, times);
  start(*our);
  const auto peer = group.tomcat(GetParam(), 1, times);
  ASSERT_TRUE(peer->ready());
  ASSERT_TRUE(meet(*our, *peer)) << peer->log_tail();
  peer->process().signal(SIGSTOP);
  EXPECT_TRUE(eventually([&] {
    (*our)->heartbeat();
    return (*our)->members().empty();
  })) << "its kernel accepts connections, it does not answer";
  peer->process().signal(SIGCONT);
  EXPECT_TRUE(eventually([&] {
    (*our)->heartbeat();
    peer->ask("heartbeat");
    return our->member(peer->port()) && peer->sees(our->port());
  })) << peer->log_tail();
  exchange(*our, *peer);
}

TEST(TribesStaticGroup, TwoTomcatsAndTwoOfOursSeeEachOther) {
  const StaticGroup group(4);
  const auto nine = group.tomcat(Kind::kTomcat9, 0), ten = group.tomcat(Kind::kTomcat10, 1);
  const auto a = group.ours(2), b = group.ours(3);
  start(*a);
  start(*b);
  ASSERT_TRUE(nine->ready());
  ASSERT_TRUE(ten->ready());
  EXPECT_TRUE(meet(*a, *b));
  for (OurChannel* const our : {a.get(), b.get()}) {
    for (ChannelPeer* const peer : {nine.get(), ten.get()}) {
      ASSERT_TRUE(meet(*our, *peer)) << peer->log_tail();
    }
  }
  for (const Options options : {2, 6, 8}) a->send(options, 100, 1);
  for (ChannelPeer* const peer : {nine.get(), ten.get()}) {
    EXPECT_TRUE(peer->eventually_receives(3)) << peer->log_tail();
    peer->send("all", 6, 50, 3);
  }
  EXPECT_TRUE(eventually_receives(*b, 5));
  EXPECT_TRUE(eventually_receives(*a, 2));
  a->channel().stop(level::kAll);
  const std::string gone = "gone " + std::to_string(group.port(2));
  EXPECT_TRUE(eventually([&] {
    return !nine->events(gone).empty() && !ten->events(gone).empty() &&
           b->channel().members().size() == 2;
  })) << nine->log_tail()
      << ten->log_tail();
}

}  // namespace
}  // namespace serval::tribes
