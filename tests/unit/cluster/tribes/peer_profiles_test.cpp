#include "cluster/tribes/group/peer_profiles.h"

#include <gtest/gtest.h>

#include "cluster/tribes/serval_peer.h"

namespace serval::tribes {
namespace {

constexpr std::int64_t kTomcat9 = kMemberImplUids[0], kLater = kMemberImplUids[1],
                       kEarly = kMemberImplUids[2];

Member member_of(std::uint8_t number) {
  Member member;
  member.id.fill(number);
  return member;
}

PeerVersion version(std::string_view text) {
  PeerVersion version;
  const auto parsed = parse_into(text, version);
  EXPECT_TRUE(parsed) << text;
  return version;
}

TEST(PeerProfiles, AMemberIsWhatItShows) {
  PeerProfiles profiles;
  EXPECT_FALSE(profiles.of(member_of(1)).member_impl_uid_known);
  profiles.learn_member_impl_uid(member_of(1), kLater);
  EXPECT_TRUE(profiles.of(member_of(1)).member_impl_uid_known);
  EXPECT_EQ(profiles.of(member_of(1)).member_impl_uid, kLater);
  EXPECT_TRUE(profiles.of(member_of(1)).session_notes) << "10.1 always sends them";
  profiles.forget(member_of(1));
  EXPECT_FALSE(profiles.of(member_of(1)).member_impl_uid_known);
}

TEST(PeerProfiles, AMemberThatShowedNothingIsLikeTheLastOneThatDid) {
  PeerProfiles profiles;
  EXPECT_EQ(profiles.of(member_of(2)).member_impl_uid, kTomcat9);
  profiles.learn_member_impl_uid(member_of(1), kEarly);
  EXPECT_EQ(profiles.of(member_of(2)).member_impl_uid, kEarly);
  EXPECT_FALSE(profiles.of(member_of(2)).member_impl_uid_known);
}

TEST(PeerProfiles, AnExpectedVersionHoldsUntilTheMemberShowsAnother) {
  PeerProfiles profiles(version("10.1.60"));
  EXPECT_TRUE(profiles.of(member_of(1)).member_impl_uid_known);
  EXPECT_EQ(profiles.of(member_of(1)).member_impl_uid, kLater);
  profiles.learn_member_impl_uid(member_of(1), kTomcat9);
  EXPECT_EQ(profiles.of(member_of(1)).member_impl_uid, kTomcat9);
  EXPECT_EQ(profiles.of(member_of(2)).member_impl_uid, kLater);
}

TEST(PeerProfiles, VersionsByTheirReleases) {
  EXPECT_EQ(version("auto").member_impl_uid, std::nullopt);
  EXPECT_EQ(version("9.0.70").member_impl_uid, kTomcat9);
  EXPECT_EQ(version("10.1.39").member_impl_uid, kEarly);
  EXPECT_EQ(version("10.1.40").member_impl_uid, kLater);
  EXPECT_EQ(version("11.0.5").member_impl_uid, kEarly);
  EXPECT_EQ(version("11.0.6").member_impl_uid, kLater);
}

TEST(PeerProfiles, WhatIsNoVersionIsRefused) {
  for (const auto* text : {"", "9", "10.1", "8.5.100", "10.1.x", "10.1.60.1", "12.0.0", "Auto"}) {
    PeerVersion version;
    EXPECT_FALSE(parse_into(text, version)) << text;
  }
}

TEST(PeerProfiles, AServalNodeSaysSoInItsPayload) {
  Member member = member_of(3);
  member.payload = ServalPayload{}.bytes();
  EXPECT_TRUE(PeerProfiles(version("10.1.60")).of(member).serval);
  EXPECT_FALSE(PeerProfiles(version("10.1.60")).of(member).session_notes);
}

}  // namespace
}  // namespace serval::tribes
