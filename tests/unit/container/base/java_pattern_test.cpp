#include "container/base/java_pattern.h"

#include <gtest/gtest.h>

namespace serval {
namespace {

TEST(JavaPattern, MatchesOnlyTheWholeText) {
  struct Case {
    const char *expression, *text;
    bool want;
  };
  const Case cases[] = {
      {R"(.*\.gif|.*\.js)", "/rep/a.gif", true},
      {R"(.*\.gif|.*\.js)", "/rep/a.gif2", false},
      {R"(.*\.gif|.*\.js)", "/rep/s", false},
      {R"((?i).*\.GIF)", "/rep/a.gif", true},
      {R"(/rep/(?!keep).*)", "/rep/keep", false},
      {R"(/rep/(?!keep).*)", "/rep/other", true},
      {R"(/\d{3})", "/123", true},
      {R"(/\d{3})", "/1234", false},
      {R"(a*+b)", "aaab", true},
      {R"(\Q[&&]\E)", "[&&]", true},
      {R"(.)", "\xC3\xA9", true},
      {R"(.)", "\n", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.expression) + " on " + c.text);
    auto pattern = JavaPattern::compile(c.expression);
    ASSERT_TRUE(pattern);
    EXPECT_EQ(pattern->matches(c.text), c.want);
  }
}

TEST(JavaPattern, SaysWhatIsWrongWithAnExpression) {
  EXPECT_NE(JavaPattern::compile("(a").error().message.find("'(a'"), std::string::npos);
  EXPECT_NE(JavaPattern::compile("[a-z&&[^x]]").error().message.find("&&"), std::string::npos);
}

TEST(JavaPattern, GivesUpOnAnExpressionThatNeedsTooManySteps) {
  auto pattern = JavaPattern::compile("(a+)+(b+)+$x?c");
  ASSERT_TRUE(pattern);
  EXPECT_FALSE(pattern->matches(std::string(5000, 'a')));
}

}  // namespace
}  // namespace serval
