#include <gtest/gtest.h>

#include "container/core/deployer.h"

namespace serval::core {
namespace {

std::string shown(const ContextName& n) {
  return n.base_name + " path=" + n.path + " version=" + n.version + " name=" + n.name;
}

TEST(ContextName, OfADirectoryIsAllOfItsName) {
  EXPECT_EQ(shown(ContextName::from_directory("foo.war")),
            "foo.war path=/foo.war version= name=/foo.war");
  EXPECT_EQ(shown(ContextName::from_directory("a#b##1.xml")),
            "a#b##1.xml path=/a/b version=1.xml name=/a/b##1.xml");
}

TEST(ContextName, FollowsTomcatsTable) {
  const struct {
    std::string_view base_name, want;
  } kCases[] = {
      {"foo", "foo path=/foo version= name=/foo"},
      {"foo.war", "foo path=/foo version= name=/foo"},
      {"foo.WAR", "foo path=/foo version= name=/foo"},
      {"foo.xml", "foo path=/foo version= name=/foo"},
      {"foo.bar", "foo.bar path=/foo.bar version= name=/foo.bar"},
      {"foo#bar", "foo#bar path=/foo/bar version= name=/foo/bar"},
      {"foo##1", "foo##1 path=/foo version=1 name=/foo##1"},
      {"foo#bar##2", "foo#bar##2 path=/foo/bar version=2 name=/foo/bar##2"},
      {"foo##1##2", "foo##1##2 path=/foo version=1##2 name=/foo##1##2"},
      {"ROOT", "ROOT path= version= name="},
      {"ROOT##3", "ROOT##3 path= version=3 name=##3"},
      {"##3", "ROOT##3 path= version=3 name=##3"},
      {"root", "root path=/root version= name=/root"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(shown(ContextName::from_base_name(c.base_name)), c.want) << c.base_name;
  }
}

TEST(ContextName, IsTheSameFromItsName) {
  for (const auto* const base_name :
       {"foo", "foo#bar", "foo##1", "foo#bar##2", "ROOT", "ROOT##3"}) {
    const auto names = ContextName::from_base_name(base_name);
    EXPECT_EQ(shown(ContextName::from_name(names.name)), shown(names)) << base_name;
  }
}

}  // namespace
}  // namespace serval::core
