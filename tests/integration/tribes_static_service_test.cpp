// StaticMembershipService among nodes of ours; with real Tomcats: tests/interop.
#include <gtest/gtest.h>

#include "tests/support/element_channel.h"
#include "tests/support/eventually.h"
#include "tests/support/free_port.h"
#include "tests/support/raw_socket.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;

std::string member(const char* kind, int port, int id) {
  return std::string(" ") + kind + "=" + std::to_string(port) +
         ":{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15," + std::to_string(id) + "}:d1";
}

/// A channel with configured members; stops with the object.
class StaticNode {
 public:
  StaticNode(int port, const std::string& members, const std::string& times = "") {
    std::string problems;
    channel_ = channel_of(0, {"MessageDispatchInterceptor", "TcpFailureDetector"}, problems,
                          "membership.StaticMembershipService useThread=true pingInterval=100 "
                          "expirationTime=500 connectTimeout=1000 rpcTimeout=20000 " +
                              times + members,
                          port);
    EXPECT_TRUE(channel_) << problems;
  }
  ~StaticNode() { channel_->stop(level::kAll); }
  Channel* operator->() { return channel_.get(); }
  void start() {
    const auto started = channel_->start(level::kAll);
    ASSERT_TRUE(started) << started.error().message;
  }
  std::size_t members() const { return channel_->members().size(); }

 private:
  std::unique_ptr<Channel> channel_;
};

class StaticServiceTest : public ::testing::Test {
 protected:
  const int a_ = serval::test::free_tcp_port(), b_ = serval::test::free_tcp_port();
  const std::string both_ = member("member", a_, 1) + member("member", b_, 2);
};

TEST_F(StaticServiceTest, NodesFindEachOtherComeAndGo) {
  StaticNode a(a_, both_), b(b_, both_);
  a.start();
  EXPECT_EQ(a.members(), 0U);
  for (int i = 0; i < 3; ++i) {
    b.start();
    ASSERT_TRUE(eventually([&] { return b.members() == 1; }));
    ASSERT_TRUE(eventually([&] { return a.members() == 1; }));
    const MemberPtr known = a->members().front();
    EXPECT_EQ(known->port, b_);
    EXPECT_EQ(known->id[15], 2);
    EXPECT_EQ(known->domain, (Bytes{'d', '1'}));
    EXPECT_TRUE(a->profile(*known).serval);
    const auto sent = a->send_and_wait({known}, std::make_shared<const Bytes>(Bytes{1}), 7);
    ASSERT_TRUE(sent);
    EXPECT_TRUE(sent->ok());
    b->stop(level::kAll);
    EXPECT_TRUE(eventually([&] { return a.members() == 0; }));
  }
}

TEST_F(StaticServiceTest, ALocalMemberGivesTheIdAndTheReceiverTheAddress) {
  StaticNode a(a_, both_), b(b_, member("local", 1, 2) + member("member", a_, 1));
  a.start();
  b.start();
  EXPECT_EQ(b->local_member()->port, b_);
  EXPECT_EQ(b->local_member()->id[15], 2);
  EXPECT_TRUE(eventually([&] { return a.members() == 1 && b.members() == 1; }));
}

TEST_F(StaticServiceTest, ANodeThatIsNoneOfTheMembersDoesNotStart) {
  StaticNode stranger(serval::test::free_tcp_port(), both_);
  const auto refused = stranger->start(level::kAll);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("no Member has the address of the receiver, [127.0.0.1:"),
            std::string::npos)
      << refused.error().message;
}

TEST_F(StaticServiceTest, WhoAcceptsAndDoesNotAnswerIsNoMember) {
  const serval::test::RawListener silent;
  StaticNode a(a_, both_ + member("member", silent.port(), 3), "rpcTimeout=300 ");
  StaticNode b(b_, both_);
  b.start();
  const auto begin = std::chrono::steady_clock::now();
  a.start();
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300));
  ASSERT_TRUE(eventually([&] { return a.members() == 1; }));
  EXPECT_EQ(a->members().front()->port, b_);
}

TEST_F(StaticServiceTest, HasNoBroadcast) {
  StaticNode a(a_, both_), b(b_, both_);
  a.start();
  b.start();
  ASSERT_TRUE(eventually([&] { return !b->members().empty(); }));
  const auto refused = b->send_and_wait(b->members(), std::make_shared<const Bytes>(Bytes{1}),
                                        option::kMulticast | 1);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("has no broadcast"), std::string::npos);
}

}  // namespace
}  // namespace serval::tribes
