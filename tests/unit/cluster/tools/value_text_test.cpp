#include "cluster/tools/text/value_text.h"

#include <gtest/gtest.h>

#include "container/serialization/object_writer.h"
#include "container/servlet/serval/java_values.h"
#include "tests/support/vector_file.h"

namespace serval::tools {
namespace {

TEST(ValueText, EachTypeIsTold) {
  struct Case {
    Value value;
    const char* want;
  };
  for (const Case& c : {
           Case{Value(), "null"},
           Case{Value(true), "true"},
           Case{Value(7), "7"},
           Case{Value(std::int64_t{7}), "7L"},
           Case{Value(std::int16_t{-7}), "short -7"},
           Case{Value(std::int8_t{7}), "byte 7"},
           Case{Value(1.5F), "1.5f"},
           Case{Value(0.25), "0.25"},
           Case{Value(u'x'), "'x'"},
           Case{Value(u'\n'), "'\\u000a'"},
           Case{Value("a \"b\"\n"), "\"a \\\"b\\\"\\n\""},
           Case{Value(Date{1'000'000'000'123}), "2001-09-09T01:46:40.123Z"},
           Case{Value(Date{INT64_MIN}), "Date -9223372036854775808"},
           Case{Value(Bytes{1, 2, 255}), "byte[3] 01 02 ff"},
           Case{make_list({1, "a", Value()}), "ArrayList [1, \"a\", null]"},
           Case{make_map({{"k", 1}, {"l", make_list({})}}),
                "HashMap {\"k\": 1, \"l\": ArrayList []}"},
       }) {
    EXPECT_EQ(value_text(c.value), c.want);
  }
}

TEST(ValueText, ObjectsShowTheirFields) {
  const auto cart =
      java_class_of("demo.Cart", 1, {{'I', "count", ""}, {'L', "owner", "Ljava/lang/String;"}});
  EXPECT_EQ(value_text(java_object(cart, {{"count", 3}, {"owner", "alice"}})),
            "demo.Cart {count: 3, owner: \"alice\"}");
}

TEST(ValueText, EveryVectorOfAJvmHasAText) {
  for (const std::string& name : testing::vector_names("both", "java-")) {
    SCOPED_TRACE(name);
    const std::string text = stream_text(testing::vector_of(name).bytes);
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(text.find("unreadable"), std::string::npos) << text;
    EXPECT_LE(text.size(), 2000U);
  }
  EXPECT_EQ(stream_text(testing::vector_of("both/java-array-2d").bytes).substr(0, 6), "int[][");
  EXPECT_NE(stream_text(testing::vector_of("both/java-node-cycle").bytes).find(" again>"),
            std::string::npos);
}

TEST(ValueText, AStreamInAByteArrayIsOpened) {
  ObjectWriter inner;
  ASSERT_TRUE(inner.write_object(make_list({1})));
  EXPECT_EQ(value_text(Value(inner.finish())), "byte[135] (ArrayList [1])");
}

TEST(ValueText, IsCutWhereItBecomesTooLong) {
  std::vector<Value> items(10'000, Value("0123456789"));
  const std::string text = value_text(make_list(items), {.characters = 50});
  EXPECT_EQ(text.size(), 50U);
  EXPECT_TRUE(text.ends_with("...")) << text;
}

TEST(ValueText, DepthHasALimit) {
  Value deep = make_list({});
  for (int i = 0; i < 100; ++i) deep = make_list({deep});
  const std::string text = value_text(deep, {.characters = 5000, .depth = 5});
  EXPECT_NE(text.find("<ArrayList ...>"), std::string::npos) << text;
}

TEST(ValueText, ABrokenStreamSaysWhy) {
  Bytes stream = testing::vector_of("both/java-hashmap").bytes;
  stream.resize(stream.size() / 2);
  EXPECT_NE(stream_text(stream).find("<unreadable: "), std::string::npos);
  EXPECT_NE(stream_text({}).find("<unreadable: "), std::string::npos);
}

}  // namespace
}  // namespace serval::tools
