#include "cluster/tribes/membership/last_member.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace serval::tribes {
namespace {

Member member(int port, std::uint8_t id) {
  Member m;
  m.host = {127, 0, 0, 1};
  m.port = port;
  m.id.fill(id);
  m.domain = {1, 2};
  return m;
}

class LastMemberTest : public ::testing::Test {
 protected:
  const serval::test::TempDir folder_;
  const std::filesystem::path file_ = folder_ / "work" / "Catalina.member";
  const LastMember last_{file_};
};

TEST_F(LastMemberTest, IsThereForTheNextProcessAtItsPlaceUntilItSaysGoodbye) {
  EXPECT_FALSE(last_.lost_at(member(4000, 2)));
  ASSERT_TRUE(last_.keep(member(4000, 1)));
  const auto lost = last_.lost_at(member(4000, 2));
  ASSERT_TRUE(lost);
  EXPECT_EQ(*lost, member(4000, 1));
  EXPECT_EQ(lost->domain, (Bytes{1, 2}));

  EXPECT_FALSE(last_.lost_at(member(4001, 2))) << "an end elsewhere is not its business";
  EXPECT_FALSE(last_.lost_at(member(4000, 1))) << "itself";
  ASSERT_TRUE(last_.keep(member(4000, 2)));
  EXPECT_EQ(last_.lost_at(member(4000, 3))->id[0], 2);
  ASSERT_TRUE(last_.forget());
  EXPECT_FALSE(last_.lost_at(member(4000, 3)));
  EXPECT_TRUE(last_.forget()) << "nothing to forget";
}

TEST_F(LastMemberTest, AFileThatIsNoRecordIsNobody) {
  ASSERT_TRUE(last_.keep(member(4000, 1)));
  std::filesystem::resize_file(file_, 30);
  EXPECT_FALSE(last_.lost_at(member(4000, 2)));
  std::ofstream(file_) << "something else";
  EXPECT_FALSE(last_.lost_at(member(4000, 2)));
}

TEST_F(LastMemberTest, SaysWhichFileItCannotWrite) {
  std::ofstream(folder_ / "work") << "a file";
  const auto failed = last_.keep(member(4000, 1));
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("Catalina.member]"), std::string::npos)
      << failed.error().message;
}

TEST_F(LastMemberTest, WithoutAFileKeepsNothing) {
  const LastMember nowhere;
  EXPECT_TRUE(nowhere.keep(member(4000, 1)));
  EXPECT_FALSE(nowhere.lost_at(member(4000, 2)));
  EXPECT_TRUE(nowhere.forget());
}

}  // namespace
}  // namespace serval::tribes
