#include "container/realm/combined_realm.h"

#include <gtest/gtest.h>

#include "container/config/tomcat_names.h"
#include "container/config/xml_reader.h"
#include "container/realm/lock_out_realm.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

using namespace std::chrono_literals;

/// One user. Counts what it is asked.
class OneUser final : public Realm {
 public:
  OneUser(std::string name, std::string password, std::vector<std::string> roles)
      : name_(std::move(name)), password_(std::move(password)), roles_(std::move(roles)) {}
  Result<> start() override {
    if (fails) return Error{Errc::kIo, "no directory"};
    return {};
  }
  PrincipalPtr authenticate(std::string_view user, std::string_view password) override {
    ++asked;
    return password == password_ ? find(user) : nullptr;
  }
  PrincipalPtr find(std::string_view user) override {
    return user == name_ ? std::make_shared<Principal>(Principal{name_, {}, roles_}) : nullptr;
  }
  void background_process() override { ++ticks; }
  bool fails = false;
  int asked = 0, ticks = 0;

 private:
  const std::string name_, password_;
  const std::vector<std::string> roles_;
};

std::vector<std::unique_ptr<Realm>> list(std::unique_ptr<Realm> a,
                                         std::unique_ptr<Realm> b = nullptr) {
  std::vector<std::unique_ptr<Realm>> all;
  all.push_back(std::move(a));
  if (b) all.push_back(std::move(b));
  return all;
}

TEST(CombinedRealm, TakesTheFirstRealmThatKnowsUserAndPassword) {
  auto one = std::make_unique<OneUser>("bob", "1", std::vector<std::string>{"a"});
  auto two = std::make_unique<OneUser>("bob", "2", std::vector<std::string>{"b"});
  auto& first = *one;
  auto& second = *two;
  CombinedRealm realm({}, list(std::move(one), std::move(two)));
  ASSERT_TRUE(realm.start());
  EXPECT_EQ(realm.authenticate("bob", "1")->roles, std::vector<std::string>{"a"});
  EXPECT_EQ(second.asked, 0);
  const auto other = realm.authenticate("bob", "2");
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->has_role("a")) << "roles of another realm's user of that name are not his";
  EXPECT_TRUE(other->has_role("b"));
  EXPECT_FALSE(realm.authenticate("bob", "3"));
  EXPECT_EQ(realm.find("bob")->roles, std::vector<std::string>{"a"});
  realm.background_process();
  EXPECT_EQ(first.ticks + second.ticks, 2);
}

TEST(CombinedRealm, GoesOnWithoutARealmThatDoesNotStart) {
  auto broken = std::make_unique<OneUser>("ann", "1", std::vector<std::string>{});
  broken->fails = true;
  CombinedRealm realm({}, list(std::move(broken),
                               std::make_unique<OneUser>("bob", "2", std::vector<std::string>{})));
  const test::LogCapture log;
  ASSERT_TRUE(realm.start());
  EXPECT_TRUE(log.contains("Failed to start realm: no directory"));
  EXPECT_FALSE(realm.authenticate("ann", "1"));
  EXPECT_TRUE(realm.authenticate("bob", "2"));
}

class LockOut : public ::testing::Test {
 protected:
  LockOutRealm make(int failures, int seconds, int cache = 1000, int warning = 3600) {
    LockOutRealm::Options options;
    options.failure_count = failures;
    options.lock_out_time = seconds;
    options.cache_size = cache;
    options.cache_removal_warning_time = warning;
    return {options, list(std::make_unique<OneUser>("u", "p", std::vector<std::string>{})), clock};
  }
  test::ManualClock clock;
};

// The four tests of time say what Tomcat 9.0.70's own class does.
TEST_F(LockOut, LocksAfterTheLastAllowedFailureEvenForTheRightPassword) {
  auto realm = make(2, 300);
  EXPECT_FALSE(realm.authenticate("u", "bad"));
  EXPECT_TRUE(realm.authenticate("u", "p")) << "one failure is forgiven by a success";
  EXPECT_FALSE(realm.authenticate("u", "bad"));
  EXPECT_FALSE(realm.authenticate("u", "bad"));
  EXPECT_TRUE(realm.is_locked("u"));
  const test::LogCapture log;
  EXPECT_FALSE(realm.authenticate("u", "p"));
  EXPECT_TRUE(log.contains("An attempt was made to authenticate the locked user [u]"));
  EXPECT_FALSE(realm.is_locked("other"));
}

TEST_F(LockOut, OpensAgainAfterItsTimeAndForgetsTheFailures) {
  auto realm = make(2, 300);
  realm.authenticate("u", "bad");
  realm.authenticate("u", "bad");
  clock.advance(299s);
  EXPECT_FALSE(realm.authenticate("u", "p")) << "does not begin the time anew";
  clock.advance(1s);
  EXPECT_TRUE(realm.authenticate("u", "p"));
  EXPECT_EQ(realm.tracked_users(), 0u);
}

TEST_F(LockOut, BeginsItsTimeAnewWithEachWrongPassword) {
  auto realm = make(2, 300);
  realm.authenticate("u", "bad");
  realm.authenticate("u", "bad");
  clock.advance(200s);
  realm.authenticate("u", "bad");
  clock.advance(200s);
  EXPECT_FALSE(realm.authenticate("u", "p"));
  clock.advance(100s);
  EXPECT_TRUE(realm.authenticate("u", "p"));
}

TEST_F(LockOut, CountsFromOneAgainAfterATimeHasRunOut) {
  auto realm = make(2, 300);
  realm.authenticate("u", "bad");
  realm.authenticate("u", "bad");
  clock.advance(301s);
  realm.authenticate("u", "bad");
  EXPECT_FALSE(realm.is_locked("u"));
  realm.authenticate("u", "bad");
  EXPECT_TRUE(realm.is_locked("u"));
}

TEST_F(LockOut, RemembersOnlySoManyUsersAndSaysWhoWasForgottenEarly) {
  auto realm = make(1, 300, 2, 100);
  const test::LogCapture log;
  realm.authenticate("a", "bad");
  clock.advance(200s);
  realm.authenticate("b", "bad");
  realm.authenticate("c", "bad");
  EXPECT_EQ(realm.tracked_users(), 2u);
  EXPECT_FALSE(realm.is_locked("a"));
  EXPECT_FALSE(log.contains("failed users cache")) << "a was old enough";
  clock.advance(10s);
  realm.authenticate("b", "bad");
  realm.authenticate("d", "bad");
  EXPECT_TRUE(realm.is_locked("b")) << "failed later than c";
  EXPECT_FALSE(realm.is_locked("c"));
  EXPECT_TRUE(log.contains("User [c] was removed from the failed users cache after [10] seconds"))
      << log.text();
}

TEST(RealmRegistry, MakesTheStockRealmOfServerXml) {
  RealmRegistry realms;
  register_realms(realms);
  const test::TempDir dir;
  dir.write("users.xml", R"(<tomcat-users><user username="u" password="p"/></tomcat-users>)");
  const Properties properties;
  const RealmEnvironment environment{
      .user_database = {}, .catalina_base = dir.path(), .properties = &properties};
  auto element = read_xml(R"(
    <Realm className="org.apache.catalina.realm.LockOutRealm" failureCount="1" lockOutTime="60">
      <Realm className="org.apache.catalina.realm.MemoryRealm" pathname="users.xml"/>
      <Realm className="org.apache.catalina.realm.NullRealm"/>
    </Realm>)",
                          "server.xml", {.properties = &properties});
  ASSERT_TRUE(element);
  Diagnostics diagnostics(tomcat_names_9());
  auto realm = realms.create(*element, diagnostics, environment);
  ASSERT_TRUE(realm) << realm.error().message;
  EXPECT_FALSE(diagnostics.has_errors());
  ASSERT_TRUE((*realm)->start());
  EXPECT_TRUE((*realm)->authenticate("u", "p"));
  EXPECT_FALSE((*realm)->authenticate("u", "bad"));
  EXPECT_FALSE((*realm)->authenticate("u", "p")) << "locked";
}

TEST(LockOutRealm, LocksByWhatIsSetFromTheNextWrongPasswordOn) {
  LockOutRealm realm({}, list(std::make_unique<OneUser>("bob", "1", std::vector<std::string>{})));
  ASSERT_TRUE(realm.start());
  const auto bean = realm.shown_at({"/realm0", {}, "StandardHost[h]"});
  EXPECT_EQ(bean->resource(), "LockOutRealm[StandardHost[h]]");
  realm.authenticate("bob", "2");
  EXPECT_FALSE(realm.is_locked("bob"));
  EXPECT_TRUE(realm.authenticate("bob", "1"));
  ASSERT_TRUE(bean->set("failureCount", "1"));
  realm.authenticate("bob", "2");
  EXPECT_TRUE(realm.is_locked("bob"));
  ASSERT_TRUE(bean->set("allRolesMode", "authOnly"));
  EXPECT_EQ(realm.base_options().all_roles_mode, AllRolesMode::kAuthOnly);
  EXPECT_FALSE(bean->set("allRolesMode", "all"));
  ASSERT_TRUE(bean->set("realmPath", "/other"));
  EXPECT_EQ(bean->get("realmPath"), BeanValue(std::string("/other")));
}

}  // namespace
}  // namespace serval::core
