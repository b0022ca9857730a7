// webapps/session-demo/WEB-INF/src/shirt.h
#pragma once
#include <serval/servlet.h>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace demo {

/// demo.Goods, demo.Shirt and demo.Shirt$Size of the Java twin: a super class, an enum, and fields
/// of every sort.
struct Goods {
  std::string name;
  std::optional<std::int64_t> price;
};
enum class Size { kSmall, kLarge };
struct Shirt : Goods {
  Size size = Size::kSmall;
  bool is_red = false;
  double weight = 0;
  std::vector<std::int32_t> widths;
  std::vector<std::string> labels;
  std::map<std::string, std::int32_t> stock;
  std::vector<Goods> extras;
};

/// The same for the same number as in Java.
Shirt make_shirt(std::int32_t n);
std::string to_text(const Shirt& shirt);

}  // namespace demo

template <>
struct serval::JavaType<demo::Size> {
  static constexpr const char* kClass = "demo.Shirt$Size";
  static constexpr std::pair<demo::Size, const char*> kConstants[] = {
      {demo::Size::kSmall, "SMALL"}, {demo::Size::kLarge, "LARGE"}};
};
template <>
struct serval::JavaType<demo::Goods> {
  static constexpr const char* kClass = "demo.Goods";
  static constexpr std::int64_t kSerialVersionUid = 7;
  static auto fields() {
    return std::tuple(java_field("name", &demo::Goods::name),
                      java_field("price", &demo::Goods::price));
  }
};
template <>
struct serval::JavaType<demo::Shirt> {
  using Super = demo::Goods;
  static constexpr const char* kClass = "demo.Shirt";
  static constexpr std::int64_t kSerialVersionUid = 8;
  static auto fields() {
    return std::tuple(java_field("size", &demo::Shirt::size),
                      java_field("red", &demo::Shirt::is_red),
                      java_field("weight", &demo::Shirt::weight),
                      java_field("widths", &demo::Shirt::widths, "[I"),
                      java_field("labels", &demo::Shirt::labels, "Ljava/util/LinkedList;"),
                      java_field("stock", &demo::Shirt::stock),
                      java_field("extras", &demo::Shirt::extras, "Ljava/util/List;"));
  }
};
