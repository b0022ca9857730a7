#include "tests/interop/value_generator.h"

#include <set>

#include "container/serialization/known_classes.h"
#include "container/servlet/serval/java_values.h"
#include "tests/interop/value_text.h"

namespace serval::testing {
namespace {

/// tests/peers/serialization/peer/Samples.java: Node.
const std::shared_ptr<const JavaClass>& node_class() {
  static const auto type = java_class_of("peer.Samples$Node", 7,
                                         {{'L', "name", "Ljava/lang/String;"},
                                          {'L', "left", "Ljava/lang/Object;"},
                                          {'L', "right", "Ljava/lang/Object;"},
                                          {'[', "more", "[Ljava/lang/Object;"}});
  return type;
}

Value color(std::size_t index) {
  static const char* const names[] = {"RED", "GREEN", "BLUE"};
  return java_enum("peer.Samples$Color", names[index]);
}

}  // namespace

ValueGenerator::~ValueGenerator() {
  for (const Value& node : nodes_) node.object()->data.clear();
}

Value ValueGenerator::value() {
  const std::size_t choice = below(100);
  if (depth_ > 5 || choice < 30) return scalar();
  if (choice < 38 && !finished_.empty()) return finished_[below(finished_.size())];
  if (choice < 42 && !open_.empty()) return open_[below(open_.size())];
  ++depth_;
  constexpr Value (ValueGenerator::*kMakers[])() = {
      &ValueGenerator::list,       &ValueGenerator::list, &ValueGenerator::set,
      &ValueGenerator::map,        &ValueGenerator::map,  &ValueGenerator::array,
      &ValueGenerator::jdk_object, &ValueGenerator::node, &ValueGenerator::node};
  Value made = (this->*kMakers[below(std::size(kMakers))])();
  --depth_;
  finished_.push_back(made);
  return made;
}

std::int32_t ValueGenerator::number() {
  return below(4) == 0 ? static_cast<std::int32_t>(random_())
                       : static_cast<std::int32_t>(below(300)) - 150;
}

std::string ValueGenerator::word() {
  std::string text;
  for (std::size_t i = below(8); i > 0; --i) text += static_cast<char>('a' + below(26));
  return text;
}

std::string ValueGenerator::text() {
  if (below(300) == 0) return std::string(65530 + below(20), 'x');
  static const std::string parts[] = {"\u00e9",       "\u20ac", "\U0001F600", std::string(1, '\0'),
                                      "\xed\xa0\x80", "\"",     "\\",         "\n"};
  return word() + (below(3) == 0 ? parts[below(std::size(parts))] : "") + word();
}

Value ValueGenerator::scalar() {
  switch (below(13)) {
    case 0:
      return {};
    case 1:
      return below(2) == 0;
    case 2:
      return static_cast<std::int8_t>(random_());
    case 3:
      return static_cast<std::int16_t>(number());
    case 4:
      return static_cast<char16_t>(random_());
    case 5:
      return static_cast<std::int64_t>(random_() >> below(64));
    case 6:
      return static_cast<float>(number()) / 8;
    case 7:
      return below(4) == 0 ? -0.0 : static_cast<double>(number()) / 1024;
    case 8:
      return color(below(3));
    case 9:
    case 10:
      return number();
    default:
      return text();
  }
}

Value ValueGenerator::present() {
  Value some = value();
  return some.is_null() ? Value("present") : some;
}

std::vector<Value> ValueGenerator::values() {
  std::vector<Value> items(below(20) == 0 ? below(60) : below(5));
  for (Value& item : items) item = value();
  return items;
}

std::vector<Value> ValueGenerator::words() {
  std::set<std::string> sorted;
  for (std::size_t i = below(6); i > 0; --i) sorted.insert(word());
  return {sorted.begin(), sorted.end()};
}

std::vector<Value> ValueGenerator::keys() {
  std::vector<Value> items;
  std::set<std::string> seen;
  for (std::size_t i = below(20) == 0 ? below(60) : below(5); i > 0; --i) {
    Value item = below(8) == 0   ? Value(Date{number()})
                 : below(8) == 0 ? java_uuid(random_(), below(5))
                                 : scalar();
    if (!item.is_null() && seen.insert(ValueText().of(item)).second) {
      items.push_back(std::move(item));
    }
  }
  return items;
}

std::vector<std::pair<Value, Value>> ValueGenerator::entries(std::vector<Value> keys) {
  std::vector<std::pair<Value, Value>> all;
  for (Value& key : keys) all.emplace_back(std::move(key), present());
  return all;
}

Value ValueGenerator::list() {
  static const char* const names[] = {"java.util.ArrayList", "java.util.LinkedList",
                                      "java.util.Vector", "java.util.Stack",
                                      "java.util.concurrent.CopyOnWriteArrayList"};
  static const char* const queues[] = {"java.util.ArrayDeque",
                                       "java.util.concurrent.ConcurrentLinkedQueue"};
  if (below(8) == 0) return make_list(words(), "java.util.PriorityQueue");
  std::vector<Value> items = values();
  if (below(4) > 0) return make_list(std::move(items), names[below(std::size(names))]);
  std::erase_if(items, [](const Value& item) { return item.is_null(); });
  return make_list(std::move(items), queues[below(std::size(queues))]);
}

Value ValueGenerator::set() {
  static const char* const names[] = {"java.util.HashSet", "java.util.LinkedHashSet",
                                      "java.util.concurrent.CopyOnWriteArraySet"};
  if (below(4) == 0) return make_list(words(), "java.util.TreeSet");
  return make_list(keys(), names[below(std::size(names))]);
}

Value ValueGenerator::map() {
  static const char* const hashed[] = {"java.util.HashMap", "java.util.LinkedHashMap",
                                       "java.util.Hashtable",
                                       "java.util.concurrent.ConcurrentHashMap"};
  static const char* const sorted[] = {"java.util.TreeMap",
                                       "java.util.concurrent.ConcurrentSkipListMap"};
  switch (below(8)) {
    case 0:
    case 1:
      return make_map(entries(words()), sorted[below(2)]);
    case 2: {
      std::vector<std::pair<Value, Value>> texts;
      for (Value& key : words()) texts.emplace_back(std::move(key), text());
      return make_map(std::move(texts), "java.util.Properties");
    }
    case 3:
      return enum_map();
    default:
      return make_map(entries(keys()), hashed[below(std::size(hashed))]);
  }
}

Value ValueGenerator::enum_map() {
  Value map = make_map(entries({color(below(2)), color(2)}), "java.util.EnumMap");
  const auto* key = map.map()->entries[0].first.get_if<JavaEnum>();
  map.map()->settings = {Value(JavaClassRef{key->type})};
  return map;
}

Value ValueGenerator::array() {
  const std::int32_t ints[] = {number(), number()};
  const std::int64_t longs[] = {number(), static_cast<std::int64_t>(random_())};
  const double doubles[] = {0.5 * number(), 1e300};
  const std::int16_t shorts[] = {static_cast<std::int16_t>(number()), -1};
  const char16_t chars[] = {u'a', static_cast<char16_t>(random_())};
  const float floats[] = {0.25F * static_cast<float>(number())};
  const bool bools[] = {true, false};
  switch (below(10)) {
    case 6:
      return short_array(shorts);
    case 7:
      return char_array(chars);
    case 8:
      return float_array(floats);
    case 9:
      return boolean_array(bools);
    case 0:
      return int_array(ints);
    case 1:
      return long_array(longs);
    case 2:
      return double_array(doubles);
    case 3:
      return string_array({text(), text()});
    case 4:
      return Bytes(below(3000), static_cast<std::uint8_t>(random_()));
    default:
      return object_array(values());
  }
}

Value ValueGenerator::jdk_object() {
  const std::int32_t nanos = static_cast<std::int32_t>(below(1'000'000'000));
  const std::int64_t words[] = {static_cast<std::int64_t>(random_()), 1};
  const std::string constants[] = {"RED", "BLUE"};
  // A JVM has one object for each of these, however many the stream has.
  static const Value kept[] = {java_locale("de", "DE"), java_locale("zh", "CN", "", "Hans"),
                               java_currency("EUR")};
  switch (below(20)) {
    case 9:
      return java_sql_date(number() * std::int64_t{1000});
    case 10:
      return java_atomic_integer(number());
    case 11:
      return java_atomic_long(static_cast<std::int64_t>(random_()));
    case 12:
      return java_atomic_boolean(below(2) == 0);
    case 13:
      return kept[below(2)];
    case 14:
      return kept[2];
    case 15:
      return java_uri("http://a/" + word());
    case 16:
      return java_bit_set(words);
    case 17:
      return java_entry(value(), value());
    case 18:
    case 19:
      return java_enum_set("peer.Samples$Color", std::span(constants).first(1 + below(2)));
    case 0:
      return Date{number()};
    case 1:
      return Date{number(), random_() | 1};
    case 2:
      return java_uuid(random_(), random_());
    case 3:
      return java_big_integer(std::to_string(number()) + "12345678901234567890");
    case 4:
      return java_big_decimal("12" + std::to_string(below(1000)) + ".5" +
                              std::to_string(below(1000)));
    case 5:
      return java_sql_timestamp(number() * std::int64_t{1000000}, nanos);
    case 6:
      return java_instant(number(), nanos);
    case 7:
      return java_duration(number(), nanos);
    default:
      return java_local_date(2000 + static_cast<std::int32_t>(below(100)),
                             1 + static_cast<int>(below(12)), 1 + static_cast<int>(below(28)));
  }
}

Value ValueGenerator::node() {
  Value node = java_object(node_class(), {{"name", word()}});
  nodes_.push_back(node);
  open_.push_back(node);
  *node.object()->field("left") = value();
  *node.object()->field("right") = value();
  if (below(2) == 0) *node.object()->field("more") = object_array(values());
  open_.pop_back();
  return node;
}

}  // namespace serval::testing
