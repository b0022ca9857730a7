#include "cluster/tribes/group/rpc_collector.h"

#include <gtest/gtest.h>

namespace serval::tribes {
namespace {

Members members(int count) {
  Members all;
  for (int i = 0; i < count; ++i) {
    Member member;
    member.host = {127, 0, 0, 1};
    member.port = 4000 + i;
    all.push_back(std::make_shared<const Member>(member));
  }
  return all;
}

TEST(RpcCollector, EachOptionWaitsForItsNumberOfReplies) {
  struct {
    RpcOption option;
    int members, needed;
  } const rows[] = {
      {RpcOption::kFirstReply, 3, 1},    {RpcOption::kMajorityReply, 1, 1},
      {RpcOption::kMajorityReply, 3, 2}, {RpcOption::kMajorityReply, 4, 2},
      {RpcOption::kAllReply, 3, 3},      {RpcOption::kNoReply, 3, 0},
      {RpcOption::kAllReply, 0, 0},      {RpcOption::kFirstReply, 0, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::Message() << static_cast<int>(row.option) << " of " << row.members);
    const Members to = members(row.members);
    RpcCollector collector(row.option, to);
    int replies = 0;
    while (!collector.is_complete() && replies < row.members) {
      EXPECT_TRUE(collector.replied(to[static_cast<std::size_t>(replies++)], Value(replies)));
    }
    EXPECT_EQ(replies, row.needed);
  }
}

TEST(RpcCollector, WhoRefusesOrIsNotReachedIsNotWaitedFor) {
  const Members to = members(3);
  RpcCollector collector(RpcOption::kAllReply, to);
  collector.refused(*to[0]);
  EXPECT_FALSE(collector.is_complete());
  collector.failed({to[1], "down"});
  EXPECT_FALSE(collector.is_complete());
  EXPECT_TRUE(collector.replied(to[2], "here"));
  EXPECT_TRUE(collector.is_complete());
  const RpcOutcome outcome = collector.take_outcome();
  ASSERT_EQ(outcome.responses.size(), 1U);
  EXPECT_EQ(*outcome.responses[0].source, *to[2]);
  ASSERT_EQ(outcome.faulty.size(), 1U);
  EXPECT_EQ(outcome.faulty[0].cause, "down");
}

TEST(RpcCollector, NobodyLeftEndsTheCall) {
  const Members to = members(2);
  RpcCollector collector(RpcOption::kFirstReply, to);
  collector.refused(*to[0]);
  collector.failed({to[1], "down"});
  EXPECT_TRUE(collector.is_complete());
}

TEST(RpcCollector, AMemberCountsOnce) {
  const Members to = members(2);
  RpcCollector collector(RpcOption::kAllReply, to);
  EXPECT_TRUE(collector.replied(to[0], 1));
  EXPECT_FALSE(collector.replied(to[0], 1));
  EXPECT_FALSE(collector.is_complete());
  collector.refused(*to[0]);  // too late to matter
  EXPECT_FALSE(collector.is_complete());
  EXPECT_FALSE(collector.replied(members(3)[2], 1)) << "a stranger";
}

TEST(RpcCollector, AReplyCountsThoughTheRequestSeemedLost) {
  const Members to = members(2);
  RpcCollector collector(RpcOption::kAllReply, to);
  collector.failed({to[0], "no ACK"});
  EXPECT_TRUE(collector.replied(to[0], "but it came"));
}

}  // namespace
}  // namespace serval::tribes
