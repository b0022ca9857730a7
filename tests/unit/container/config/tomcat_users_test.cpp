#include "container/config/tomcat_users.h"

#include <gtest/gtest.h>

namespace serval {
namespace {

TEST(TomcatUsers, ReadsRolesGroupsAndUsers) {
  Properties p;
  p.set("ann.password", "secret");
  const auto all = parse_tomcat_users(R"(<tomcat-users xmlns="http://tomcat.apache.org/xml">
    <role rolename="admin" description="all"/>
    <group groupname="ops" roles="manager-gui, manager-script"/>
    <user username="ann" password="${ann.password}" roles=" admin , user " groups="ops,new" fullName="Ann A"/>
    <user name="bob" password="b"/>
    <unknown/></tomcat-users>)",
                                      "tomcat-users.xml", p);
  ASSERT_TRUE(all) << all.error().message;
  const auto* ann = all->user("ann");
  ASSERT_TRUE(ann);
  EXPECT_EQ(ann->password, "secret");
  EXPECT_EQ(ann->full_name, "Ann A");
  EXPECT_EQ(all->roles_of(*ann),
            (std::set<std::string>{"admin", "manager-gui", "manager-script", "user"}));
  EXPECT_TRUE(all->roles_of(*all->user("bob")).empty());
  EXPECT_FALSE(all->user("Ann"));
  std::vector<std::string> roles;
  for (const auto& role : all->roles) roles.push_back(role.name);
  EXPECT_EQ(roles, (std::vector<std::string>{"admin", "manager-gui", "manager-script", "user"}));
  EXPECT_EQ(all->groups.size(), 2u);
  EXPECT_TRUE(all->warnings.empty());
}

TEST(TomcatUsers, TheNamespaceIsOptionalAndMayHaveAPrefix) {
  EXPECT_EQ(parse_tomcat_users("<tomcat-users><user username='a'/></tomcat-users>", "f", {})
                ->users.size(),
            1u);
  EXPECT_EQ(parse_tomcat_users(
                "<t:tomcat-users xmlns:t='u'><t:user username='a'/></t:tomcat-users>", "f", {})
                ->users.size(),
            1u);
}

TEST(TomcatUsers, TheLaterOfTwoUsersCountsAndNamelessOnesAreLeftOut) {
  const auto all = parse_tomcat_users(
      "<tomcat-users><user username='a' password='1'/>\n<user password='secret'/>"
      "<user username='a' password='2'/></tomcat-users>",
      "f", {});
  ASSERT_EQ(all->users.size(), 1u);
  EXPECT_EQ(all->users[0].password, "2");
  EXPECT_EQ(all->warnings, std::vector<std::string>{"f:2: <user> without a name is left out"});
}

TEST(TomcatUsers, RefusesAnotherRoot) {
  EXPECT_EQ(parse_tomcat_users("<users/>", "f", {}).error().message,
            "f:1: the root element must be <tomcat-users>, not <users>");
}

TEST(ShippedTomcatUsers, HasNoUser) {
  const auto all =
      read_tomcat_users(std::filesystem::path(SERVAL_SOURCE_DIR) / "conf/tomcat-users.xml", {});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_TRUE(all->users.empty());
}

}  // namespace
}  // namespace serval
