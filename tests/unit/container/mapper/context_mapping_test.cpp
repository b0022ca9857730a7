#include <gtest/gtest.h>

#include "container/core/wrapper.h"
#include "container/mapper/mapper.h"

namespace serval::core {
namespace {

ContextMapping mapping_of(std::vector<std::string> patterns) {
  std::vector<ServletMapping> mappings;
  for (auto& pattern : patterns) {
    auto wrapper = std::make_shared<Wrapper>(pattern, Wrapper::Definition{});
    mappings.push_back({std::move(pattern), std::move(wrapper)});
  }
  return ContextMapping(std::move(mappings));
}

/// "pattern servletPath pathInfo kind", or "none".
std::string shown(const std::optional<ContextMapping::Match>& match) {
  if (!match) return "none";
  static constexpr const char* kKinds[] = {"exact", "path", "extension", "default", "root"};
  return match->wrapper->name() + "|" + std::string(match->servlet_path) + "|" +
         std::string(match->path_info.value_or("null")) + "|" +
         kKinds[static_cast<int>(match->kind)];
}

TEST(ContextMapping, ChoosesByTheRulesOfTheSpecification) {
  const auto mapping = mapping_of(
      {"/s", "/a/*", "/a/b/*", "/a/b/c", "*.x", "*.jsp", "/", "", "/exact.x", "/foo/bar/*"});
  const struct {
    std::string_view path, want;
  } kCases[] = {
      {"/s", "/s|/s|null|exact"},
      {"/s/", "/|/s/|null|default"},
      {"/S", "/|/S|null|default"},
      {"/a", "/a/*|/a|null|path"},
      {"/a/", "/a/*|/a|/|path"},
      {"/a/z", "/a/*|/a|/z|path"},
      {"/ab", "/|/ab|null|default"},
      {"/a/b", "/a/b/*|/a/b|null|path"},
      {"/a/b/z", "/a/b/*|/a/b|/z|path"},
      {"/a/b/c", "/a/b/c|/a/b/c|null|exact"},
      {"/a/b/c/", "/a/b/*|/a/b|/c/|path"},
      {"/a/q.x", "/a/*|/a|/q.x|path"},
      {"/q.x", "*.x|/q.x|null|extension"},
      {"/d/e/q.x", "*.x|/d/e/q.x|null|extension"},
      {"/exact.x", "/exact.x|/exact.x|null|exact"},
      {"/q.x/more", "/|/q.x/more|null|default"},
      {"/q.X", "/|/q.X|null|default"},
      {"/q.y.x", "*.x|/q.y.x|null|extension"},
      {"/q.x.y", "/|/q.x.y|null|default"},
      {"/.x", "*.x|/.x|null|extension"},
      {"/foo", "/|/foo|null|default"},
      {"/foo/bar", "/foo/bar/*|/foo/bar|null|path"},
      {"/", "||/|root"},
      {"", "/||null|default"},
  };
  for (const auto& c : kCases) EXPECT_EQ(shown(mapping.find(c.path)), c.want) << c.path;
}

TEST(ContextMapping, TakesEverythingWithSlashStar) {
  const auto mapping = mapping_of({"/*", "*.x"});
  EXPECT_EQ(shown(mapping.find("")), "/*||null|path");
  EXPECT_EQ(shown(mapping.find("/")), "/*||/|path");
  EXPECT_EQ(shown(mapping.find("/a/b.x")), "/*||/a/b.x|path");
}

TEST(ContextMapping, FindsNothingWithoutADefault) {
  const auto mapping = mapping_of({"/a", "*.x"});
  EXPECT_EQ(shown(mapping.find("/b")), "none");
  EXPECT_EQ(shown(mapping.find("")), "none");
  EXPECT_EQ(shown(mapping_of({}).find("/")), "none");
}

}  // namespace
}  // namespace serval::core
