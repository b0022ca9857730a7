#include "container/manager/jmx_proxy.h"

#include <gtest/gtest.h>

#include <array>

namespace serval::core {
namespace {

/// Has one attribute of each type.
class Thing {
 public:
  struct Options {
    std::string text = "one";
    int number = 7;
    bool flag = false;
  };
  static std::span<const Attribute<Options>> attributes() {
    static const std::array table{attribute("text", &Options::text, ""),
                                  attribute("number", &Options::number, ""),
                                  attribute("flag", &Options::flag, "")};
    return table;
  }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  static const BeanTable<Thing>& table() {
    static const auto table = [] {
      BeanTable<Thing> t{"demo.Thing", {}, {}};
      t.options()
          .read("fixed", [](const Thing&) { return std::int64_t{3}; })
          .read("nothing", [](const Thing&) { return BeanValue(); })
          .read("names",
                [](const Thing&) {
                  return BeanValue(BeanList{.items = {"a", "b"}});
                })
          .run("touch", [](Thing&) {});
      using Answer = Result<BeanValue>;
      t.operations.push_back({"join", 2, [](Thing&, Bean::Arguments a) -> Answer {
                                return BeanValue(a[0] + "+" + a[1]);
                              }});
      t.operations.push_back({"all", 0, [](Thing&, Bean::Arguments) -> Answer {
                                return BeanValue(BeanList{.items = {"x", "y"}});
                              }});
      t.operations.push_back({"fail", 0, [](Thing&, Bean::Arguments) -> Answer {
                                return Error{Errc::kBadState, "no"};
                              }});
      return t;
    }();
    return table;
  }

 private:
  LiveOptions<Options> options_{Options()};
};

class JmxProxy : public ::testing::Test {
 protected:
  BeanRegistry::Registration show(std::string_view name, std::string resource = "Thing[1]") {
    return beans.add(*ObjectName::parse(name), make_bean(thing, Thing::table(), resource));
  }
  Thing thing;
  BeanRegistry beans;
  BeanRegistry::Registration shown = show("C:type=Thing");
  static constexpr const char* kName = "C:type=Thing";
};

TEST_F(JmxProxy, ListsAttributesThatHoldSomething) {
  EXPECT_EQ(answer(beans, {.qry = "C:*"}),
            "OK - Number of results: 1\n\n"
            "Name: C:type=Thing\r\n"
            "modelerType: org.apache.tomcat.util.modeler.BaseModelMBean\r\n"
            "text: one\r\nnumber: 7\r\nflag: false\r\nfixed: 3\r\n"
            "names: Array[java.lang.String] of length 2\r\n\ta\r\n\tb\r\n"
            "\r\n");
}

TEST_F(JmxProxy, ListsAllWithoutAQueryAndNothingForAStrangeOne) {
  EXPECT_TRUE(answer(beans, {}).starts_with("OK - Number of results: 1\n"));
  EXPECT_EQ(answer(beans, {.qry = "D:*"}), "OK - Number of results: 0\n\n");
}

TEST_F(JmxProxy, ABeanWithItsOwnClassShowsThat) {
  const auto own = show("C:type=Own", "");
  EXPECT_NE(answer(beans, {.qry = "C:type=Own"}).find("modelerType: demo.Thing\r\n"),
            std::string::npos);
}

// The words of a Tomcat 9.0.70.
TEST_F(JmxProxy, AnswersAsTomcatDoes) {
  struct Case {
    JmxQuery query;
    std::string want;  // the first line
  };
  const Case cases[] = {
      {{.get = kName, .att = "text"}, "OK - Attribute get 'C:type=Thing' - text = one"},
      {{.get = kName, .att = "text", .key = "k"},
       "OK - Attribute get 'C:type=Thing' - text - key 'k' = one"},
      {{.get = kName, .att = "nothing"}, "OK - Attribute get 'C:type=Thing' - nothing = <null>"},
      {{.get = kName, .att = "modelerType"},
       "OK - Attribute get 'C:type=Thing' - modelerType = demo.Thing"},
      {{.get = kName, .att = "none"},
       "Error - javax.management.AttributeNotFoundException: Cannot find attribute [none] on "
       "resource [Thing[1]]"},
      {{.get = "C:type=None", .att = "x"},
       "Error - javax.management.InstanceNotFoundException: C:type=None"},
      {{.get = "C:type=Th*", .att = "text"},
       "Error - javax.management.InstanceNotFoundException: C:type=Th*"},
      {{.get = "", .att = "x"}, "Error - javax.management.InstanceNotFoundException: *:*"},
      {{.get = "bad", .att = "x"},
       "Error - javax.management.MalformedObjectNameException: Key properties cannot be empty"},
      {{.qry = "bad"},
       "Error - javax.management.MalformedObjectNameException: Key properties cannot be empty"},
      {{.get = kName},
       "Error - java.lang.IllegalArgumentException: The parameter [att] is missing"},
      {{.set = kName, .att = "number", .val = "9"}, "OK - Attribute set"},
      {{.set = kName, .att = "number", .val = "x"},
       "Error - java.lang.NumberFormatException: For input string: \"x\""},
      {{.set = kName, .att = "number", .val = "99999999999"},
       "Error - java.lang.NumberFormatException: For input string: \"99999999999\""},
      {{.set = kName, .att = "number"},
       "Error - java.lang.NumberFormatException: Cannot parse null string"},
      {{.set = kName, .att = "flag", .val = "nonsense"}, "OK - Attribute set"},
      {{.set = kName, .att = "fixed", .val = "1"},
       "Error - javax.management.ReflectionException: Cannot find setter method [setFixed] on "
       "resource [Thing[1]]"},
      {{.set = kName, .att = "none", .val = "1"},
       "Error - javax.management.AttributeNotFoundException: Cannot find attribute [none] on "
       "resource [Thing[1]]"},
      {{.invoke = kName, .op = "touch"}, "OK - Operation touch without return value"},
      {{.invoke = kName, .op = "join", .ps = "a,b"}, "OK - Operation join returned:"},
      {{.invoke = kName, .op = "join", .ps = "a"},
       "Error - java.lang.IllegalArgumentException: Cannot find operation [join] with [1] "
       "arguments on object name [C:type=Thing], which is a "
       "[org.apache.tomcat.util.modeler.BaseModelMBean]"},
      {{.invoke = kName, .op = "fail"},
       "Error - javax.management.MBeanException: Exception invoking method [fail]"},
      {{.invoke = kName},
       "Error - java.lang.IllegalArgumentException: The parameter [op] is missing"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.want);
    const std::string text = answer(beans, c.query);
    EXPECT_EQ(text.substr(0, text.find('\n')), c.want);
  }
}

TEST_F(JmxProxy, ResultsOfOperations) {
  EXPECT_EQ(answer(beans, {.invoke = kName, .op = "join", .ps = "a,b"}),
            "OK - Operation join returned:\na+b\n");
  EXPECT_EQ(answer(beans, {.invoke = kName, .op = "all"}),
            "OK - Operation all returned:\n  x\n  y\n");
}

TEST_F(JmxProxy, AFailureIsSaidTwiceAsBeforeAStack) {
  EXPECT_EQ(answer(beans, {.get = "C:a=b", .att = "x"}),
            "Error - javax.management.InstanceNotFoundException: C:a=b\n"
            "javax.management.InstanceNotFoundException: C:a=b\n");
}

TEST_F(JmxProxy, LineBreaksAreWrittenOutAndLongLinesBetweenThemFolded) {
  const std::string longer(100, 'c'), fold = std::string(78, 'c') + "\n " + std::string(22, 'c');
  answer(beans, {.set = kName, .att = "text", .val = "a\n" + longer + "\n"});
  EXPECT_EQ(answer(beans, {.get = kName, .att = "text"}),
            "OK - Attribute get 'C:type=Thing' - text = a\\n\n " + fold + "\\n\n \n");
  answer(beans, {.set = kName, .att = "text", .val = longer});
  EXPECT_EQ(answer(beans, {.get = kName, .att = "text"}),
            "OK - Attribute get 'C:type=Thing' - text = " + longer + "\n");
}

TEST_F(JmxProxy, NamesAreAlsoFoundInTheSpellingOfTheHowTo) {
  const auto member = show("C:type=Cluster,component=Member,name=\"a\"");
  const auto deployer = show("C:type=Cluster,host=h,component=Deployer");
  const auto binder = show("C:type=Valve,host=h,name=JvmRouteBinderValve");
  for (const char* name :
       {"C:type=Cluster,component=member,name=\"a\"", "C:type=Cluster,host=h,component=deployer",
        "C:type=Valve,name=JvmRouteBinderValve,host=h,context=/demo"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(answer(beans, {.get = name, .att = "number"}),
              std::string("OK - Attribute get '") + name + "' - number = 7\n");
    EXPECT_TRUE(answer(beans, {.qry = name}).starts_with("OK - Number of results: 1\n"));
  }
  EXPECT_TRUE(answer(beans, {.qry = "C:type=Cluster,component=member,*"})
                  .starts_with("OK - Number of results: 1\n"));
}

}  // namespace
}  // namespace serval::core
