#include "container/config/properties.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "container/config/java_properties.h"
#include "tests/support/temp_dir.h"

namespace serval {
namespace {

using test::TempDir;

// The results are those of Tomcat 9.0.70's IntrospectionUtils.replaceProperties.
TEST(ReplaceProperties, GivesWhatTomcatGives) {
  Properties p;
  p.set("a", "1");
  p.set("r", "${a}");
  p.set("x:-y", "whole");
  p.set("self", "${self}");
  const struct {
    std::string_view in, want;
  } cases[] = {
      {"${a}", "1"},          {"${r}", "${a}"},          {"${b}", "${b}"},       {"${b:-d}", "d"},
      {"${a:-d}", "1"},       {"${x:-y}", "whole"},      {"$a", "$a"},           {"$", "$"},
      {"${a", "${a"},         {"$${a}", "$1"},           {"${b:-${a}}", "${a}"}, {"${}", "${}"},
      {"${:-q}", "q"},        {"a${a}b${b:-}c", "a1bc"}, {"${self}", "${self}"}, {"$${", "$${"},
      {"${b:-x:-y}", "x:-y"}, {"{${a}}", "{1}"},         {"$ {a}", "$ {a}"},     {"", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.in);
    EXPECT_EQ(replace_properties(c.in, p), c.want);
  }
}

TEST(JavaProperties, ReadsTheWholeLanguage) {
  const auto all = parse_java_properties(
      "# comment\n! other\n\n  key = value \n"
      "colon:v\nblank v w\nempty\nempty2=\n"
      "long = one, \\\n    two,\\\r\n\tthree\n"
      "esc\\ aped\\=key = t\\tn\\n\\u00e4\\uD83D\\uDE00\\q\\\\\n"
      "# not continued \\\nlast=x\\",
      "f.properties");
  ASSERT_TRUE(all);
  const JavaProperties want{{"key", "value "},
                            {"colon", "v"},
                            {"blank", "v w"},
                            {"empty", ""},
                            {"empty2", ""},
                            {"long", "one, two,three"},
                            {"esc aped=key", "t\tn\n\xC3\xA4\xF0\x9F\x98\x80q\\"},
                            {"last", "x"}};
  EXPECT_EQ(*all, want);
}

TEST(JavaProperties, TakesBytesThatAreNotUtf8AsLatin1) {
  EXPECT_EQ(parse_java_properties("k=\xE4", "f")->front().second, "\xC3\xA4");
  EXPECT_EQ(parse_java_properties("k=\xC3\xA4", "f")->front().second, "\xC3\xA4");
}

TEST(JavaProperties, NamesTheLineOfABrokenEscape) {
  const auto all = parse_java_properties("a=1\n# c\nb=2 \\\n 3\nc=\\u12g4\n", "f.properties");
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().message, "f.properties:5: Malformed \\uxxxx encoding.");
}

TEST(Properties, AlwaysHasWhatTomcatFilesUse) {
  const Properties p = Properties::with_defaults("/opt/serval", "/srv/node");
  EXPECT_EQ(*p.find("catalina.home"), "/opt/serval");
  EXPECT_EQ(*p.find("catalina.base"), "/srv/node");
  EXPECT_EQ(*p.find("java.io.tmpdir"), "/srv/node/temp");
  EXPECT_EQ(*p.find("os.name"), "Linux");
  EXPECT_EQ(*p.find("line.separator"), "\n");
  EXPECT_TRUE(p.find("user.home"));
  EXPECT_EQ(*p.find("user.dir"), std::filesystem::current_path().string());
  EXPECT_EQ(p.in_base("conf/x"), "/srv/node/conf/x");
  EXPECT_EQ(p.in_base("/etc/x"), "/etc/x");
}

TEST(Properties, TakesDefinitionsFromArguments) {
  Properties p;
  EXPECT_TRUE(p.set_from_argument("-Da.b=c=d"));
  EXPECT_TRUE(p.set_from_argument("-Dflag"));
  EXPECT_FALSE(p.set_from_argument("-Xmx512m"));
  EXPECT_FALSE(p.set_from_argument("-D"));
  EXPECT_FALSE(p.set_from_argument("-D=x"));
  EXPECT_EQ(*p.find("a.b"), "c=d");
  EXPECT_EQ(*p.find("flag"), "");
}

TEST(Properties, CatalinaPropertiesWinOverArguments) {
  const TempDir base;
  base.write("conf/catalina.properties", "x=file\ny=file\n");
  Properties p = Properties::with_defaults(base.path(), base.path());
  p.set("x", "argument");
  ASSERT_TRUE(p.load_catalina_properties());
  EXPECT_EQ(*p.find("x"), "file");
}

TEST(Properties, AMissingCatalinaPropertiesIsFineUnlessNamed) {
  const TempDir base;
  Properties p = Properties::with_defaults(base.path(), base.path());
  EXPECT_TRUE(p.load_catalina_properties());
  p.set("catalina.config", "file:conf/other.properties");
  const auto loaded = p.load_catalina_properties();
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("other.properties: no such file"), std::string::npos);
}

TEST(Properties, LooksIntoTheEnvironmentOnlyWhenAsked) {
  ::setenv("SERVAL_TEST_VARIABLE", "from environment", 1);
  const TempDir base;
  Properties p = Properties::with_defaults(base.path(), base.path());
  EXPECT_EQ(replace_properties("${SERVAL_TEST_VARIABLE}", p), "${SERVAL_TEST_VARIABLE}");
  p.set("org.apache.tomcat.util.digester.PROPERTY_SOURCE",
        "org.apache.tomcat.util.digester.EnvironmentPropertySource, "
        "org.apache.tomcat.util.digester.SystemPropertySource");
  ASSERT_TRUE(p.load_catalina_properties());
  EXPECT_EQ(replace_properties("${SERVAL_TEST_VARIABLE}", p), "from environment");
  p.set("SERVAL_TEST_VARIABLE", "from property");
  EXPECT_EQ(replace_properties("${SERVAL_TEST_VARIABLE}", p), "from environment");
  ::unsetenv("SERVAL_TEST_VARIABLE");
}

TEST(Properties, ReadsServiceBindings) {
  const TempDir base;
  base.write("bindings/db/password", "secret\n");
  ::setenv("SERVICE_BINDING_ROOT", (base.path() / "bindings").c_str(), 1);
  Properties p = Properties::with_defaults(base.path(), base.path());
  p.set("org.apache.tomcat.util.digester.PROPERTY_SOURCE",
        "org.apache.tomcat.util.digester.ServiceBindingPropertySource");
  ASSERT_TRUE(p.load_catalina_properties());
  EXPECT_EQ(replace_properties("${db.password}|${chomp:db.password}|${db.none}|${../x.y}", p),
            "secret\n|secret|${db.none}|${../x.y}");
  ::unsetenv("SERVICE_BINDING_ROOT");
}

TEST(Properties, NamesAnUnknownPropertySource) {
  const TempDir base;
  Properties p = Properties::with_defaults(base.path(), base.path());
  p.set("org.apache.tomcat.util.digester.PROPERTY_SOURCE", "com.example.Vault");
  const auto loaded = p.load_catalina_properties();
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(
      loaded.error().message.starts_with("Unable to load property source[com.example.Vault]"));
}

TEST(Properties, ReplacesInsideThePropertiesWhenAsked) {
  const TempDir base;
  base.write("conf/catalina.properties",
             "a=1\nb=${a}2\norg.apache.tomcat.util.digester.REPLACE_SYSTEM_PROPERTIES=true\n");
  Properties p = Properties::with_defaults(base.path(), base.path());
  ASSERT_TRUE(p.load_catalina_properties());
  EXPECT_EQ(*p.find("b"), "12");
}

}  // namespace
}  // namespace serval
