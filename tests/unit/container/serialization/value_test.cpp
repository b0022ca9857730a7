#include "container/servlet/serval/value.h"

#include <gtest/gtest.h>

#include <thread>

#include "container/serialization/java_hash.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/modified_utf8.h"
#include "tests/support/vector_file.h"

namespace serval {
namespace {

using testing::to_hex;

TEST(Value, NestingOfAnyDepthIsDestroyedWithoutRecursion) {
  std::thread([] {  // a thread, so that another main stack size changes nothing
    Value list = make_list({});
    Value map = make_map({});
    const auto object_of = [](Value inner) {
      const auto object = std::make_shared<JavaObject>();
      object->data.push_back({{std::move(inner)}, {}});
      return Value(object);
    };
    Value object = object_of({});
    for (int i = 0; i < 30000; ++i) {
      list = make_list({std::move(list)});
      map = make_map({{"k", std::move(map)}});
      object = object_of(std::move(object));
    }
    list = Value();
    map = 5;
  })
      .join();
}

TEST(Value, CopiesShareTheirContent) {
  const Value a = make_list({1});
  const Value b = a;
  b.list()->items.emplace_back(2);
  EXPECT_EQ(a.list()->items.size(), 2U);
}

TEST(Value, KnowsItsJavaClass) {
  EXPECT_EQ(Value().class_name(), "null");
  EXPECT_EQ(Value(5).class_name(), "java.lang.Integer");
  EXPECT_EQ(Value(std::int64_t{5}).class_name(), "java.lang.Long");
  EXPECT_EQ(Value(u'x').class_name(), "java.lang.Character");
  EXPECT_EQ(Value("x").class_name(), "java.lang.String");
  EXPECT_EQ(Value(Bytes()).class_name(), "[B");
  EXPECT_EQ(make_map({}).class_name(), "java.util.HashMap");
  EXPECT_EQ(Value(Date{}).class_name(), "java.util.Date");
}

TEST(JavaArray, UnpacksPrimitiveElements) {
  JavaArray array;
  array.type = java_class(Known::kShortArray);
  array.packed = {0, 1, 0xff, 0xfe};
  ASSERT_EQ(array.size(), 2U);
  EXPECT_EQ(*array.at(1).get_if<std::int16_t>(), -2);
}

TEST(JavaHash, IsThatOfAJvm) {
  EXPECT_EQ(java_hash(Value()), 0);
  EXPECT_EQ(java_hash("hello"), 99162322);
  EXPECT_EQ(java_hash("\U0001F600"), 1772899);
  EXPECT_EQ(java_hash(true), 1231);
  EXPECT_EQ(java_hash(std::int64_t{1} << 32), 1);
  EXPECT_EQ(java_hash(std::int64_t{-1}), 0);
  EXPECT_EQ(java_hash(1.0), 1072693248);
  EXPECT_EQ(java_hash(make_list({})), std::nullopt);
}

/// The keys in the order of a HashMap of the JVM into which they were put in the given order.
std::vector<Value> in_jvm_order(const std::vector<Value>& keys) {
  const auto order = java_hash_order(keys.size(), java_table_length(keys.size(), 0.75F),
                                     [&](std::size_t i) -> const Value& { return keys[i]; });
  std::vector<Value> sorted;
  for (const auto i : order) sorted.push_back(keys[i]);
  return order.empty() ? keys : sorted;
}

TEST(JavaHash, OrdersTextAsAHashMapDoes) {  // expected: printed by JDK 17
  const auto keys =
      in_jvm_order({"zebra", "apple", "mango", "kiwi", "fig", "\u00e4\u20ac", "cherry"});
  const char* expected[] = {"zebra", "apple", "cherry", "kiwi", "fig", "\u00e4\u20ac", "mango"};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(*keys[i].get_if<std::string>(), expected[i]);
  }
}

TEST(JavaHash, OrdersAGrownTableAsAHashSetDoes) {  // expected: written by JDK 17
  std::vector<Value> keys;
  for (int i = 0; i < 100; ++i) keys.emplace_back("key" + std::to_string(i));
  EXPECT_EQ(java_table_length(12, 0.75F), 16U);
  EXPECT_EQ(java_table_length(13, 0.75F), 32U);
  EXPECT_EQ(java_table_length(100, 0.75F), 256U);
  keys = in_jvm_order(keys);
  const int expected[] = {40, 44, 43, 42, 41, 37, 36, 35, 34, 39, 38, 51};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(*keys[i].get_if<std::string>(), "key" + std::to_string(expected[i]));
  }
}

TEST(JavaHash, OrdersBoxesAsAHashMapDoes) {  // expected: written by JDK 17
  const auto keys =
      in_jvm_order({std::int64_t{5}, 3, u'c', true, 2.5, 1.5F, std::int8_t{-3}, std::int16_t{300},
                    Date{1600000000000}, "s", std::int64_t{1} << 40, -7});
  const char* expected[] = {"java.lang.Float",   "java.lang.Long",      "java.lang.Byte",
                            "java.lang.Integer", "java.lang.Character", "java.lang.String",
                            "java.lang.Double",  "java.lang.Long",      "java.lang.Integer",
                            "java.util.Date",    "java.lang.Short",     "java.lang.Boolean"};
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(keys[i].class_name(), expected[i]);
}

TEST(ModifiedUtf8, IsThatOfAJvm) {
  struct Case {
    std::string text, hex;
  };
  const Case cases[] = {
      {std::string("a\0b", 3), "61c08062"}, {"\u00e9\u20ac", "c3a9e282ac"},
      {"\U0001F600", "eda0bdedb880"},       {"nine byte", "6e696e652062797465"},
      {"x\xed\xa0\x80y", "78eda08079"},     {"\xed\xb0\x80\xed\xa0\x80", "edb080eda080"}};
  for (const auto& [text, hex] : cases) {
    SCOPED_TRACE(hex);
    Bytes encoded;
    encode_modified_utf8(text, encoded);
    EXPECT_EQ(to_hex(encoded), hex);
    EXPECT_EQ(modified_utf8_size(text), encoded.size());
    std::string again;
    ASSERT_TRUE(decode_modified_utf8(encoded, again));
    EXPECT_EQ(again, text);
  }
}

TEST(ModifiedUtf8, RejectsWhatAJvmRejects) {
  std::string text;
  for (const Bytes& bytes : {Bytes{0x80}, Bytes{0xc3}, Bytes{0xc3, 0x28}, Bytes{0xe2, 0x82},
                             Bytes{0xe2, 0x28, 0xac}, Bytes{0xf0, 0x9f, 0x98, 0x80}, Bytes{0xff}}) {
    EXPECT_FALSE(decode_modified_utf8(bytes, text)) << to_hex(bytes);
  }
}

TEST(ModifiedUtf8, MalformedTextLeavesWellFormed) {
  Bytes encoded;
  encode_modified_utf8("a\xff\xc3(\xf8", encoded);
  EXPECT_EQ(to_hex(encoded), "61efbfbdefbfbd28efbfbd");
}

}  // namespace
}  // namespace serval
