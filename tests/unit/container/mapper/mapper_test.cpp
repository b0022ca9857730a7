#include "container/mapper/mapper.h"

#include <gtest/gtest.h>

#include <thread>

#include "container/core/context.h"
#include "container/core/host.h"

namespace serval::core {
namespace {

std::shared_ptr<Host> host(std::string name) {
  Host::Options options;
  options.name = std::move(name);
  return std::make_shared<Host>(options);
}
std::shared_ptr<Context> context(std::string_view base_name) {
  return std::make_shared<Context>(ContextName::from_base_name(base_name), "/nowhere");
}
void add(Mapper& mapper, std::string_view host_name, std::string_view base_name) {
  auto made = context(base_name);
  const ContextName names = made->names();
  mapper.add_context(host_name, names.path, names.version, std::move(made));
}
/// "host path version version"
std::string shown(const Mapper::Match& match) {
  if (!match.host) return "none";
  std::string text = match.host->name() + " " + std::string(match.context_path);
  for (const auto& version : match.versions) text += "|" + version.version;
  return text;
}

TEST(Mapper, ChoosesTheHostByNameAliasWildcardAndDefault) {
  Mapper mapper;
  mapper.add_host("localhost", {}, host("localhost"), true);
  mapper.add_host("www.example.org", {"example.org", "*.Example.ORG"}, host("www.example.org"),
                  false);
  const struct {
    std::string_view name, want;
  } kCases[] = {
      {"localhost", "localhost "},
      {"LOCALHOST", "localhost "},
      {"www.example.org", "www.example.org "},
      {"Example.Org", "www.example.org "},
      {"any.example.org", "www.example.org "},
      {"two.labels.example.org", "localhost "},
      {"elsewhere", "localhost "},
      {"", "localhost "},
  };
  for (const auto& c : kCases) EXPECT_EQ(shown(mapper.find(c.name, "/")), c.want) << c.name;
}

TEST(Mapper, FindsNoHostWhenTheDefaultIsNotThere) {
  Mapper mapper;
  mapper.add_host("a", {}, host("a"), false);
  EXPECT_EQ(shown(mapper.find("b", "/")), "none");
}

TEST(Mapper, ChoosesTheContextWithTheLongestPath) {
  Mapper mapper;
  mapper.add_host("h", {}, host("h"), true);
  for (const auto* const name : {"ROOT", "foo", "foo#bar", "foobar"}) add(mapper, "h", name);
  const struct {
    std::string_view path, want;
  } kCases[] = {
      {"/", "h |"},
      {"/x", "h |"},
      {"/foo", "h /foo|"},
      {"/foo/", "h /foo|"},
      {"/foo/x", "h /foo|"},
      {"/foo/bar", "h /foo/bar|"},
      {"/foo/barx", "h /foo|"},
      {"/foo/bar/x/y", "h /foo/bar|"},
      {"/foobar", "h /foobar|"},
      {"/foob", "h |"},
      {"/FOO", "h |"},
  };
  for (const auto& c : kCases) EXPECT_EQ(shown(mapper.find("h", c.path)), c.want) << c.path;
}

TEST(Mapper, FindsNoContextWithoutRoot) {
  Mapper mapper;
  mapper.add_host("h", {}, host("h"), true);
  add(mapper, "h", "foo");
  const auto match = mapper.find("h", "/bar");
  EXPECT_NE(match.host, nullptr);
  EXPECT_TRUE(match.versions.empty());
}

TEST(Mapper, SortsVersionsByTheirText) {
  Mapper mapper;
  mapper.add_host("h", {}, host("h"), true);
  for (const auto* const name : {"foo##2", "foo", "foo##10", "foo##02"}) add(mapper, "h", name);
  EXPECT_EQ(shown(mapper.find("h", "/foo/x")), "h /foo||02|10|2");
  mapper.remove_context("h", "/foo", "2");
  EXPECT_EQ(shown(mapper.find("h", "/foo/x")), "h /foo||02|10");
}

TEST(Mapper, ForgetsWhatIsRemoved) {
  Mapper mapper;
  mapper.add_host("a", {"alias-a"}, host("a"), false);
  mapper.add_host("b", {"alias-b"}, host("b"), true);
  add(mapper, "b", "foo");
  mapper.remove_context("b", "/foo", "");
  EXPECT_TRUE(mapper.find("b", "/foo").versions.empty());
  mapper.remove_host("a");
  EXPECT_EQ(shown(mapper.find("alias-a", "/")), "b ");
  EXPECT_EQ(shown(mapper.find("alias-b", "/")), "b ");
  mapper.remove_context("nobody", "/foo", "");
}

TEST(Mapper, KeepsWhatAMatchPointsIntoAlive) {
  Mapper mapper;
  mapper.add_host("h", {}, host("h"), true);
  add(mapper, "h", "foo");
  const auto match = mapper.find("h", "/foo");
  mapper.remove_context("h", "/foo", "");
  EXPECT_TRUE(mapper.find("h", "/foo").versions.empty());
  EXPECT_EQ(match.versions.front().context->names().path, "/foo");
}

TEST(Mapper, KeepsMappersOfOneThreadApart) {
  Mapper one, two;
  one.add_host("one", {}, host("one"), true);
  two.add_host("two", {}, host("two"), true);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(shown(one.find("x", "/")), "one ");
    EXPECT_EQ(shown(two.find("x", "/")), "two ");
  }
}

TEST(Mapper, IsReadWhileItChanges) {
  Mapper mapper;
  mapper.add_host("h", {}, host("h"), true);
  add(mapper, "h", "ROOT");
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto match = mapper.find("h", "/foo/x");
        ASSERT_FALSE(match.versions.empty());
        ASSERT_NE(match.versions.back().context, nullptr);
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    add(mapper, "h", "foo");
    mapper.remove_context("h", "/foo", "");
  }
  done = true;
  for (auto& reader : readers) reader.join();
}

}  // namespace
}  // namespace serval::core
