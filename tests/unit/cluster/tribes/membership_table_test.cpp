#include "cluster/tribes/membership/membership_table.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace serval::tribes {
namespace {

using std::chrono::milliseconds;

Member member(std::uint8_t id, int port, std::int64_t alive = 1000) {
  Member m;
  m.host = {127, 0, 0, 1};
  m.port = port;
  m.id.fill(id);
  m.alive_ms = alive;
  return m;
}

std::vector<int> ports(const Members& members) {
  std::vector<int> all;
  for (const auto& m : members) all.push_back(m->port);
  return all;
}

class MembershipTableTest : public ::testing::Test {
 protected:
  MembershipTable::Change hear(const Member& m) { return table_.heard_from(m, clock_.now()); }
  serval::test::ManualClock clock_;
  MembershipTable table_{milliseconds(3000)};
};

TEST_F(MembershipTableTest, ReportsANewMemberOnce) {
  EXPECT_TRUE(hear(member(1, 4001)).added);
  EXPECT_FALSE(hear(member(1, 4001, 1500)).is_news());
  EXPECT_EQ(table_.members().front()->alive_ms, 1500);
}

TEST_F(MembershipTableTest, IgnoresTheLocalMember) {
  table_.set_local(std::make_shared<const Member>(member(9, 4009)));
  EXPECT_FALSE(hear(member(9, 4009)).is_news());
  EXPECT_FALSE(table_.says_goodbye(member(9, 4009)).is_news());
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(MembershipTableTest, ListsTheLongestAliveFirst) {
  hear(member(1, 4001, 100));
  hear(member(2, 4002, 9000));
  hear(member(3, 4003, 500));
  EXPECT_EQ(ports(table_.members()), (std::vector{4002, 4003, 4001}));
}

TEST_F(MembershipTableTest, ReportsASilentMemberOnce) {
  hear(member(1, 4001));
  clock_.advance(milliseconds(3000));
  EXPECT_FALSE(table_.expire(clock_.now()).is_news()) << "dropTime itself is still in time";
  clock_.advance(milliseconds(1));
  const auto change = table_.expire(clock_.now());
  EXPECT_EQ(ports(change.gone), std::vector{4001});
  EXPECT_FALSE(change.gone.front()->is_shutdown());
  EXPECT_FALSE(table_.expire(clock_.now()).is_news());
}

TEST_F(MembershipTableTest, ExpiresTheLongestSilentFirst) {
  hear(member(1, 4001, 50));
  clock_.advance(milliseconds(10));
  hear(member(2, 4002, 900));
  clock_.advance(milliseconds(4000));
  EXPECT_EQ(ports(table_.expire(clock_.now()).gone), (std::vector{4001, 4002}));
}

TEST_F(MembershipTableTest, EveryRecordCountsAsASignOfLife) {
  hear(member(1, 4001));
  for (int i = 0; i < 5; ++i) {
    clock_.advance(milliseconds(2000));
    hear(member(1, 4001));  // the same alive time
    EXPECT_FALSE(table_.expire(clock_.now()).is_news());
  }
}

TEST_F(MembershipTableTest, ReportsAGoodbyeEvenOfAnUnknownMember) {
  hear(member(1, 4001));
  Member leaving = member(1, 4001);
  leaving.set_shutdown();
  EXPECT_TRUE(table_.says_goodbye(leaving).gone.front()->is_shutdown());
  EXPECT_EQ(table_.size(), 0U);
  EXPECT_EQ(table_.says_goodbye(leaving).gone.size(), 1U);
}

TEST_F(MembershipTableTest, UpdatesPayloadButNotDomain) {
  hear(member(1, 4001));
  Member changed = member(1, 4001, 2000);
  changed.payload = {1};
  changed.domain = {2};
  hear(changed);
  EXPECT_EQ(table_.members().front()->payload, Bytes{1});
  EXPECT_TRUE(table_.members().front()->domain.empty());
}

TEST_F(MembershipTableTest, ARestartedMemberReplacesItsOldSelf) {
  hear(member(1, 4001, 90000));
  const auto change = hear(member(2, 4001, 100));
  ASSERT_EQ(change.gone.size(), 1U);
  EXPECT_TRUE(change.gone.front()->is_shutdown()) << "so that nobody asks the new one about it";
  EXPECT_EQ(change.added->id, member(2, 4001).id);
  EXPECT_EQ(table_.size(), 1U);
}

TEST_F(MembershipTableTest, ALateRecordOfTheOldSelfIsNotBelieved) {
  hear(member(2, 4001, 100));
  EXPECT_FALSE(hear(member(1, 4001, 90000)).is_news());
  clock_.advance(milliseconds(500));
  EXPECT_FALSE(hear(member(1, 4001, 90000)).is_news());
  EXPECT_EQ(table_.size(), 1U);
}

}  // namespace
}  // namespace serval::tribes
