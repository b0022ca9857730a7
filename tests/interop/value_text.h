// tests/interop/value_text.h
#pragma once
#include <map>
#include <string>
#include <variant>

#include "container/servlet/serval/value.h"

namespace serval::testing {

/// A graph of values as one line of ASCII: the text that tests/peers/serialization/peer/Dump.java
/// writes of the same Java objects. What is shared is written once.
class ValueText {
 public:
  /// The text of one more value; what was met before is a reference.
  std::string of(const Value& value);

 private:
  void put(const Value& value);
  void put_text(const std::string& text);
  void put_fresh_number() { out_ += "#" + std::to_string(next_++) + " "; }
  /// False when the node was met before: then a reference was put.
  bool put_number(const void* node);
  void put_list(const JavaList& list);
  void put_map(const JavaMap& map);
  void put_array(const JavaArray& array);
  void put_settings(const std::vector<Value>& settings);
  void put_object(const JavaObject& object);
  void put_data(const JavaObject::ClassData& data);

  std::map<std::variant<const void*, std::uint64_t>, int> numbers_;  // by address, by date identity
  int next_ = 0;
  std::string out_;
};

}  // namespace serval::testing
