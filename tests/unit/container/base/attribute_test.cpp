#include "container/base/attribute.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace serval {
namespace {

/// Knows one class.
class OneClass final : public TomcatNames {
 public:
  bool knows_class(std::string_view name) const override { return name == "t.Valve"; }
  std::span<const std::string_view> attributes_of(std::string_view name) const override {
    if (!knows_class(name)) return {};
    return names_;
  }

 private:
  std::array<std::string_view, 3> names_{"jmxEnabled", "domain", "errorCode.*"};
};

struct Options {
  std::chrono::seconds threshold{600};
  bool interrupt = false;
  std::string text = "default";
  std::uint16_t port = 80;
};
std::span<const Attribute<Options>> table() {
  static const std::array rows{
      attribute("threshold", &Options::threshold, "seconds"),
      attribute("interrupt", &Options::interrupt, "flag"),
      attribute("text", &Options::text, "any"),
      attribute("port", &Options::port, "a port"),
  };
  return rows;
}

Element valve(std::vector<Element::Attribute> attributes) {
  Element e;
  e.name = "Valve";
  e.path = "Server/Service/Engine/Valve";
  e.attributes = std::move(attributes);
  e.origin = {std::make_shared<const std::string>("conf/server.xml"), 41, 7};
  return e;
}

struct Read {
  Options options;
  std::vector<std::string> texts;
};
Read read(std::vector<Element::Attribute> attributes) {
  const OneClass names;
  Diagnostics d(names);
  Read result;
  result.options = read_options<Options>(valve(std::move(attributes)), "t.Valve", table(), d);
  for (const auto& entry : d.entries()) {
    EXPECT_EQ(entry.severity, Diagnostics::Severity::kWarning);
    result.texts.push_back(entry.text);
  }
  return result;
}

TEST(ParseInto, TakesIntegersAsTomcatDoes) {
  const struct {
    std::string_view text;
    bool good;
    std::int64_t value;
  } cases[] = {
      {"0", true, 0},     {"+5", true, 5},
      {"-7", true, -7},   {"9223372036854775807", true, 9223372036854775807},
      {"", false, 0},     {" 1", false, 0},
      {"1 ", false, 0},   {"1k", false, 0},
      {"0x10", false, 0}, {"1.5", false, 0},
      {"+", false, 0},    {"9223372036854775808", false, 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    std::int64_t value = 0;
    EXPECT_EQ(parse_into(c.text, value).has_value(), c.good);
    EXPECT_EQ(value, c.value);
  }
}

TEST(ParseInto, ASignAfterASignIsNoNumber) {
  std::int64_t value = 0;
  EXPECT_FALSE(parse_into("+-1", value));
}

TEST(ParseInto, RefusesWhatTheTypeCannotHold) {
  std::uint16_t port = 1;
  EXPECT_FALSE(parse_into("65536", port));
  EXPECT_FALSE(parse_into("-1", port));
  EXPECT_EQ(port, 1);
  EXPECT_TRUE(parse_into("65535", port));
  EXPECT_EQ(port, 65535);
}

TEST(ParseInto, AnyTextButTrueIsFalse) {
  for (const std::string_view text : {"true", "TRUE", "True"}) {
    bool value = false;
    EXPECT_TRUE(parse_into(text, value));
    EXPECT_TRUE(value) << text;
  }
  for (const std::string_view text : {"false", "yes", "1", "", "true "}) {
    bool value = true;
    EXPECT_TRUE(parse_into(text, value));
    EXPECT_FALSE(value) << text;
  }
}

TEST(ReadOptions, SetsWhatTheTableHas) {
  const Read r = read({{"threshold", "5"}, {"interrupt", "true"}, {"text", "x"}, {"port", "81"}});
  EXPECT_EQ(r.options.threshold, std::chrono::seconds(5));
  EXPECT_TRUE(r.options.interrupt);
  EXPECT_EQ(r.options.text, "x");
  EXPECT_EQ(r.options.port, 81);
  EXPECT_TRUE(r.texts.empty());
}

TEST(ReadOptions, TakesTheFirstLetterInEitherCase) {
  const Read r = read({{"Threshold", "5"}, {"Domain", "d"}});
  EXPECT_EQ(r.options.threshold, std::chrono::seconds(5));
  EXPECT_TRUE(r.texts.empty());
  EXPECT_EQ(read({{"thresHold", "5"}}).texts.size(), 1u);
}

TEST(ReadOptions, IsSilentAboutWhatTomcatKnows) {
  EXPECT_TRUE(read({{"className", "t.Valve"},
                    {"optional", "true"},
                    {"xmlns", "u"},
                    {"xmlns:x", "u"},
                    {"jmxEnabled", "1"},
                    {"errorCode.404", "/404"}})
                  .texts.empty());
}

TEST(ReadOptions, WarnsInTomcatsWordsWithPlaceAndSuggestion) {
  EXPECT_EQ(read({{"treshold", "5"}}).texts,
            std::vector<std::string>{
                "conf/server.xml:41: Match [Server/Service/Engine/Valve] failed to set property "
                "[treshold] to [5], did you mean 'threshold'?"});
  EXPECT_EQ(
      read({{"completelyOther", "5"}}).texts,
      std::vector<std::string>{"conf/server.xml:41: Match [Server/Service/Engine/Valve] failed "
                               "to set property [completelyOther] to [5]"});
}

TEST(ReadOptions, AValueThatDoesNotFitLeavesTheDefault) {
  const Read r = read({{"threshold", "soon"}, {"port", "99999"}});
  EXPECT_EQ(r.options.threshold, std::chrono::seconds(600));
  EXPECT_EQ(r.options.port, 80);
  ASSERT_EQ(r.texts.size(), 2u);
  EXPECT_TRUE(
      r.texts[0].ends_with("failed to set property [threshold] to [soon]: not a whole number"))
      << r.texts[0];
  EXPECT_TRUE(r.texts[1].ends_with("failed to set property [port] to [99999]: out of range"))
      << r.texts[1];
}

}  // namespace
}  // namespace serval
