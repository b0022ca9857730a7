// Messages of Tomcats and of nodes that leave, given by hand because what counts is their order.
// Above all: a Tomcat asks for a value and then takes the entry, in two steps; between them it can
// be made the backup of the node that it asked.
#include <gtest/gtest.h>

#include "tests/scenario/map_world.h"

namespace serval::scenario {
namespace {

using Type = MapMessage::Type;
using std::chrono::seconds;

MemberPtr member(int port) {
  Member one;
  one.host = {127, 0, 0, 1};
  one.port = port;
  one.id[0] = static_cast<std::uint8_t>(port);
  return std::make_shared<const Member>(one);
}

/// A Serval node that has the backup of an entry of another one, and a Tomcat that knows that.
class MapTakeover : public testing::Test, private MapView {
 protected:
  MapTakeover() : core_({.map_id = {'m'}}, *this, clock_) {
    core_.start([](bool) {});
    has_the_map(tomcat_);
    has_the_map(owner_);
    settle();
    claim(owner_, owner_, {self_}, Type::kBackup);
    settle();
    EXPECT_EQ(core_.find(key_)->role, MapRole::kBackup);
  }

  void has_the_map(const MemberPtr& one) {
    MapInput start;
    start.message.type = Type::kStart;
    core_.message(one, std::move(start));
  }
  void claim(const MemberPtr& sender, const MemberPtr& primary, const Members& nodes, Type type,
             MapCore::Held held = nullptr) {
    MapInput input;
    input.message.type = type;
    input.message.key = key_;
    input.message.primary = primary;
    input.message.nodes = nodes;
    if (type == Type::kBackup) input.value = std::make_shared<GrowingText>("a");
    core_.message(sender, std::move(input), std::move(held));
  }
  void asks(const MemberPtr& one) {
    MapInput input;
    input.message.type = Type::kRetrieveBackup;
    input.message.key = key_;
    core_.request(one, std::move(input), 7);
  }
  void tomcat_asks() { asks(tomcat_); }
  void owner_is_lost() {
    erase(members_, *owner_);
    core_.member_disappeared(*owner_);
  }
  void beat(seconds later) {
    clock_.advance(later);
    has_the_map(tomcat_);
    core_.heartbeat();
  }
  /// What the core wants sent about the entry now, and whether the Tomcat has its answer. Sends do
  /// not end. Calls end with nothing, but the Tomcat answers what it is asked about the entry.
  std::vector<MapSend> told() { return told_about(key_); }
  std::vector<MapSend> told_about(const MapKey& key) {
    std::vector<MapSend> sends;
    for (;;) {
      std::vector<MapAction> actions;
      core_.take_actions(actions);
      if (actions.empty()) return sends;
      for (MapAction& one : actions) {
        if (auto* const call = std::get_if<MapCall>(&one.what)) {
          core_.answered(call->ticket, answers_to(*call));
        }
        if (auto* const done = std::get_if<MapDone>(&one.what)) done->call(done->result);
        if (auto* const reply = std::get_if<MapReply>(&one.what)) answer_ = reply->answer;
        auto* const send = std::get_if<MapSend>(&one.what);
        if (send && one.key == key) sends.push_back(std::move(*send));
      }
    }
  }
  /// Everything arrives.
  void settle() {
    for (;;) {
      const auto sends = told();
      if (sends.empty()) return;
      for (const MapSend& one : sends) core_.sent(one.ticket, {});
    }
  }

  MapAnswers answers_to(const MapCall& call) {
    MapAnswers answers;
    if (call.message.key != key_ || call.to != Members{tomcat_}) return answers;
    if (tomcat_has_it_) {
      answers.replies.push_back({tomcat_, {call.message, tomcats_, {}, {}}});
    } else {
      answers.nulls = 1;
    }
    return answers;
  }
  /// A user's request here asks for it.
  bool is_found() {
    std::optional<bool> found;
    core_.get(key_, [&](const MapValuePtr& value) { found = value != nullptr; });
    settle();
    return found.value();
  }

  Members members() const override { return members_; }
  MemberPtr local_member() const override { return self_; }
  Channel::PeerProfile profile(const Member& one) const override {
    Channel::PeerProfile profile;
    profile.serval = one == *owner_;
    profile.member_impl_uid_known = true;
    if (one == *stranger_) profile.member_impl_uid = 1;
    return profile;
  }

  const MapKey key_ = map_key("k");
  const MemberPtr self_ = member(1), tomcat_ = member(2), owner_ = member(3);
  const MemberPtr stranger_ = member(4);  // a Tomcat of another generation; no member at first
  Members members_{tomcat_, owner_};
  test::ManualClock clock_;
  MapCore core_;
  std::optional<MapInput> answer_;
  bool tomcat_has_it_ = true;
  MapValuePtr tomcats_ = std::make_shared<GrowingText>("a");
};

TEST_F(MapTakeover, WhoWasGivenTheValueIsNotMadeTheBackupMeanwhile) {
  tomcat_asks();
  owner_is_lost();
  EXPECT_TRUE(told().empty()) << "the Tomcat is about to claim it";
  ASSERT_TRUE(answer_ && answer_->value);
  claim(tomcat_, tomcat_, {self_}, Type::kNotifyMapMember);
  EXPECT_TRUE(told().empty());
  EXPECT_EQ(core_.find(key_)->role, MapRole::kBackup);
  EXPECT_EQ(core_.find(key_)->primary, tomcat_);
}

TEST_F(MapTakeover, WhoAsksWhileItIsMadeTheBackupIsAProxyAgainBeforeItHasTheAnswer) {
  owner_is_lost();
  const auto backup = told();
  ASSERT_EQ(backup.size(), 1);
  EXPECT_EQ(backup[0].message.type, Type::kBackup);
  tomcat_asks();
  EXPECT_TRUE(told().empty());
  EXPECT_FALSE(answer_) << "it would be handled beside the message that makes it the backup";
  core_.sent(backup[0].ticket, {});
  const auto proxy = told();
  ASSERT_EQ(proxy.size(), 1);
  EXPECT_EQ(proxy[0].message.type, Type::kProxy);
  EXPECT_EQ(proxy[0].to, Members{tomcat_});
  EXPECT_EQ(proxy[0].message.nodes, Members{self_});
  EXPECT_FALSE(answer_);
  core_.sent(proxy[0].ticket, {});
  EXPECT_TRUE(told().empty());
  ASSERT_TRUE(answer_ && answer_->value);
  claim(tomcat_, tomcat_, {self_}, Type::kNotifyMapMember);
  settle();
  EXPECT_EQ(core_.find(key_)->role, MapRole::kBackup);
  EXPECT_EQ(core_.find(key_)->primary, tomcat_);
}

TEST_F(MapTakeover, WhoDoesNotClaimItHasItAsBackupAfterAWhile) {
  for (const bool promoted_before : {false, true}) {
    SCOPED_TRACE(promoted_before);
    if (promoted_before) settle();
    tomcat_asks();
    if (!promoted_before) owner_is_lost();
    settle();
    beat(seconds(1));
    settle();
    EXPECT_TRUE(core_.find(key_)->nodes == Members{self_} || core_.find(key_)->nodes.empty());
    beat(seconds(5));
    settle();
    EXPECT_EQ(core_.find(key_)->role, MapRole::kPrimary);
    EXPECT_EQ(core_.find(key_)->nodes, Members{tomcat_});
  }
}

TEST_F(MapTakeover, WhoIsLostItselfIsNotWaitedFor) {
  const MemberPtr other = member(4);
  members_.push_back(other);
  has_the_map(other);
  settle();
  tomcat_asks();
  owner_is_lost();
  settle();
  EXPECT_EQ(core_.find(key_)->role, MapRole::kBackup);
  erase(members_, *tomcat_);
  core_.member_disappeared(*tomcat_);
  settle();
  EXPECT_EQ(core_.find(key_)->role, MapRole::kPrimary);
  EXPECT_EQ(core_.find(key_)->nodes, Members{other});
}

// A Tomcat that loses a member goes through its entries and publishes those that it has to, as they
// are when it comes to them.

TEST_F(MapTakeover, WhatATomcatClaimsButHasRemovedIsRemovedEverywhere) {
  core_.remove(key_, [](const MapValuePtr&) {});
  settle();
  tomcat_has_it_ = false;
  claim(tomcat_, tomcat_, {self_}, Type::kBackup);
  settle();
  EXPECT_FALSE(is_found());
  ASSERT_TRUE(core_.find(key_)) << "the Tomcat may be about to have it";
  beat(seconds(5));
  const auto sends = told();
  ASSERT_EQ(sends.size(), 1);
  EXPECT_EQ(sends[0].message.type, Type::kRemove);
  EXPECT_FALSE(core_.find(key_));
}

TEST_F(MapTakeover, WhatATomcatClaimsAndHasStays) {
  core_.remove(key_, [](const MapValuePtr&) {});
  settle();
  beat(seconds(20));
  tomcat_has_it_ = false;
  claim(tomcat_, tomcat_, {self_}, Type::kBackup);
  settle();
  ASSERT_TRUE(core_.find(key_)) << "it has it when it has told all others";
  tomcat_has_it_ = true;
  beat(seconds(5));
  settle();
  ASSERT_TRUE(core_.find(key_));
  EXPECT_EQ(core_.find(key_)->primary, tomcat_);
  tomcat_has_it_ = false;
  EXPECT_TRUE(is_found()) << "it was asked and had it";
}

TEST_F(MapTakeover, WhatATomcatClaimedIsBelievedWhenTheTomcatIsLost) {
  core_.remove(key_, [](const MapValuePtr&) {});
  settle();
  claim(tomcat_, tomcat_, {self_}, Type::kBackup);
  ASSERT_TRUE(core_.find(key_)->doubted_since);
  erase(members_, *tomcat_);
  core_.member_disappeared(*tomcat_);
  settle();
  EXPECT_EQ(core_.find(key_)->role, MapRole::kPrimary);
  EXPECT_FALSE(core_.find(key_)->doubted_since) << "there is nobody to ask";
  EXPECT_TRUE(is_found());
}

TEST_F(MapTakeover, WhatATomcatChangesWhileItLooksForABackupIsSeen) {
  for (const bool by_use : {false, true}) {
    SCOPED_TRACE(by_use);
    claim(tomcat_, tomcat_, {owner_}, Type::kProxy);
    settle();
    claim(tomcat_, tomcat_, {self_}, Type::kBackup);
    settle();
    tomcats_ = std::make_shared<GrowingText>("a,b");
    if (by_use) {
      EXPECT_TRUE(is_found());
    } else {
      beat(seconds(5));
      settle();
    }
    EXPECT_EQ(core_.find(key_)->value, tomcats_);
  }
}

TEST_F(MapTakeover, ATomcatHasItsAckWhenTheOtherGenerationHasHeard) {
  members_.push_back(stranger_);
  has_the_map(stranger_);
  settle();
  auto held = std::make_shared<bool>();
  const std::weak_ptr<bool> ack = held;
  claim(tomcat_, tomcat_, {self_}, Type::kNotifyMapMember, std::move(held));
  const auto sends = told();
  ASSERT_EQ(sends.size(), 1);
  EXPECT_EQ(sends[0].to, Members{stranger_});
  EXPECT_EQ(sends[0].message.type, Type::kProxy);
  EXPECT_FALSE(ack.expired());
  core_.sent(sends[0].ticket, {});
  settle();
  EXPECT_TRUE(ack.expired());
}

TEST_F(MapTakeover, WhoLeavesIsAnsweredWhenNothingHasItsBackupThereAnyMore) {
  erase(members_, *tomcat_);
  core_.member_disappeared(*tomcat_);
  ASSERT_TRUE(is_found());
  ASSERT_EQ(core_.find(key_)->nodes, Members{owner_});
  members_.push_back(tomcat_);
  has_the_map(tomcat_);
  settle();
  MapInput stop;
  stop.message.type = Type::kStop;
  core_.request(owner_, std::move(stop), 8);
  const auto backup = told();
  ASSERT_EQ(backup.size(), 1);
  EXPECT_EQ(backup[0].message.type, Type::kBackup);
  EXPECT_FALSE(answer_);
  core_.sent(backup[0].ticket, {});
  settle();
  EXPECT_TRUE(answer_);
  EXPECT_EQ(core_.find(key_)->nodes, Members{tomcat_});
}

TEST_F(MapTakeover, WhoLeavesGivesTheValueUntilTheOthersHaveTheirBackups) {
  EXPECT_TRUE(core_.leave());
  const auto stop = told_about({});
  ASSERT_EQ(stop.size(), 1);
  EXPECT_EQ(stop[0].message.type, Type::kStop);
  tomcat_asks();
  EXPECT_TRUE(told().empty());
  ASSERT_TRUE(answer_ && answer_->value);
  owner_is_lost();
  EXPECT_TRUE(told().empty()) << "that is the others' affair";
  core_.stop();
  tomcat_asks();
  EXPECT_TRUE(told().empty());
  EXPECT_FALSE(answer_);
}

/// Refused is a choice that the Tomcat can make anew, and no change of what has its backup here.
TEST_F(MapTakeover, ANodeIsChosenForABackupOncePerEntryAndPrimaryNode) {
  MapMessage said;
  said.type = Type::kBackup;
  said.key = key_;
  said.primary = owner_;
  said.nodes = Members{self_};
  EXPECT_FALSE(core_.is_new_backup(said)) << "it is that already";
  said.primary = tomcat_;
  EXPECT_TRUE(core_.is_new_backup(said));
  said.type = Type::kProxy;
  EXPECT_FALSE(core_.is_new_backup(said));
  said.type = Type::kBackup;
  said.nodes = Members{owner_};
  EXPECT_FALSE(core_.is_new_backup(said));
  said.key = map_key("new");
  said.nodes = Members{self_, owner_};
  EXPECT_TRUE(core_.is_new_backup(said));
}

/// Else it keeps them, with the number of the claim that is about to be made and names others.
TEST_F(MapTakeover, WhoAsksWhileABackupIsBeingChosenHearsTheValueAndNotWhoHasTheBackup) {
  core_.get(key_, [](const MapValuePtr&) {});
  const auto sends = told();
  ASSERT_EQ(sends.size(), 1U);
  asks(owner_);
  EXPECT_TRUE(told().empty());
  ASSERT_TRUE(answer_ && answer_->value);
  EXPECT_TRUE(same(answer_->message.primary, self_));
  EXPECT_FALSE(answer_->message.nodes);
  core_.sent(sends.front().ticket, {});
  settle();
  asks(owner_);
  EXPECT_TRUE(told().empty());
  EXPECT_EQ(answer_->message.nodes, Members{sends.front().to});
}

}  // namespace
}  // namespace serval::scenario
