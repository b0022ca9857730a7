// container/serialization/annotation_reader.h
#pragma once
#include <cstdint>
#include <string>

#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval {

/// Reads what a class wrote itself (writeObject, writeExternal) out of a JavaObject: the calls of
/// ObjectReader, over the items that an ObjectReader kept.
///
/// Errors: kBadState when the next item is not what was asked for; kProtocol when a primitive is
/// cut off. Threads: not thread-safe. The data must outlive the reader.
class AnnotationReader {
 public:
  explicit AnnotationReader(const JavaObject::ClassData& data) : data_(data) {}

  Result<Value> read_object();
  Result<bool> read_bool();
  Result<std::int32_t> read_int();
  Result<std::int64_t> read_long();
  Result<std::string> read_utf();
  Result<Bytes> read_bytes(std::size_t count);
  bool at_end();

 private:
  template <class T>
  Result<T> read_number();
  /// Leaves bytes behind that are used up.
  void advance();

  const JavaObject::ClassData& data_;
  std::size_t item_ = 0;
  std::size_t offset_ = 0;  // in the bytes of the item
};

}  // namespace serval
