// container/serialization/object_writer.h
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"
#include "container/serialization/handle_table.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/stream_constants.h"
#include "container/servlet/serval/value.h"

namespace serval {

/// Writes one Java object stream (header, then primitives and objects in any order) that
/// java.io.ObjectInputStream reads.
///
/// What is shared stays shared: a list, map, array, object, byte[] or Date that is reached twice is
/// written once. Immutable values are written once too, as far as a JVM would hold one object for
/// them: equal strings, enum constants, classes, Boolean, and numbers and characters in the range
/// of Java's box cache. A HashMap or HashSet is written in the order a JVM would iterate it if
/// all its keys have a value-based hash (text, boxes, dates), else in its own order.
///
/// Everything written is kept alive until reset() or the end of the writer.
///
/// Errors: kInvalidArgument when a value cannot be written (an unknown collection class, an object
/// that does not fit its class, deeper than max_depth, text over 65535 bytes in write_utf). Nothing
/// of it is in the stream then, and writing may go on.
/// Threads: not thread-safe.
/// Source: Java Object Serialization Specification, chapter 6.
class ObjectWriter {
 public:
  struct Options {
    std::size_t max_depth = 512;  // lists, maps, arrays, objects inside each other
    std::size_t reserve = 512;    // first size of the buffer
  };
  ObjectWriter() : ObjectWriter(Options()) {}
  explicit ObjectWriter(const Options& options);

  /// Primitives, as java.io.DataOutput writes them; they go into block data.
  void write_bool(bool value) { write_byte(value ? 1 : 0); }
  void write_byte(std::uint8_t value);
  void write_short(std::int16_t value);
  void write_char(char16_t value);
  void write_int(std::int32_t value);
  void write_long(std::int64_t value);
  void write_float(float value);
  void write_double(double value);
  void write_bytes(std::span<const std::uint8_t> bytes);
  Result<> write_utf(std::string_view text);

  Result<> write_object(const Value& value);
  void write_null();
  /// The same as write_object of a text or of bytes that nobody shares, without making a Value.
  void write_text(std::string_view text);
  void write_byte_array(std::span<const std::uint8_t> bytes);

  /// Forgets all handles: what comes is written anew (TC_RESET).
  void reset();

  /// The pieces of one object, for a codec that knows its class. Between begin_object and the
  /// field values nothing else may be written. Example: begin_object(type); put_int(7);
  /// write_object(name) … and for a class with writeObject or Externalizable: write_int(…) …;
  /// end_data().
  void begin_object(const std::shared_ptr<const JavaClass>& type);
  void put_bool(bool value) { put8(value ? 1 : 0); }
  void put_int(std::int32_t value) { put32(static_cast<std::uint32_t>(value)); }
  void put_long(std::int64_t value) { put64(static_cast<std::uint64_t>(value)); }
  void end_data();
  /// Bytes made before, which name `handles` new things. Requires: every reference inside is right
  /// at this place of the stream.
  void put_prebuilt(std::span<const std::uint8_t> bytes, std::uint32_t handles);
  /// The handle of the next new thing, for a reference to what put_prebuilt writes.
  std::uint32_t next_handle() const { return next_handle_; }
  void write_reference(std::uint32_t handle);

  /// Bytes so far, block data not yet closed included.
  std::size_t size() const { return out_.size() + block_size_; }
  /// Closes the block and hands the stream over; the writer is empty and of no further use.
  Bytes finish();

 private:
  static constexpr std::size_t kBlockSize = 1024;
  struct Mark {
    std::size_t out, objects, strings, kept;
    std::uint32_t next_handle;
  };

  // object_writer.cpp: bytes, blocks, handles, strings, descriptors
  void put8(unsigned value) { out_.push_back(static_cast<std::uint8_t>(value)); }
  void put16(unsigned value);
  void put32(std::uint32_t value);
  void put64(std::uint64_t value);
  void put_raw(std::span<const std::uint8_t> bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void put_reference(std::uint32_t handle);
  template <class T>
  void write_primitive(T value);
  void flush_block();
  bool fail(std::string message);
  Mark mark() const;
  void roll_back(const Mark& mark);
  /// A reference when the text was written before, unless it must be new.
  void put_string(std::string_view text, bool must_be_new = false);
  bool put_name(std::string_view text);
  bool put_class(const std::shared_ptr<const JavaClass>& type, std::size_t chain = 0);
  bool put_new_class(const std::shared_ptr<const JavaClass>& type, std::size_t chain);
  void put_known_class(Known id);
  /// True when the key is known: then a reference has been written.
  bool put_if_known(std::uint64_t key);
  void remember(std::uint64_t key) { objects_.add(key, next_handle_++); }

  // object_writer_values.cpp: values
  bool put_value(const Value& value);
  bool put_container(const Value& value);
  void put_box(Known id, std::uint64_t raw, int width, bool cached);
  bool put_date(const Date& date);
  bool put_enum(const JavaEnum& constant);
  bool put_class_value(const JavaClassRef& ref);
  bool put_bytes(const Bytes& bytes);
  bool put_array(const JavaArray& array);
  bool put_object(const JavaObject& object);
  bool put_external(const JavaObject& object);
  bool put_field(const JavaClass& type, const JavaClass::Field& field, const Value& value);
  bool put_annotation(const JavaObject::ClassData& data);

  // object_writer_collections.cpp
  bool put_list(const JavaList& list);
  bool put_vector(const JavaList& list, Known id);
  bool put_set(const JavaList& list, Known id);
  bool put_array_set(const JavaList& list);
  bool put_queue(const JavaList& list);
  bool put_comparator(const std::vector<Value>& settings);
  bool put_map(const JavaMap& map);
  bool put_hash_map(const JavaMap& map, Known id);
  bool put_hashtable(const JavaMap& map, Known id);
  bool put_concurrent_map(const JavaMap& map);
  bool put_key_type(const JavaMap& map);
  bool put_items(const std::vector<Value>& items);
  bool put_entries(const JavaMap& map);
  bool put_known_object(Known id, const void* node);

  const Options options_;
  Bytes out_;
  std::array<std::uint8_t, kBlockSize> block_;
  std::size_t block_size_ = 0;
  std::uint32_t next_handle_ = tc::kBaseWireHandle;
  std::array<std::uint32_t, static_cast<std::size_t>(Known::kCount)> known_handles_{};
  HandleTable objects_;  // by address, by box value, by date identity
  HandleTable strings_;  // by hash of the encoded bytes; extra = offset of the string in out_
  std::map<std::pair<const JavaClass*, std::string>, std::uint32_t> enums_;
  std::vector<Value> kept_;
  std::size_t depth_ = 0;
  std::string error_;
};

}  // namespace serval
