// CloudMembershipService with a provider that says what the test wants. Its thread is real.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "cluster/tribes/membership/cloud/cloud_membership_service.h"
#include "tests/support/eventually.h"
#include "tests/support/log_capture.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;
using std::chrono::milliseconds;

Member member_at(std::uint8_t last, std::int64_t alive, const char* uid) {
  Member member;
  member.host = {10, 0, 0, last};
  member.port = 4000;
  member.id = cloud_id(uid);
  member.alive_ms = alive;
  return member;
}

/// What the provider answers; shared with the service, which makes the provider itself.
struct Script {
  std::mutex mutex;
  std::condition_variable released;
  Result<CloudView> answer = CloudView();
  bool hanging = false;
  std::atomic<int> looks{0};

  void set(Result<CloudView> next) {
    const std::lock_guard lock(mutex);
    answer = std::move(next);
  }
  void hang(bool on) {
    const std::lock_guard lock(mutex);
    hanging = on;
    released.notify_all();
  }
};

class ScriptedProvider final : public MembershipProvider {
 public:
  explicit ScriptedProvider(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  Result<CloudView> fetch(const Member&) override {
    std::unique_lock lock(script_->mutex);
    ++script_->looks;
    script_->released.wait(lock, [this] { return !script_->hanging; });
    return script_->answer;
  }

 private:
  const std::shared_ptr<Script> script_;
};

class CloudMembership : public ::testing::Test {
 protected:
  CloudMembership() { make(milliseconds(5000)); }
  ~CloudMembership() override {
    script_->hang(false);
    service_->stop(level::kMembershipReceive);
  }
  void make(milliseconds expiration_time) {
    CloudMembershipService::Options options;
    options.expiration_time = expiration_time;
    service_ = std::make_unique<CloudMembershipService>(
        options, [script = script_] { return std::make_unique<ScriptedProvider>(script); });
    Member here;
    here.host = {10, 0, 0, 1};
    here.port = 4000;
    here.local = true;
    service_->set_local(std::move(here));
  }
  Result<> start() {
    MembershipService::Events events;
    events.added = [this](const MemberPtr& member) { note("+", *member); };
    events.disappeared = [this](const MemberPtr& member) { note("-", *member); };
    return service_->start(level::kMembershipReceive, std::move(events));
  }
  void note(const char* what, const Member& member) {
    const std::lock_guard lock(mutex_);
    events_ += what + std::to_string(member.host.back()) + " ";
  }
  std::string events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  /// A heartbeat, and the look that follows it to its end.
  void beat() {
    const int before = script_->looks;
    service_->heartbeat();
    ASSERT_TRUE(eventually([&] { return script_->looks > before; }));
    service_->heartbeat();  // begins when the one before has been dealt with
    ASSERT_TRUE(eventually([&] { return script_->looks > before + 1; }));
  }

  const std::shared_ptr<Script> script_ = std::make_shared<Script>();
  std::unique_ptr<CloudMembershipService> service_;
  std::mutex mutex_;
  std::string events_;
};

TEST_F(CloudMembership, TheFirstListIsThereWhenStartReturns) {
  script_->set(CloudView{{member_at(3, 5, "c"), member_at(2, 9, "b")}, cloud_id("a")});
  ASSERT_TRUE(start());
  const Members members = service_->members();
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0]->host.back(), 2);  // longest alive first
  EXPECT_EQ(events(), "+3 +2 ");
  EXPECT_EQ(service_->local_member()->id, cloud_id("a"));
  EXPECT_TRUE(service_->local_member()->local);
}

TEST_F(CloudMembership, TheIdIsTakenOnceAndKept) {
  ASSERT_TRUE(start());
  EXPECT_EQ(service_->local_member()->id, UniqueId{});
  script_->set(CloudView{{}, cloud_id("a")});
  beat();
  EXPECT_EQ(service_->local_member()->id, cloud_id("a"));
  script_->set(CloudView{{}, cloud_id("other")});
  beat();
  EXPECT_EQ(service_->local_member()->id, cloud_id("a"));
}

TEST_F(CloudMembership, WithoutAnAnswerMembersStay) {
  make(milliseconds(0));
  script_->set(CloudView{{member_at(2, 1, "b")}, {}});
  ASSERT_TRUE(start());
  const serval::test::LogCapture log;
  script_->set(Error{Errc::kIo, "the API is down"});
  for (int i = 0; i < 5; ++i) beat();
  EXPECT_EQ(service_->members().size(), 1U);
  EXPECT_EQ(log.count("the API is down"), 1U) << log.text();
  script_->set(CloudView{{member_at(2, 1, "b")}, {}});
  beat();
  EXPECT_EQ(log.count("there again after"), 1U) << log.text();
  EXPECT_EQ(events(), "+2 ");
}

TEST_F(CloudMembership, AMemberThatIsNotListedExpires) {
  make(milliseconds(50));
  script_->set(CloudView{{member_at(2, 1, "b")}, {}});
  ASSERT_TRUE(start());
  script_->set(CloudView());
  EXPECT_TRUE(eventually([&] {
    service_->heartbeat();
    return events() == "+2 -2 ";
  }));
  EXPECT_TRUE(service_->members().empty());
}

TEST_F(CloudMembership, APodThatTakesAnAddressOverReplacesTheOldOne) {
  script_->set(CloudView{{member_at(2, 100, "old")}, {}});
  ASSERT_TRUE(start());
  script_->set(CloudView{{member_at(2, 50, "new")}, {}});
  beat();
  ASSERT_EQ(service_->members().size(), 1U);
  EXPECT_EQ(service_->members()[0]->id, cloud_id("new"));
  EXPECT_EQ(events(), "+2 -2 +2 ");
}

TEST_F(CloudMembership, StartDoesNotWaitForeverForTheFirstList) {
  script_->set(CloudView{{member_at(2, 1, "b")}, {}});
  script_->hang(true);
  const serval::test::LogCapture log;
  ASSERT_TRUE(start());
  EXPECT_EQ(log.count("the start goes on without it"), 1U);
  EXPECT_TRUE(service_->members().empty());
  script_->hang(false);
  EXPECT_TRUE(eventually([&] { return service_->members().size() == 1; }));
}

TEST_F(CloudMembership, StopLeavesALookThatHangsBehind) {
  ASSERT_TRUE(start());
  script_->set(CloudView{{member_at(2, 1, "b")}, {}});
  script_->hang(true);
  const int before = script_->looks;
  service_->heartbeat();
  ASSERT_TRUE(eventually([&] { return script_->looks > before; }));
  service_->stop(level::kMembershipReceive);
  script_->hang(false);
  ASSERT_TRUE(start());  // anew
  EXPECT_TRUE(eventually([&] { return service_->members().size() == 1; }));
  EXPECT_EQ(events(), "+2 ");  // nothing came from the look that was left behind
}

TEST_F(CloudMembership, OnlyTheReceivingLevelCounts) {
  ASSERT_TRUE(service_->start(level::kMembershipSend, {}));
  EXPECT_EQ(script_->looks, 0);
  ASSERT_TRUE(start());
  EXPECT_FALSE(start());
  service_->stop(level::kMembershipSend);
  EXPECT_EQ(script_->looks, 1);
  EXPECT_FALSE(service_->broadcast(Bytes{1}));
}

/// What 9.0.70 and 10.1.60 show on a JDK 17.
TEST(CloudMembershipProperties, AreThoseOfTomcatInItsOrder) {
  CloudMembershipService::Options options;
  Member here;
  here.host = {127, 0, 0, 1};
  here.port = 4000;
  CloudMembershipService plain(options);
  EXPECT_EQ(plain.properties(), "{}");
  plain.set_local(here);
  EXPECT_EQ(plain.properties(),
            "{udpListenPort=-1, tcpListenHost=127.0.0.1, tcpSecurePort=-1, tcpListenPort=4000}");

  options.provider = "kubernetes";
  options.connect_timeout = milliseconds(500);
  options.read_timeout = milliseconds(700);
  options.expiration_time = milliseconds(9000);
  CloudMembershipService set(options);
  set.set_local(here);
  EXPECT_EQ(set.properties(),
            "{udpListenPort=-1, tcpListenHost=127.0.0.1, tcpSecurePort=-1, "
            "membershipProviderClassName=kubernetes, expirationTime=9000, readTimeout=700, "
            "connectTimeout=500, tcpListenPort=4000}");
}

}  // namespace
}  // namespace serval::tribes
