// tests/interop/value_generator.h
#pragma once
#include <random>
#include <string>
#include <vector>

#include "container/servlet/serval/value.h"

namespace serval::testing {

/// Makes values as an application could: every native form, every maker of java_values.h, shared
/// parts and cycles. The same seed gives the same values. Cycles are opened again when it ends.
class ValueGenerator {
 public:
  explicit ValueGenerator(std::uint64_t seed) : random_(seed) {}
  ~ValueGenerator();
  ValueGenerator(const ValueGenerator&) = delete;
  ValueGenerator& operator=(const ValueGenerator&) = delete;

  Value value();

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  std::int32_t number();
  std::string text();
  std::string word();
  Value scalar();
  Value present();
  std::vector<Value> values();
  std::vector<Value> words();
  /// Different scalars: keys of a hash table, elements of a set.
  std::vector<Value> keys();
  std::vector<std::pair<Value, Value>> entries(std::vector<Value> keys);
  Value list();
  Value set();
  Value map();
  Value enum_map();
  Value array();
  Value jdk_object();
  Value node();

  std::mt19937_64 random_;
  std::vector<Value> finished_;
  std::vector<Value> open_;  // nodes that may be referred to from inside
  std::vector<Value> nodes_;
  int depth_ = 0;
};

}  // namespace serval::testing
