#include "container/servlet/serval/typed_values.h"

#include <gtest/gtest.h>

#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace shop {
enum class Size { kSmall, kLarge };
struct Goods {
  std::string name;
  std::optional<std::int64_t> price;
};
struct Shirt : Goods {
  Size size = Size::kSmall;
  bool is_red = false;
  std::vector<std::int32_t> widths;
  std::vector<std::string> labels;
  std::unordered_map<std::string, double> ratings;
  std::vector<Goods> extras;
  int only_here = 5;  // no field of the Java class
};
}  // namespace shop

template <>
struct serval::JavaType<shop::Size> {
  static constexpr const char* kClass = "shop.Size";
  static constexpr std::pair<shop::Size, const char*> kConstants[] = {
      {shop::Size::kSmall, "SMALL"}, {shop::Size::kLarge, "LARGE"}};
};
template <>
struct serval::JavaType<shop::Goods> {
  static constexpr const char* kClass = "shop.Goods";
  static constexpr std::int64_t kSerialVersionUid = 7;
  static auto fields() {
    return std::tuple(java_field("name", &shop::Goods::name),
                      java_field("price", &shop::Goods::price));
  }
};
template <>
struct serval::JavaType<shop::Shirt> {
  using Super = shop::Goods;
  static constexpr const char* kClass = "shop.Shirt";
  static constexpr std::int64_t kSerialVersionUid = 8;
  static auto fields() {
    return std::tuple(java_field("size", &shop::Shirt::size),
                      java_field("red", &shop::Shirt::is_red),
                      java_field("widths", &shop::Shirt::widths, "[I"),
                      java_field("labels", &shop::Shirt::labels, "Ljava/util/LinkedList;"),
                      java_field("ratings", &shop::Shirt::ratings),
                      java_field("extras", &shop::Shirt::extras, "Ljava/util/List;"));
  }
};

namespace serval::test {
namespace {

Value through_a_stream(const Value& value) {
  ObjectWriter writer;
  EXPECT_TRUE(writer.write_object(value).has_value());
  const Bytes stream = writer.finish();
  auto read = ObjectReader(stream).read_object();
  EXPECT_TRUE(read.has_value());
  return read ? *std::move(read) : Value();
}

TEST(TypedValues, SimpleTypesAreJavasOwn) {
  EXPECT_EQ(to_value(std::int32_t{7}).class_name(), "java.lang.Integer");
  EXPECT_EQ(to_value(std::int64_t{7}).class_name(), "java.lang.Long");
  EXPECT_EQ(to_value(std::string("a")).class_name(), "java.lang.String");
  EXPECT_EQ(to_value(Bytes{1, 2}).class_name(), "[B");
  EXPECT_EQ(to_value(std::optional<bool>()).class_name(), "null");
  EXPECT_EQ(to_value(std::set<std::int32_t>{2, 1}).class_name(), "java.util.TreeSet");
  EXPECT_EQ(from_value<std::int32_t>(Value(7)), 7);
  EXPECT_EQ(from_value<std::vector<std::string>>(make_list({"a", Value()})),
            (std::vector<std::string>{"a", ""}));
  EXPECT_EQ(from_value<std::optional<double>>(Value()), std::nullopt);
  EXPECT_THROW(from_value<std::int64_t>(Value(7)), ClassCastException);
  EXPECT_THROW(from_value<std::int32_t>(Value()), ClassCastException);
  EXPECT_THROW((from_value<std::map<std::string, bool>>(Value("text"))), ClassCastException);
}

TEST(TypedValues, AnotherTypeIsAnObjectOfCpp) {
  const auto object = std::make_shared<shop::Goods>();
  const Value value = to_value(object);
  EXPECT_EQ(from_value<std::shared_ptr<shop::Goods>>(value), object);
  EXPECT_THROW(from_value<std::shared_ptr<shop::Shirt>>(value), ClassCastException);
  ObjectWriter writer;
  EXPECT_FALSE(writer.write_object(value).has_value());
}

TEST(TypedValues, TextIsSortedAsJavaSortsIt) {
  // U+FF21 and U+1F600, whose first UTF-16 unit is smaller.
  const std::set<std::string> texts{"\xEF\xBC\xA1", "\xF0\x9F\x98\x80", "a"};
  const Value value = to_value(texts);
  ASSERT_EQ(value.list()->items.size(), 3u);
  EXPECT_EQ(from_value<std::string>(value.list()->items[1]), "\xF0\x9F\x98\x80");
  EXPECT_EQ(from_value<std::set<std::string>>(value), texts);
}

TEST(TypedValues, AStructIsWrittenAsItsJavaClassAndReadFromIt) {
  shop::Shirt shirt;
  shirt.name = "polo";
  shirt.price = 1999;
  shirt.size = shop::Size::kLarge;
  shirt.is_red = true;
  shirt.widths = {40, 41};
  shirt.labels = {"new", "sale"};
  shirt.ratings = {{"ann", 4.5}};
  shirt.extras = {{"button", std::nullopt}};
  const Value value = through_a_stream(to_value(shirt));

  ASSERT_NE(value.object(), nullptr);
  const JavaClass& type = *value.object()->type;
  EXPECT_EQ(type.name, "shop.Shirt");
  EXPECT_EQ(type.serial_version_uid, 8);
  EXPECT_EQ(type.super->name, "shop.Goods");
  EXPECT_EQ(type.fields[0].name, "red");
  EXPECT_EQ(type.fields[0].type, 'Z');
  EXPECT_EQ(value.object()->field("labels")->class_name(), "java.util.LinkedList");
  EXPECT_EQ(value.object()->field("extras")->class_name(), "java.util.ArrayList");
  EXPECT_EQ(value.object()->field("widths")->class_name(), "[I");
  EXPECT_EQ(value.object()->field("price")->class_name(), "java.lang.Long");
  EXPECT_EQ(value.object()->field("size")->get_if<JavaEnum>()->constant, "LARGE");

  const auto read = from_value<shop::Shirt>(value);
  EXPECT_EQ(read.name, "polo");
  EXPECT_EQ(read.price, 1999);
  EXPECT_EQ(read.size, shop::Size::kLarge);
  EXPECT_TRUE(read.is_red);
  EXPECT_EQ(read.widths, (std::vector<std::int32_t>{40, 41}));
  EXPECT_EQ(read.labels, (std::vector<std::string>{"new", "sale"}));
  EXPECT_EQ(read.ratings.at("ann"), 4.5);
  ASSERT_EQ(read.extras.size(), 1u);
  EXPECT_EQ(read.extras[0].name, "button");
  EXPECT_EQ(read.only_here, 5);
}

TEST(TypedValues, FieldsThatOneSideLacksAreLeftAlone) {
  const auto older =
      java_class_of("shop.Goods", 7, {{'I', "weight", ""}, {'L', "name", "Ljava/lang/String;"}});
  const auto read = from_value<shop::Goods>(java_object(older, {{"weight", 3}, {"name", "nail"}}));
  EXPECT_EQ(read.name, "nail");
  EXPECT_EQ(read.price, std::nullopt);
}

TEST(TypedValues, WhatDoesNotFitSaysWhere) {
  const auto message = [](const Value& value) -> std::string {
    try {
      from_value<shop::Goods>(value);
    } catch (const ClassCastException& wrong) {
      return wrong.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(Value(7)), "a java.lang.Integer cannot be read as shop.Goods");
  EXPECT_EQ(message(java_object(java_class_of("shop.Goods", 9, {}))),
            "shop.Goods has serialVersionUID 9, not 7");
  const auto other = java_class_of("shop.Goods", 7, {{'I', "name", ""}});
  EXPECT_EQ(message(java_object(other)),
            "shop.Goods.name: a java.lang.Integer cannot be read as java.lang.String");
}

}  // namespace
}  // namespace serval::test
