#include "container/serialization/object_writer.h"

#include <gtest/gtest.h>

#include "container/serialization/object_reader.h"
#include "tests/support/value_compare.h"
#include "tests/support/vector_file.h"

namespace serval {
namespace {

using testing::from_hex;
using testing::GraphDifference;
using testing::to_hex;
using testing::vector_of;

std::string hex_of(const Value& value) {
  ObjectWriter writer;
  const auto done = writer.write_object(value);
  EXPECT_TRUE(done) << done.error().message;
  return to_hex(writer.finish());
}

Value array_of(Known id, Bytes packed) {
  const auto array = std::make_shared<JavaArray>();
  array->type = java_class(id);
  array->packed = std::move(packed);
  return Value(array);
}

Value array_of(std::vector<Value> items, Known id = Known::kObjectArray) {
  const auto array = std::make_shared<JavaArray>();
  array->type = java_class(id);
  array->items = std::move(items);
  return Value(array);
}

TEST(ObjectWriter, ValuesMadeInCxxAreWrittenAsAJvmWrites) {
  const std::pair<const char*, Value> cases[] = {
      {"null", Value()},
      {"string-empty", ""},
      {"string", "hello"},
      {"string-65535", std::string(65535, 'y')},
      {"string-long", std::string(70000, 'x')},
      {"string-unicode", "\u00e4\u00f6\u00fc \u20ac \U0001F600"},
      {"string-nul", std::string("a\0b", 3)},
      {"string-lone-surrogate", "x\xed\xa0\x80y"},
      {"integer", 7},
      {"integer-min", std::numeric_limits<std::int32_t>::min()},
      {"long", std::int64_t{1234567890123}},
      {"double", 2.5},
      {"double-nan", std::bit_cast<double>(0x7ff8000000000000)},
      {"float", -1.25F},
      {"boolean-true", true},
      {"boolean-false", false},
      {"byte", std::int8_t{-3}},
      {"short", std::int16_t{300}},
      {"character", u'\u20ac'},
      {"array-byte", Bytes{0, 1, 0xff}},
      {"array-int", array_of(Known::kIntArray, from_hex("00000001 ffffffff 000f4240"))},
      {"array-boolean", array_of(Known::kBooleanArray, {1, 0})},
      {"array-string", array_of({"a", {}, "a"}, Known::kStringArray)},
      {"array-object", array_of({"s", 1, {}, array_of(Known::kIntArray, from_hex("00000005"))})},
      {"array-empty", array_of({}, Known::kStringArray)},
      {"arraylist", make_list({"a", "b", 3})},
      {"arraylist-empty", make_list({})},
      {"linkedlist", make_list({"a", "b"}, "java.util.LinkedList")},
      {"vector", make_list({"a", "b"}, "java.util.Vector")},
      {"hashmap", make_map({{"k1", "v1"}, {"k2", 2}, {{}, {}}})},
      {"hashmap-empty", make_map({})},
      {"linkedhashmap", make_map({{"z", "1"}, {"a", "2"}}, "java.util.LinkedHashMap")},
      {"hashset", make_list({"b", "a"}, "java.util.HashSet")},
      {"linkedhashset", make_list({"b", "a"}, "java.util.LinkedHashSet")},
      {"treemap", make_map({{"a", "1"}, {"b", "2"}}, "java.util.TreeMap")},
      {"treeset", make_list({"a", "b"}, "java.util.TreeSet")},
      {"hashtable", make_map({{"a", "b"}}, "java.util.Hashtable")},
      {"properties", make_map({{"a", "b"}}, "java.util.Properties")},
      {"arraydeque", make_list({"a", "b"}, "java.util.ArrayDeque")},
      {"copyonwritearraylist", make_list({"a", "b"}, "java.util.concurrent.CopyOnWriteArrayList")},
      {"date", Date{1600000000000}},
      {"stream-many-objects", array_of({1, 2, std::int64_t{3}, "x", "x", true})},
  };
  for (const auto& [name, value] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(hex_of(value), to_hex(vector_of(std::string("both/java-") + name).bytes));
  }
}

TEST(ObjectWriter, CollectionsWithTheirOwnFormComeBackEqual) {
  const auto colour = describe_class("demo.Color", 0, 18, "", java_class(Known::kEnum));
  const auto enum_map = std::make_shared<JavaMap>();
  enum_map->java_class = "java.util.EnumMap";
  enum_map->settings = {Value(JavaClassRef{colour})};
  enum_map->entries = {{JavaEnum{colour, "RED"}, 1}};
  const Value cases[] = {
      make_list({"a", "b"}, "java.util.PriorityQueue"),
      make_list({"a", 1}, "java.util.concurrent.ConcurrentLinkedQueue"),
      make_list({"a", {}}, "java.util.concurrent.CopyOnWriteArraySet"),
      make_map({{"a", 1}}, "java.util.concurrent.ConcurrentSkipListMap"),
      make_map({{"a", 1}, {{}, {}}}, "java.util.IdentityHashMap"),
      Value(enum_map),
  };
  for (const Value& value : cases) {
    SCOPED_TRACE(value.class_name());
    const Value again = *ObjectReader(from_hex(hex_of(value))).read_object();
    EXPECT_EQ(GraphDifference::of(value, again), "");
  }
  const std::string with_key_type = hex_of(Value(enum_map));
  enum_map->settings.clear();
  EXPECT_EQ(hex_of(Value(enum_map)), with_key_type);
  EXPECT_FALSE(ObjectWriter().write_object(make_map({}, "java.util.EnumMap")));
  EXPECT_FALSE(ObjectWriter().write_object(
      make_list({Value()}, "java.util.concurrent.ConcurrentLinkedQueue")));
}

TEST(ObjectWriter, TheNameOfAnEnumConstantIsNeverAReference) {  // a JVM would refuse it
  const auto colour = describe_class("demo.Color", 0, 18, "", java_class(Known::kEnum));
  const std::string hex = hex_of(make_list({"RED", JavaEnum{colour, "RED"}, "RED"}));
  const std::string name = "740003524544";  // TC_STRING, 3, "RED"
  const auto first = hex.find(name);
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(hex.find(name, first + 1), std::string::npos);
  EXPECT_EQ(hex.find(name, hex.find(name, first + 1) + 1), std::string::npos);
}

TEST(ObjectWriter, PrimitivesAndObjectsAlternateAsAJvmWrites) {
  ObjectWriter writer;
  writer.write_int(1);
  ASSERT_TRUE(writer.write_utf("u"));
  writer.write_text("x");
  writer.write_long(2);
  writer.write_bool(true);
  writer.write_bytes(Bytes(300));
  ASSERT_TRUE(writer.write_object("x"));
  writer.write_double(1.5);
  EXPECT_EQ(to_hex(writer.finish()), to_hex(vector_of("both/java-mixed-blockdata").bytes));
}

TEST(ObjectWriter, BlocksHaveAtMost1024Bytes) {
  ObjectWriter writer;
  writer.write_bytes(Bytes(2500));
  EXPECT_EQ(to_hex(writer.finish()), to_hex(vector_of("both/java-blockdata-2500").bytes));
  ObjectWriter straddling;
  straddling.write_bytes(Bytes(1022));
  straddling.write_int(0x01020304);
  const std::string hex = to_hex(straddling.finish());
  EXPECT_EQ(hex.substr(hex.size() - 16), "0000010277020304");
}

TEST(ObjectWriter, ResetForgetsHandles) {
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object("a"));
  writer.reset();
  ASSERT_TRUE(writer.write_object("a"));
  EXPECT_EQ(to_hex(writer.finish()), "aced0005740001617974000161");
}

TEST(ObjectWriter, AFailedObjectLeavesNoTrace) {
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object("before"));
  const auto failed = writer.write_object(
      make_list({"new text", 5, 500, Date{1, 77}, Bytes{1}, make_list({}, "demo.List")}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::kInvalidArgument);
  EXPECT_NE(failed.error().message.find("demo.List"), std::string::npos);
  ASSERT_TRUE(writer.write_object(make_list({"new text", 5, "before"})));
  const Bytes bytes = writer.finish();

  ObjectWriter clean;
  ASSERT_TRUE(clean.write_object("before"));
  ASSERT_TRUE(clean.write_object(make_list({"new text", 5, "before"})));
  EXPECT_EQ(to_hex(bytes), to_hex(clean.finish()));
}

TEST(ObjectWriter, ANodeMadeAtTheAddressOfADeadOneIsNotTakenForIt) {
  ObjectWriter writer;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(writer.write_object(make_list({i})));
  const Bytes bytes = writer.finish();
  ObjectReader reader(bytes);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(*reader.read_object()->list()->items[0].get_if<std::int32_t>(), i);
  }
}

TEST(ObjectWriter, DatesThatWereOneObjectStayOne) {
  const auto list =
      *ObjectReader(from_hex(hex_of(make_list({Date{5, 9}, Date{5, 9}, Date{5}})))).read_object();
  const auto identity = [&](std::size_t i) {
    return list.list()->items[i].get_if<Date>()->identity;
  };
  EXPECT_EQ(identity(0), identity(1));
  EXPECT_NE(identity(0), identity(2));
}

TEST(ObjectWriter, RejectsWhatDoesNotFitItsClass) {
  const auto object = std::make_shared<JavaObject>();
  object->type = describe_class("demo.Point", 1, 2, "I x,I y");
  ObjectWriter writer;
  EXPECT_FALSE(writer.write_object(Value(object)));  // no data
  object->data.push_back({{1}, {}});
  EXPECT_FALSE(writer.write_object(Value(object)));  // one field of two
  object->data[0].fields = {1, "two"};
  const auto wrong = writer.write_object(Value(object));
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("field y of demo.Point"), std::string::npos);
  object->data[0].fields = {1, 2};
  EXPECT_TRUE(writer.write_object(Value(object)));
  EXPECT_FALSE(writer.write_object(Value(JavaEnum{})));
  EXPECT_FALSE(writer.write_object(Value(JavaClassRef{})));
  EXPECT_FALSE(writer.write_object(Value(std::make_shared<JavaArray>())));
  EXPECT_FALSE(writer.write_object(Value(std::make_shared<JavaObject>())));
  EXPECT_FALSE(writer.write_object(make_map({{{}, 1}}, "java.util.Hashtable")));
  EXPECT_FALSE(writer.write_object(make_map({{1, {}}}, "java.util.concurrent.ConcurrentHashMap")));
  EXPECT_FALSE(writer.write_utf(std::string(65536, 'x')));
  EXPECT_TRUE(writer.write_utf(std::string(65535, 'x')));
}

TEST(ObjectWriter, RefusesNestingBeyondItsLimit) {
  Value nested = make_list({});
  for (int i = 0; i < 10000; ++i) nested = make_list({nested});
  ObjectWriter writer;
  const auto deep = writer.write_object(nested);
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("deeper than 512"), std::string::npos);
  EXPECT_EQ(to_hex(writer.finish()), "aced0005");
}

TEST(ObjectWriter, ManyDistinctValuesKeepTheirIdentity) {
  std::vector<Value> items;
  for (int i = 0; i < 1000; ++i) {
    items.emplace_back("text " + std::to_string(i % 500));
    items.push_back(make_list({i}));
    items.push_back(items.back());
  }
  const Value list = make_list(std::move(items));
  const Value again = *ObjectReader(from_hex(hex_of(list))).read_object();
  EXPECT_EQ(GraphDifference::of(list, again), "");
}

TEST(ObjectWriter, APieceMealObjectEqualsAWholeOne) {
  const auto type = describe_class("demo.Note", 5, 3, "I a,J b,Z c,L text Ljava/lang/String;");
  ObjectWriter pieces;
  pieces.begin_object(type);
  pieces.put_int(1);
  pieces.put_long(2);
  pieces.put_bool(true);
  pieces.write_text("t");
  pieces.write_int(9);
  pieces.write_byte_array(Bytes{1, 2});
  pieces.end_data();
  const auto object = std::make_shared<JavaObject>();
  object->type = type;
  object->data.push_back(
      {{1, std::int64_t{2}, true, "t"}, {Bytes{0, 0, 0, 9}, Value(Bytes{1, 2})}});
  EXPECT_EQ(to_hex(pieces.finish()), hex_of(Value(object)));
}

}  // namespace
}  // namespace serval
