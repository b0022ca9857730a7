// container/serialization/object_reader.h
#pragma once
#include <cstdint>
#include <forward_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/big_endian.h"
#include "container/base/result.h"
#include "container/serialization/class_cache.h"
#include "container/serialization/known_classes.h"
#include "container/servlet/serval/value.h"

namespace serval {

/// Reads a Java object stream: primitives and objects in the order the writer wrote them. Bytes are
/// untrusted; no class is looked up or constructed by name.
///
/// JDK lists, sets, maps, boxes and Date become the native values of value.h if their descriptor is
/// the usual one; everything else becomes a JavaObject that ObjectWriter writes back equal. Object
/// identity is kept. A writeObject that leaves the fields of its class out cannot be told from the
/// stream: when reading fails, the class met last is taken for such a one, a few times. If an
/// object contains itself, the whole graph read by that read_object is owned together (JavaGraph),
/// so that it can be freed.
///
/// Errors, by code:
///   kProtocol   the stream is broken or passes a limit; every later read fails alike
///   kCancelled  the peer gave this object up (TC_EXCEPTION, mostly a class that is not
///               serializable); the next read goes on behind it
///   kBadState   the next item is not what was asked for (a primitive is next, or an object, or the
///               end); nothing was consumed
/// Threads: not thread-safe. The bytes must outlive the reader; values do not refer to them.
/// Source: Java Object Serialization Specification, chapter 6; limits: see Options.
class ObjectReader {
 public:
  struct Options {
    std::size_t max_stream = 64UL << 20;  // bytes
    std::size_t max_depth = 512;          // objects, arrays and descriptors inside each other
    std::size_t max_handles = 1'000'000;
    std::size_t max_memory = 256UL << 20;  // bytes that the values may take, estimated
  };
  explicit ObjectReader(std::span<const std::uint8_t> stream) : ObjectReader(stream, Options()) {}
  ObjectReader(std::span<const std::uint8_t> stream, const Options& options);

  /// Not an error until now: the header was right and nothing was broken.
  Result<> status() const;

  Result<Value> read_object();

  /// Primitives out of block data, as java.io.DataInput reads them.
  Result<bool> read_bool();
  Result<std::uint8_t> read_byte();
  Result<std::int16_t> read_short();
  Result<char16_t> read_char();
  Result<std::int32_t> read_int();
  Result<std::int64_t> read_long();
  Result<float> read_float();
  Result<double> read_double();
  Result<std::string> read_utf();
  Result<Bytes> read_bytes(std::size_t count);

  /// True when nothing is left to read.
  bool at_end();

 private:
  /// A class as this stream names it.
  struct ClassEntry {
    std::shared_ptr<const JavaClass> type;
    Known known = Known::kNone;
  };
  struct Handle {
    enum class Kind : std::uint8_t { kClass, kText, kValue };
    Kind kind;
    bool is_open;         // its content is still being read
    std::uint32_t index;  // in classes_, in values_, or the place of the text in the stream
  };
  using ParsedField = ClassShape::Field;
  enum class State : std::uint8_t { kGood, kBroken, kAborted };
  struct HandleState {
    std::vector<Handle> handles;
    std::vector<ClassEntry> classes;
    std::vector<Value> values;
    std::size_t first_value;
  };
  /// Where a read_object began.
  struct Start {
    std::size_t position, handles, classes, values, memory;
  };

  // object_reader.cpp: bytes, blocks, the public calls
  bool fail(std::string message);
  Error failure();
  bool need(std::size_t count);
  bool charge(std::size_t bytes);
  bool next_tag(std::uint8_t& tag);
  /// True when block_left_ > 0; opens the next block that is not empty, if one is next.
  bool open_block();
  bool block_bytes(std::span<std::uint8_t> out);
  Result<> ready_for_block();
  template <class T>
  Result<T> read_primitive();
  bool read_root(Value& out);
  /// After a failure: reads again with the guess that a class wrote no default fields.
  bool read_with_guesses(const Start& start, Value& out);
  void go_back(const Start& start);
  bool leaves_fields_out(const std::shared_ptr<const JavaClass>& type);
  void clear_handles();
  /// Hands the nodes of the present read_object to one JavaGraph if there is a cycle among them.
  void seal_cycles(Value* root);

  // object_reader_classes.cpp: handles, text, descriptors
  bool add_handle(Handle::Kind kind, std::size_t index, bool is_open);
  bool reference(Handle& out);
  bool text_bytes(std::uint8_t tag, std::size_t& position, std::span<const std::uint8_t>& out);
  bool known_text(std::uint32_t index, std::span<const std::uint8_t>& out);
  bool name_of(std::span<const std::uint8_t> bytes, std::string_view& out);
  bool read_name(std::string_view& out);
  bool check_class_name(std::string_view name);
  bool read_signature(char type, std::string_view& out);
  bool read_class(ClassEntry& out);
  bool read_class_behind(std::uint8_t tag, ClassEntry& out);
  bool open_class(std::size_t& slot);
  bool close_class(std::size_t slot, const ClassEntry& entry);
  bool read_new_class(ClassEntry& out);
  bool read_proxy_class(ClassEntry& out);
  bool read_fields(std::size_t count);
  bool skip_annotation();
  Known match_known(std::string_view name, std::int64_t uid, std::uint8_t flags,
                    std::span<const ParsedField> fields, const JavaClass* super) const;

  // object_reader_values.cpp: objects
  bool read_value(Value& out);
  bool read_value_behind(std::uint8_t tag, Value& out);
  bool read_reference(Value& out);
  bool read_text(std::uint8_t tag, Value& out);
  /// Gives an object its handle; `slot` is its place in handles_. A null value stands for an object
  /// that cannot contain itself; close_with gives the real one.
  bool open(const Value& value, std::size_t& slot);
  void close(std::size_t slot);
  bool close_with(std::size_t slot, const Value& value);
  bool read_instance(Value& out);
  bool read_box(Known known, Value& out);
  bool read_date(Value& out);
  bool read_generic(const ClassEntry& entry, Value& out);
  bool read_class_data(const std::shared_ptr<const JavaClass>& described,
                       JavaObject::ClassData& data);
  template <class T>
  bool take(T& out);
  bool take_int(std::int32_t& out);
  bool read_field(char type, Value& out);
  bool read_annotation(JavaObject::ClassData& data);
  bool read_array(Value& out);
  bool read_packed(std::size_t width, Bytes& out);
  bool read_enum(Value& out);
  bool read_class_value(Value& out);
  bool read_exception();

  // object_reader_collections.cpp: JDK collections
  template <class T>
  bool block_int(T& out);
  bool block_load_factor(float& out);
  bool block_count(std::int32_t& out);
  bool end_of_block();
  bool read_items(std::int32_t size, std::vector<Value>& items);
  bool read_entries(std::int32_t size, JavaMap& map);
  bool read_list(Known known, Value& out);
  bool read_comparator(std::vector<Value>& settings);
  bool read_list_head(Known known, JavaList& list, std::int32_t& size);
  bool read_vector(JavaList& list);
  bool read_array_set(JavaList& list);
  bool read_queue(JavaList& list);
  bool read_map(Known known, Value& out);
  bool read_hash_head(float& factor, std::int32_t& size);
  bool read_hash_map(Known known, JavaMap& map);
  bool read_hashtable(Known known, JavaMap& map);
  bool read_tree_map(JavaMap& map);
  bool read_concurrent_map(JavaMap& map);
  bool read_skip_list_map(JavaMap& map);
  bool read_identity_map(JavaMap& map);
  bool read_enum_map(JavaMap& map);

  const std::span<const std::uint8_t> data_;
  const Options options_;
  std::size_t position_ = 0;
  std::size_t block_left_ = 0;
  std::size_t depth_ = 0;
  std::size_t memory_ = 0;
  std::size_t first_value_ = 0;  // of values_, in the present read_object
  bool has_cycle_ = false;
  bool in_exception_ = false;
  State state_ = State::kGood;
  std::string error_;
  std::vector<Handle> handles_;
  std::vector<ClassEntry> classes_;
  std::vector<Value> values_;
  /// Classes with a writeObject and fields, as the present read_object met them last; and those of
  /// which it is known by now that their writeObject does not write the fields.
  std::vector<std::shared_ptr<const JavaClass>> suspects_, without_fields_;
  std::vector<ParsedField> fields_;       // a stack, used while descriptors are read
  std::forward_list<std::string> names_;  // names that are not plain ASCII
};

template <class T>
bool ObjectReader::take(T& out) {
  if (!need(sizeof(T))) return false;
  out = load_big_endian<T>(data_.data() + position_);
  position_ += sizeof(T);
  return true;
}

template <class T>
bool ObjectReader::block_int(T& out) {
  if (!block_bytes({reinterpret_cast<std::uint8_t*>(&out), sizeof(T)})) return false;
  out = big_endian(out);
  return true;
}

}  // namespace serval
