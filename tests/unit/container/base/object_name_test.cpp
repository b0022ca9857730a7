#include "container/base/object_name.h"

#include <gtest/gtest.h>

namespace serval {
namespace {

ObjectName name(std::string_view text) {
  auto parsed = ObjectName::parse(text);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().message;
  return *std::move(parsed);
}

TEST(ObjectName, KeepsItsTextAndGivesValuesByKey) {
  const ObjectName n = name("Catalina:type=Manager,host=localhost,context=/demo");
  EXPECT_EQ(n.text(), "Catalina:type=Manager,host=localhost,context=/demo");
  EXPECT_EQ(n.domain(), "Catalina");
  EXPECT_EQ(*n.value("context"), "/demo");
  EXPECT_EQ(n.value("Context"), nullptr);
  EXPECT_FALSE(n.is_pattern());
}

TEST(ObjectName, TheOrderOfKeysHasNoMeaning) {
  EXPECT_EQ(name("C:a=1,b=2"), name("C:b=2,a=1"));
  EXPECT_FALSE(name("C:a=1,b=2") == name("C:a=1"));
  EXPECT_FALSE(name("C:a=1") == name("D:a=1"));
}

TEST(ObjectName, AnEmptyTextStandsForAll) { EXPECT_TRUE(name("").matches(name("any:thing=goes"))); }

// What a Java 17 says of each.
TEST(ObjectName, RefusesWhatJavaRefusesInItsWords) {
  struct Case {
    std::string_view text, why;
  };
  const Case cases[] = {
      {"bad", "Key properties cannot be empty"},
      {"Catalina:", "Key properties cannot be empty"},
      {"a=b", "Domain part must be specified"},
      {"Ca\nt:a=b", "Invalid character '\\n' in domain name"},
      {"C:ty*=x", "Invalid character '*' in key part of property"},
      {"C:,a=b", "Invalid character ',' in key part of property"},
      {"C:*:*", "Invalid character found after '*': end of name or ',' expected"},
      {"C:*,*", "Cannot have several '*' characters in pattern property list"},
      {"C:type", "Unterminated key property part"},
      {"C:=x", "Invalid key (empty)"},
      {"C:a=1,a=2", "key `a' already defined"},
      {"C:a=b,", "Invalid ending comma"},
      {"C:a=b=c", "Invalid character '=' in value part of property"},
      {"C:a=b:c", "Invalid character ':' in value part of property"},
      {"C:a=\"b", "Unterminated quoted value"},
      {"C:a=\"b\\", "Unterminated quoted value"},
      {"C:a=\"b\"c", "Invalid ending character `c'"},
      {"C:a=\"b\\x\"", "Invalid escape sequence '\\x' in quoted value"},
      {"C:a=\"b\n\"", "Newline in quoted value"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto parsed = ObjectName::parse(c.text);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message, c.why);
  }
}

TEST(ObjectName, PatternsMatchAsInJmx) {
  struct Case {
    std::string_view pattern, name;
    bool want;
  };
  const Case cases[] = {
      {"*:*", "Catalina:type=Cluster", true},
      {"C*a:*", "Catalina:type=Cluster", true},
      {"Cat?lina:*", "Catalina:type=Cluster", true},
      {"Cat?lina:*", "Catlina:type=Cluster", false},
      {"Catalina:type=Cluster", "Catalina:type=Cluster", true},
      {"Catalina:type=Cluster", "Catalina:type=Cluster,component=Member", false},
      {"Catalina:type=Cluster,*", "Catalina:component=Member,type=Cluster", true},
      {"Catalina:*,type=Cluster", "Catalina:type=Cluster", true},
      {"Catalina:type=Cluster*,*", "Catalina:type=Cluster", true},
      {"Catalina:type=*", "Catalina:type=Cluster", true},
      {"Catalina:type=*", "Catalina:type=Cluster,host=a", false},
      {"Catalina:type=M*r,*", "Catalina:type=Manager,context=/", true},
      {"Catalina:type=M*x,*", "Catalina:type=Manager,context=/", false},
      {"Catalina:host=a,*", "Catalina:type=Cluster", false},
      {"*:a=*aab*", "x:a=aaaab", true},
      {"catalina:*", "Catalina:type=Cluster", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.pattern) + " and " + std::string(c.name));
    EXPECT_EQ(name(c.pattern).matches(name(c.name)), c.want);
  }
}

TEST(ObjectName, AQuotedValueMayHoldAnything) {
  const std::string quoted = ObjectName::quote("tcp://{127, 0, 0, 1}:4000 \"a\\b*?\n");
  EXPECT_EQ(quoted, R"("tcp://{127, 0, 0, 1}:4000 \"a\\b\*\?\n")");
  const ObjectName n = name("C:name=" + quoted + ",type=x");
  EXPECT_EQ(*n.value("name"), quoted);
  EXPECT_FALSE(n.is_pattern());
}

TEST(ObjectName, OtherKeysInTheSameDomain) {
  const ObjectName n = name("C:a=1,b=2,*").with_keys({{"b", "3"}});
  EXPECT_EQ(n.text(), "C:b=3,*");
  EXPECT_EQ(n, name("C:*,b=3"));
}

}  // namespace
}  // namespace serval
