#include "container/servlet/serval/java_values.h"

#include <gtest/gtest.h>

#include "container/serialization/object_writer.h"
#include "tests/support/vector_file.h"

namespace serval {
namespace {

using testing::to_hex;
using testing::vector_of;

std::shared_ptr<const JavaClass> cart_class() {
  return java_class_of("demo.Cart", 42,
                       {{'L', "owner", "Ljava/lang/String;"},
                        {'L', "items", "Ljava/util/ArrayList;"},
                        {'I', "count", ""}});
}

TEST(JavaValues, AreWrittenAsAJvmWritesThem) {
  const std::int32_t ints[] = {1, -1, 1000000};
  const std::int64_t longs[] = {1, -1};
  const double doubles[] = {0.5, -2};
  const bool bools[] = {true, false};
  const std::pair<const char*, Value> cases[] = {
      {"array-int", int_array(ints)},
      {"array-long", long_array(longs)},
      {"array-double", double_array(doubles)},
      {"array-empty", string_array({})},
      {"array-object", object_array({"s", 1, {}, int_array(std::vector<std::int32_t>{5})})},
      {"uuid", java_uuid(0x0123456789abcdef, 0x0123456789abcdef)},
      {"biginteger", java_big_integer("-12345678901234567890")},
      {"bigdecimal", java_big_decimal("123.456")},
      {"sql-timestamp", java_sql_timestamp(1600000000123, 123000000)},
      {"enumset", java_enum_set("demo.Color", std::vector<std::string>{"RED", "BLUE"})},
      {"locale", java_locale("de", "DE")},
      {"array-short", short_array(std::vector<std::int16_t>{1, -2})},
      {"array-boolean", boolean_array(bools)},
      {"array-char", char_array(std::vector<char16_t>{u'a', u'\u20ac'})},
      {"array-float", float_array(std::vector<float>{1.5F})},
      {"instant", java_instant(1600000000, 5)},
      {"localdate", java_local_date(2020, 2, 29)},
      {"enum", java_enum("demo.Color", "RED")},
      {"cart",
       java_object(cart_class(),
                   {{"count", 3}, {"owner", "alice"}, {"items", make_list({"apple", "pear"})}})},
  };
  for (const auto& [name, value] : cases) {
    SCOPED_TRACE(name);
    ObjectWriter writer;
    const auto done = writer.write_object(value);
    ASSERT_TRUE(done) << done.error().message;
    auto golden = vector_of(std::string("both/java-") + name);
    EXPECT_EQ(to_hex(writer.finish()), to_hex(golden.bytes)) << golden.fact("what");
  }
}

TEST(JavaValues, FieldsThatAreNotNamedAreZeroOrNull) {
  const Value cart = java_object(cart_class());
  EXPECT_EQ(*cart.object()->field("count")->get_if<std::int32_t>(), 0);
  EXPECT_TRUE(cart.object()->field("owner")->is_null());
  EXPECT_THROW(java_object(cart_class(), {{"price", 3}}), std::invalid_argument);
}

TEST(JavaValues, RejectTextThatIsNoNumber) {
  EXPECT_THROW(java_big_integer("12x"), std::invalid_argument);
  EXPECT_THROW(java_big_decimal(""), std::invalid_argument);
  EXPECT_EQ(*java_big_integer("0").object()->field("signum")->get_if<std::int32_t>(), 0);
}

TEST(JavaValues, ADescriptorMadeTwiceIsWrittenOnce) {
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object(object_array({5, java_big_integer("5")})));
  const Bytes bytes = writer.finish();
  const std::string text(bytes.begin(), bytes.end());
  EXPECT_EQ(text.find("java.lang.Number"), text.rfind("java.lang.Number"));
}

}  // namespace
}  // namespace serval
