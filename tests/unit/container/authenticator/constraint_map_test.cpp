#include "container/authenticator/constraint_map.h"

#include <gtest/gtest.h>

namespace serval::core {
namespace {

SecurityConstraint constraint(std::string name, std::vector<std::string> patterns,
                              std::vector<std::string> methods = {},
                              std::vector<std::string> omitted = {}) {
  SecurityConstraint c;
  c.collections.push_back({std::move(patterns), std::move(methods), std::move(omitted)});
  c.roles = {std::move(name)};
  return c;
}

const std::vector<SecurityConstraint>& constraints() {
  static const std::vector<SecurityConstraint> all{
      constraint("exact", {"/a"}),
      constraint("exactPost", {"/p"}, {"POST"}),
      constraint("pre", {"/a/*"}),
      constraint("deep", {"/a/b/*"}),
      constraint("deepPost", {"/post/*"}, {"POST"}),
      constraint("ext", {"*.do"}),
      constraint("extPost", {"*.po"}, {"POST"}),
      constraint("def", {"/"}, {"POST"}),
      constraint("root", {""}),
      constraint("omit", {"/o/*"}, {}, {"GET"}),
      constraint("two", {"/a", "/z"}),
  };
  return all;
}

// What Tomcat 9.0.70's RealmBase.findSecurityConstraints answers for these constraints.
TEST(ConstraintMap, FindsWhatTomcatFinds) {
  const struct {
    std::string_view method, path, want;
  } kCases[] = {
      {"GET", "/a", "exact two"},
      {"GET", "/a/", "pre"},
      {"GET", "/a/c", "pre"},
      {"GET", "/a/b", "deep"},
      {"GET", "/a/b/c", "deep"},
      {"GET", "/a/b/c.do", "deep"},
      {"GET", "/x.do", "ext"},
      {"GET", "/x.do/", "def"},
      {"GET", "/.do", "ext"},
      {"GET", "/x.po", ""},
      {"GET", "/p", ""},
      {"GET", "/post/x.do", "ext"},
      {"GET", "/post/x", "def"},
      {"GET", "/", "root"},
      {"GET", "", "root"},
      {"GET", "/q", "def"},
      {"GET", "/o/x", "def"},
      {"GET", "/o", "def"},
      {"GET", "/z", "two"},
      {"GET", "/ab", "def"},
      {"GET", "/A", "def"},
      {"POST", "/a", "exact two"},
      {"POST", "/a/", "pre"},
      {"POST", "/a/c", "pre"},
      {"POST", "/a/b", "deep"},
      {"POST", "/a/b/c", "deep"},
      {"POST", "/a/b/c.do", "deep"},
      {"POST", "/x.do", "ext"},
      {"POST", "/x.do/", "def"},
      {"POST", "/.do", "ext"},
      {"POST", "/x.po", "extPost"},
      {"POST", "/p", "exactPost"},
      {"POST", "/post/x.do", "deepPost"},
      {"POST", "/post/x", "deepPost"},
      {"POST", "/", "def root"},
      {"POST", "", "def root"},
      {"POST", "/q", "def"},
      {"POST", "/o/x", "omit"},
      {"POST", "/o", "omit"},
      {"POST", "/z", "two"},
      {"POST", "/ab", "def"},
      {"POST", "/A", "def"},
  };
  const ConstraintMap map(constraints());
  for (const auto& c : kCases) {
    std::string names;
    for (const auto* found : map.find(c.path, c.method))
      names += (names.empty() ? "" : " ") + found->roles.front();
    EXPECT_EQ(names, c.want) << c.method << " " << c.path;
  }
}

TEST(ConstraintMap, OfNoConstraintsFindsNothing) {
  const std::vector<SecurityConstraint> none;
  const ConstraintMap map(none);
  EXPECT_TRUE(map.empty());
  EXPECT_TRUE(map.find("/", "GET").empty());
}

}  // namespace
}  // namespace serval::core
