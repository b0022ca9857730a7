#include "container/base/diagnostics.h"

#include <gtest/gtest.h>

#include <array>

namespace serval {
namespace {

class NoNames final : public TomcatNames {
 public:
  bool knows_class(std::string_view) const override { return false; }
  std::span<const std::string_view> attributes_of(std::string_view) const override { return {}; }
};

TEST(Diagnostics, KeepsEverythingInOrderWithItsPlace) {
  const NoNames names;
  Diagnostics d(names);
  const Origin here{std::make_shared<const std::string>("conf/server.xml"), 4, 2};
  d.info(here, "one");
  d.warning(here, "two");
  EXPECT_FALSE(d.has_errors());
  d.error({}, "three");
  EXPECT_TRUE(d.has_errors());
  ASSERT_EQ(d.entries().size(), 3u);
  EXPECT_EQ(d.entries()[0].text, "conf/server.xml:4: one");
  EXPECT_EQ(d.entries()[1].severity, Diagnostics::Severity::kWarning);
  EXPECT_EQ(d.entries()[2].text, "three");
}

TEST(Diagnostics, KeepsWhatIsSaidTwiceOnce) {
  const NoNames names;
  Diagnostics d(names);
  d.warning({}, "x");
  d.warning({}, "x");
  d.error({}, "x");
  EXPECT_EQ(d.entries().size(), 2u);
}

TEST(Origin, PrintsFileAndLine) {
  EXPECT_EQ((Origin{std::make_shared<const std::string>("f"), 3, 9}.text()), "f:3");
  EXPECT_EQ((Origin{std::make_shared<const std::string>("f"), 0, 0}.text()), "f");
  EXPECT_EQ(Origin{}.text(), "(no file)");
}

TEST(DidYouMean, NamesTheNearestOnlyWhenItIsNear) {
  constexpr std::array<std::string_view, 4> kNames{"threshold", "interrupt", "port", "portOffset"};
  const struct {
    std::string_view word, want;
  } cases[] = {
      {"treshold", ", did you mean 'threshold'?"},
      {"THRESHOLD", ", did you mean 'threshold'?"},
      {"prot", ", did you mean 'port'?"},
      {"portOfset", ", did you mean 'portOffset'?"},
      {"elephant", ""},
      {"", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.word);
    EXPECT_EQ(did_you_mean(c.word, kNames), c.want);
  }
  EXPECT_EQ(did_you_mean("port", {}), "");
}

TEST(Element, FindsAttributesAndChildren) {
  Element e;
  e.attributes = {{"a", "1"}, {"className", "c"}};
  e.children.resize(3);
  e.children[0].name = "x";
  e.children[1].name = "y";
  e.children[2].name = "x";
  EXPECT_EQ(*e.attribute("a"), "1");
  EXPECT_EQ(e.attribute("A"), nullptr);
  EXPECT_EQ(e.attribute_or("b", "other"), "other");
  EXPECT_EQ(e.class_name("d"), "c");
  EXPECT_EQ(e.children[0].class_name("d"), "d");
  EXPECT_EQ(e.child("x"), &e.children[0]);
  EXPECT_EQ(e.child("z"), nullptr);
  EXPECT_EQ(e.children_named("x").size(), 2u);
}

}  // namespace
}  // namespace serval
