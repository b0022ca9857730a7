#include "container/realm/user_database.h"

#include <gtest/gtest.h>

#include "container/realm/user_database_realm.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
using test::TempDir;

std::unique_ptr<CredentialHandler> plain() {
  return std::make_unique<MessageDigestCredentialHandler>(
      MessageDigestCredentialHandler::Options{});
}

/// A file of users, the database that reads it, and a realm of it.
class UserDatabaseRealms : public ::testing::Test {
 protected:
  void write(std::string_view users, int seconds_later = 0) {
    const auto file = dir.write("conf/tomcat-users.xml",
                                "<tomcat-users>" + std::string(users) + "</tomcat-users>");
    fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(seconds_later));
  }
  UserDatabaseRealm& started(bool static_principal = false) {
    database = std::make_shared<UserDatabase>(
        UserDatabase::Options{.pathname = dir / "conf/tomcat-users.xml"}, properties);
    EXPECT_TRUE(database->open());
    UserDatabaseRealm::Options options;
    options.use_static_principal = static_principal;
    RealmEnvironment environment;
    environment.user_database = [this](std::string_view name) {
      return name == "UserDatabase" ? database : nullptr;
    };
    realm = std::make_unique<UserDatabaseRealm>(options, environment, plain());
    EXPECT_TRUE(realm->start());
    return *realm;
  }

  const TempDir dir;
  const Properties properties;
  std::shared_ptr<UserDatabase> database;
  std::unique_ptr<UserDatabaseRealm> realm;
};

TEST_F(UserDatabaseRealms, KnowUserPasswordAndRolesOfGroups) {
  write(R"(<role rolename="declared"/><group groupname="ops" roles="manager-script, manager-gui"/>
           <user username="ann" password="secret" roles="a,b" groups="ops"/>)");
  auto& users = started();
  const auto ann = users.authenticate("ann", "secret");
  ASSERT_TRUE(ann);
  EXPECT_EQ(ann->name, "ann");
  EXPECT_EQ(ann->roles, (std::vector<std::string>{"a", "b", "manager-gui", "manager-script"}));
  EXPECT_TRUE(ann->has_role("manager-gui"));
  EXPECT_FALSE(ann->has_role("declared"));
  EXPECT_TRUE(ann->password.empty()) << "not given away";
  for (const auto& [user, password] : {std::pair("ann", "Secret"),
                                       {"ann", ""},
                                       {"Ann", "secret"},
                                       {"", ""},
                                       {"nobody", "secret"},
                                       {"nobody", "00"}})
    EXPECT_FALSE(users.authenticate(user, password)) << user << ":" << password;
  EXPECT_TRUE(users.find("ann"));
  EXPECT_FALSE(users.find("nobody"));
}

TEST_F(UserDatabaseRealms, LetNobodyInWhoHasNoPassword) {
  write(R"(<user username="nopw" roles="a"/><user username="empty" password="" roles="a"/>)");
  auto& users = started();
  EXPECT_FALSE(users.authenticate("nopw", ""));
  EXPECT_FALSE(users.authenticate("nopw", "00"));
  EXPECT_TRUE(users.authenticate("empty", "")) << "an empty one is one, as in Tomcat";
}

TEST_F(UserDatabaseRealms, FollowTheFileAndSoDoTheRolesOfThoseLoggedIn) {
  write(R"(<user username="ann" password="1" roles="a"/>)");
  auto& users = started();
  const auto ann = users.authenticate("ann", "1");
  ASSERT_TRUE(ann);
  write(R"(<user username="ann" password="2" roles="b"/>)", 5);
  users.background_process();
  EXPECT_FALSE(users.authenticate("ann", "1"));
  EXPECT_TRUE(users.authenticate("ann", "2"));
  EXPECT_TRUE(ann->has_role("b"));
  EXPECT_FALSE(ann->has_role("a"));
  write("", 10);
  users.background_process();
  EXPECT_FALSE(ann->has_role("b")) << "a user that was removed has no role any more";
}

TEST_F(UserDatabaseRealms, KeepTheRolesOfTheLoginIfToldSo) {
  write(R"(<user username="ann" password="1" roles="a"/>)");
  auto& users = started(true);
  const auto ann = users.authenticate("ann", "1");
  write(R"(<user username="ann" password="1" roles="b"/>)", 5);
  users.background_process();
  EXPECT_TRUE(ann->has_role("a"));
  EXPECT_FALSE(ann->has_role("b"));
}

TEST_F(UserDatabaseRealms, StayAsTheyWereWhenTheNewFileIsBroken) {
  write(R"(<user username="ann" password="1"/>)");
  auto& users = started();
  write("<user", 5);
  const test::LogCapture log;
  users.background_process();
  EXPECT_TRUE(users.authenticate("ann", "1"));
  EXPECT_TRUE(log.contains("Error while reloading the user database, the users stay as they were"))
      << log.text();
  fs::remove(dir / "conf/tomcat-users.xml");
  users.background_process();
  EXPECT_TRUE(users.authenticate("ann", "1"));
}

TEST_F(UserDatabaseRealms, DoNotStartWithoutTheirResource) {
  UserDatabaseRealm::Options options;
  options.resource_name = "Other";
  RealmEnvironment none;
  none.user_database = [](auto) { return nullptr; };
  UserDatabaseRealm other(options, none, plain());
  const auto failed = other.start();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "No UserDatabase component found under key [Other]");
}

TEST_F(UserDatabaseRealms, StartWithoutUsersWhenTheFileIsMissing) {
  const test::LogCapture log;
  auto& users = started();
  EXPECT_FALSE(users.authenticate("ann", ""));
  EXPECT_TRUE(log.contains("could not be found")) << log.text();
}

TEST_F(UserDatabaseRealms, OfAFileOfTheirOwnAreReadOnce) {
  write(R"(<user username="ann" password="1" roles="a"/>)");
  const RealmEnvironment environment{
      .user_database = {}, .catalina_base = dir.path(), .properties = &properties};
  MemoryRealm users({}, environment, plain());
  ASSERT_TRUE(users.start());
  const auto ann = users.authenticate("ann", "1");
  ASSERT_TRUE(ann);
  write(R"(<user username="ann" password="2" roles="b"/>)", 5);
  users.background_process();
  EXPECT_TRUE(users.authenticate("ann", "1"));
  EXPECT_TRUE(ann->has_role("a"));

  MemoryRealm::Options elsewhere;
  elsewhere.pathname = "conf/none.xml";
  MemoryRealm missing(elsewhere, environment, plain());
  const auto failed = missing.start();
  ASSERT_FALSE(failed) << "nobody could ever log in";
  EXPECT_NE(failed.error().message.find("conf/none.xml"), std::string::npos);
}

}  // namespace
}  // namespace serval::core
