#include "container/base/registry.h"

#include <gtest/gtest.h>

#include <array>

namespace serval {
namespace {

class TomcatHasOther final : public TomcatNames {
 public:
  bool knows_class(std::string_view name) const override { return name == "t.OtherValve"; }
  std::span<const std::string_view> attributes_of(std::string_view) const override { return {}; }
};

class Valve {
 public:
  virtual ~Valve() = default;
  virtual int value() const = 0;
};
class CountValve final : public Valve {
 public:
  struct Options {
    int count = 3;
  };
  static std::span<const Attribute<Options>> attributes() {
    static const std::array rows{attribute("count", &Options::count, "how many")};
    return rows;
  }
  explicit CountValve(Options options) : options_(options) {}
  int value() const override { return options_.count; }

 private:
  Options options_;
};

Element element(std::vector<Element::Attribute> attributes) {
  Element e;
  e.name = "Valve";
  e.path = "Server/Valve";
  e.attributes = std::move(attributes);
  e.origin = {std::make_shared<const std::string>("server.xml"), 9, 1};
  return e;
}

class RegistryOfValves : public testing::Test {
 protected:
  RegistryOfValves() { valves_.add<CountValve>("t.CountValve"); }
  std::string failure(const Element& e) {
    Diagnostics d(names_);
    const auto made = valves_.create(e, d);
    EXPECT_FALSE(made);
    EXPECT_EQ(d.entries().size(), 1u);
    EXPECT_TRUE(d.has_errors());
    return d.entries().empty() ? "" : d.entries()[0].text;
  }
  TomcatHasOther names_;
  Registry<Valve> valves_;
};

TEST_F(RegistryOfValves, MakesTheClassWithItsOptions) {
  Diagnostics d(names_);
  auto made = valves_.create(element({{"className", "t.CountValve"}, {"count", "5"}}), d);
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->value(), 5);
  EXPECT_TRUE(d.entries().empty());
}

TEST_F(RegistryOfValves, TakesTheDefaultClassWhenNoneIsNamed) {
  Diagnostics d(names_);
  auto made = valves_.create(element({}), d, "t.CountValve");
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->value(), 3);
}

TEST_F(RegistryOfValves, SaysWhyItMakesNothing) {
  EXPECT_EQ(failure(element({})), "server.xml:9: No class name specified for [] [Valve]");
  EXPECT_EQ(failure(element({{"className", "t.CountVlave"}})),
            "server.xml:9: Server/Valve: unknown className 't.CountVlave', did you mean "
            "'t.CountValve'?");
  EXPECT_EQ(failure(element({{"className", "t.OtherValve"}})),
            "server.xml:9: Server/Valve: className 't.OtherValve' is known from Tomcat, but this "
            "version of Serval does not have it yet");
}

TEST_F(RegistryOfValves, AFactorysOwnErrorIsReportedToo) {
  valves_.add("t.Broken", {}, [](const Element&, Diagnostics&) -> Result<std::unique_ptr<Valve>> {
    return Error{Errc::kInvalidArgument, "it does not work"};
  });
  EXPECT_EQ(failure(element({{"className", "t.Broken"}})), "server.xml:9: it does not work");
}

TEST_F(RegistryOfValves, DescribesItsClasses) {
  const auto all = valves_.describe();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all.at("t.CountValve").at(0).attribute, "count");
  EXPECT_EQ(all.at("t.CountValve").at(0).help, "how many");
  EXPECT_TRUE(valves_.contains("t.CountValve"));
}

TEST_F(RegistryOfValves, TheSameNameTwiceEndsTheProcess) {
  EXPECT_DEATH(valves_.add<CountValve>("t.CountValve"), "className registered twice");
}

TEST(RegistryWithArguments, HandsThemToTheConstructor) {
  class Named final : public Valve {
   public:
    struct Options {};
    static std::span<const Attribute<Options>> attributes() { return {}; }
    Named(Options, int& target) : target_(target) {}
    int value() const override { return ++target_; }

   private:
    int& target_;
  };
  const TomcatHasOther names;
  Diagnostics d(names);
  Registry<Valve, int&> valves;
  valves.add<Named>("t.Named");
  int target = 6;
  auto made = valves.create(element({{"className", "t.Named"}}), d, target);
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->value(), 7);
  EXPECT_EQ(target, 7);
}

}  // namespace
}  // namespace serval
