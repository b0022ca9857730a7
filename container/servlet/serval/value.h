// container/servlet/serval/value.h
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

namespace serval {

class Value;
using Bytes = std::vector<std::uint8_t>;

/// The description of a Java class as it travels: what a JVM writes once per class and stream.
struct JavaClass {
  struct Field {
    char type;  // B C D F I J S Z, '[' array, 'L' object
    std::string name;
    std::string signature;  // "Ljava/lang/String;" for '[' and 'L', else empty
  };
  std::string name;  // "demo.Cart", "[I"
  std::int64_t serial_version_uid = 0;
  std::uint8_t flags =
      2;  // 1 has writeObject data, 2 serializable, 4 externalizable, 8 block data, 16 enum
  std::vector<Field> fields;  // stream order: primitives by name, then arrays and objects by name
  std::shared_ptr<const JavaClass> super;
  /// Of a dynamic proxy (which has no name, no UID and no fields): the interfaces it implements.
  std::vector<std::string> interfaces = {};
  bool is_proxy = false;
};

struct JavaList;
struct JavaMap;
struct JavaObject;
struct JavaArray;
/// A java.util.Date: milliseconds since 1970-01-01 UTC.
struct Date {
  std::int64_t ms = 0;
  /// Two dates with one identity (not 0) are one Java object; set by the reader, kept by copies.
  std::uint64_t identity = 0;
  friend bool operator==(Date a, Date b) { return a.ms == b.ms; }
};
/// An enum constant.
struct JavaEnum {
  std::shared_ptr<const JavaClass> type;
  std::string constant;
};
/// A java.lang.Class, or (rare) the java.io.ObjectStreamClass that describes it.
struct JavaClassRef {
  std::shared_ptr<const JavaClass> type;
  bool is_descriptor = false;
};

/// An object of the application's own C++ types, which no JVM could read: it stays on its node. The
/// session of a distributable application refuses it. Value::native reads it.
struct NativeObject {
  std::shared_ptr<void> object;
  const std::type_info* type = nullptr;
};

/// Owns the lists, maps, arrays and objects of a received graph that has a cycle (a -> b -> a).
///
/// Inside such a graph the edges do not own, so that it can be freed; each node knows its graph.
/// Copying a Value out of a node gives a Value that owns the whole graph. Graphs without a cycle
/// have none of this: every edge owns. An application that closes a cycle itself, from nodes it
/// made, must open it again before it lets go, as with any shared_ptr.
struct JavaGraph : std::enable_shared_from_this<JavaGraph> {
  std::vector<std::shared_ptr<void>> nodes;
};

namespace detail {
/// How deep this thread is in destroying nested values, and what it put off.
struct Teardown {
  int depth = 0;
  void* pending = nullptr;  // std::vector<Value::Variant>*
};
inline constexpr int kTeardownDepth = 64;
inline thread_local Teardown teardown;
}  // namespace detail

/// What a session attribute may be: a null, a Java number or text, bytes, a list, a map, a date, an
/// object of a class that only its owner knows, kept as it came, or one of C++ (NativeObject).
/// Cheap to copy: lists, maps, arrays and objects are shared, as references are in Java, so a
/// change made through one copy is seen through the other (and is replicated only after
/// set_attribute).
///
/// Text is UTF-8; a lone surrogate from Java is kept in its three-byte form.
/// Nesting of any depth is destroyed without recursion. Copy the Value, not the shared_ptr inside
/// it: only the Value's copy owns what it came out of (see JavaGraph).
///
/// Threads: as a std::vector; the shared content is not guarded.
class Value {
 public:
  using Variant =
      std::variant<std::monostate, bool, std::int8_t, std::int16_t, char16_t, std::int32_t,
                   std::int64_t, float, double, std::string, Date, std::shared_ptr<Bytes>,
                   std::shared_ptr<JavaList>, std::shared_ptr<JavaMap>, std::shared_ptr<JavaArray>,
                   std::shared_ptr<JavaObject>, JavaEnum, JavaClassRef, NativeObject>;

  Value() = default;
  Value(const Value& other) : data_(other.data_) { own(); }
  Value(Value&&) noexcept = default;
  Value& operator=(const Value& other) {
    if (this != &other) *this = Value(other);
    return *this;
  }
  Value& operator=(Value&&) noexcept = default;
  ~Value() {
    if (is_shared()) release();
  }
  template <class T>
  requires std::is_constructible_v<Variant, T&&> &&
      (!std::is_same_v<std::remove_cvref_t<T>, Value>)&&(
          !std::is_convertible_v<T, std::string_view>)Value(T&& value)
      : data_(std::forward<T>(value)) {}  // NOLINT: conversions are the point
  Value(std::string_view text) : data_(std::string(text)) {}
  Value(const std::string& text) : data_(text) {}
  Value(std::string&& text) : data_(std::move(text)) {}
  Value(const char* text) : data_(std::string(text)) {}
  Value(Bytes bytes) : data_(std::make_shared<Bytes>(std::move(bytes))) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  /// The content if it is of exactly this type, else nullptr. `get_if<std::int32_t>()`,
  /// `get_if<std::string>()`.
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&data_);
  }
  /// The shared content, or nullptr: `list()`, `map()`, `object()`, `array()`, `bytes()`.
  JavaList* list() const { return shared<JavaList>(); }
  JavaMap* map() const { return shared<JavaMap>(); }
  JavaObject* object() const { return shared<JavaObject>(); }
  JavaArray* array() const { return shared<JavaArray>(); }
  Bytes* bytes() const { return shared<Bytes>(); }
  /// The NativeObject's object if it is exactly a T, else null.
  template <class T>
  std::shared_ptr<T> native() const {
    const auto* held = get_if<NativeObject>();
    if (!held || !held->type || *held->type != typeid(T)) return nullptr;
    return std::static_pointer_cast<T>(held->object);
  }
  const Variant& variant() const { return data_; }

  /// Java's class name: "java.lang.Integer", "[B", "java.util.ArrayList", "demo.Cart"; "null" for
  /// null. Of a NativeObject it is the compiler's name of the C++ type.
  std::string class_name() const;

 private:
  template <class T>
  T* shared() const {
    const auto* pointer = std::get_if<std::shared_ptr<T>>(&data_);
    return pointer ? pointer->get() : nullptr;
  }
  bool is_shared() const { return data_.index() >= 11 && data_.index() <= 15; }
  void own();
  void release() noexcept;
  Variant data_;
};
static_assert(
    std::is_same_v<std::variant_alternative_t<11, Value::Variant>, std::shared_ptr<Bytes>> &&
    std::is_same_v<std::variant_alternative_t<15, Value::Variant>, std::shared_ptr<JavaObject>>);

/// A java.util list or set; java_class keeps the exact type. Native are ArrayList, LinkedList,
/// Vector, Stack, ArrayDeque, PriorityQueue, HashSet, LinkedHashSet, TreeSet and, of
/// java.util.concurrent, CopyOnWriteArrayList, CopyOnWriteArraySet and ConcurrentLinkedQueue; any
/// other collection is a JavaObject.
struct JavaList {
  std::string java_class = "java.util.ArrayList";
  std::vector<Value> items = {};
  /// The class's own settings when they are not the usual ones (HashSet: load factor, Vector:
  /// capacity increment, TreeSet and PriorityQueue: comparator), else empty.
  std::vector<Value> settings = {};
  JavaGraph* graph = nullptr;
};
/// A java.util map, entries in the order read or put. Native are HashMap, LinkedHashMap, TreeMap,
/// Hashtable, Properties, IdentityHashMap, EnumMap and, of java.util.concurrent, ConcurrentHashMap
/// and ConcurrentSkipListMap.
struct JavaMap {
  std::string java_class = "java.util.HashMap";
  std::vector<std::pair<Value, Value>> entries = {};
  /// As in JavaList. HashMap, Hashtable: load factor; LinkedHashMap: load factor, access order;
  /// Properties: load factor, defaults; TreeMap, ConcurrentSkipListMap: comparator; EnumMap: the
  /// class of its keys (needed when it has none; else their class).
  std::vector<Value> settings = {};
  JavaGraph* graph = nullptr;

  /// The value of the entry with this text as key, or nullptr.
  Value* find(std::string_view key);
};
/// An array of any type but byte[] (that is Bytes).
struct JavaArray {
  std::shared_ptr<const JavaClass> type;
  std::vector<Value> items = {};  // of object types
  Bytes packed = {};              // of primitive types: the elements big-endian, as they travel
  JavaGraph* graph = nullptr;

  /// 'I' for int[], 'L' or '[' for arrays of objects and of arrays.
  char element_type() const { return type && type->name.size() > 1 ? type->name[1] : 'L'; }
  std::size_t size() const;
  /// Requires: index < size().
  Value at(std::size_t index) const;
};
/// An object of a class without a native form. One ClassData for each class of the chain that has
/// data, root first; an externalizable object has one with annotation only.
struct JavaObject {
  struct ClassData {
    std::vector<Value> fields;  // as type->fields; none when its writeObject left them out
    /// What writeObject or writeExternal wrote besides: bytes of primitives, or an object.
    std::vector<std::variant<Bytes, Value>> annotation;
  };
  std::shared_ptr<const JavaClass> type;
  std::vector<ClassData> data;
  JavaGraph* graph = nullptr;

  /// The field of the most derived class that has one of this name, or nullptr.
  Value* field(std::string_view name);
  /// The classes of the chain that have data, root first as `data`.
  std::vector<const JavaClass*> data_classes() const;
};

/// A value that is this object. Null makes a null.
template <class T>
Value make_native(std::shared_ptr<T> object) {
  if (!object) return {};
  return Value(NativeObject{std::move(object), &typeid(T)});
}
inline Value make_list(std::vector<Value> items, std::string java_class = "java.util.ArrayList") {
  return Value(std::make_shared<JavaList>(JavaList{std::move(java_class), std::move(items)}));
}
inline Value make_map(std::vector<std::pair<Value, Value>> entries,
                      std::string java_class = "java.util.HashMap") {
  return Value(std::make_shared<JavaMap>(JavaMap{std::move(java_class), std::move(entries)}));
}

inline std::string Value::class_name() const {
  static constexpr const char* kNames[] = {"null",
                                           "java.lang.Boolean",
                                           "java.lang.Byte",
                                           "java.lang.Short",
                                           "java.lang.Character",
                                           "java.lang.Integer",
                                           "java.lang.Long",
                                           "java.lang.Float",
                                           "java.lang.Double",
                                           "java.lang.String",
                                           "java.util.Date",
                                           "[B"};
  if (data_.index() < std::size(kNames)) return kNames[data_.index()];
  if (const auto* l = list()) return l->java_class;
  if (const auto* m = map()) return m->java_class;
  if (const auto* a = array()) return a->type->name;
  if (const auto* o = object()) return o->type->name;
  if (const auto* e = get_if<JavaEnum>()) return e->type->name;
  if (const auto* n = get_if<NativeObject>()) return n->type ? n->type->name() : "null";
  return "java.lang.Class";
}

inline void Value::own() {
  if (!is_shared()) return;
  std::visit(
      [](auto& pointer) {
        using Pointer = std::remove_reference_t<decltype(pointer)>;
        if constexpr (requires { pointer->graph; }) {
          if (pointer && pointer.use_count() == 0 && pointer->graph != nullptr) {
            pointer = Pointer(pointer->graph->shared_from_this(), pointer.get());
          }
        }
      },
      data_);
}

inline void Value::release() noexcept {
  detail::Teardown& teardown = detail::teardown;
  if (teardown.depth < detail::kTeardownDepth) {
    ++teardown.depth;
    data_.emplace<std::monostate>();
    --teardown.depth;
    return;
  }
  if (teardown.pending != nullptr) {
    static_cast<std::vector<Variant>*>(teardown.pending)->push_back(std::move(data_));
    return;
  }
  std::vector<Variant> pending;
  teardown.pending = &pending;
  pending.push_back(std::move(data_));
  while (!pending.empty()) {
    const Variant next = std::move(pending.back());  // its children come back to pending
    pending.pop_back();
  }
  teardown.pending = nullptr;
}

inline Value* JavaMap::find(std::string_view key) {
  for (auto& [name, value] : entries) {
    if (const auto* text = name.get_if<std::string>(); text && *text == key) return &value;
  }
  return nullptr;
}

namespace detail {
/// Bytes of one element of a primitive type, 0 for objects.
constexpr std::size_t element_width(char type) {
  switch (type) {
    case 'B':
    case 'Z':
      return 1;
    case 'C':
    case 'S':
      return 2;
    case 'I':
    case 'F':
      return 4;
    case 'J':
    case 'D':
      return 8;
    default:
      return 0;
  }
}
}  // namespace detail

inline std::size_t JavaArray::size() const {
  const std::size_t width = detail::element_width(element_type());
  return width == 0 ? items.size() : packed.size() / width;
}

inline Value JavaArray::at(std::size_t index) const {
  const char element = element_type();
  const std::size_t width = detail::element_width(element);
  if (width == 0) return items[index];
  std::uint64_t raw = 0;
  for (std::size_t i = 0; i < width; ++i) raw = raw << 8 | packed[index * width + i];
  switch (element) {
    case 'B':
      return Value(static_cast<std::int8_t>(raw));
    case 'Z':
      return Value(raw != 0);
    case 'C':
      return Value(static_cast<char16_t>(raw));
    case 'S':
      return Value(static_cast<std::int16_t>(raw));
    case 'I':
      return Value(static_cast<std::int32_t>(raw));
    case 'F':
      return Value(std::bit_cast<float>(static_cast<std::uint32_t>(raw)));
    case 'D':
      return Value(std::bit_cast<double>(raw));
    default:
      return Value(static_cast<std::int64_t>(raw));
  }
}

inline std::vector<const JavaClass*> JavaObject::data_classes() const {
  constexpr std::uint8_t kSerializable = 2;
  std::vector<const JavaClass*> chain;
  for (const JavaClass* c = type.get(); c; c = c->super.get()) {
    if (c->flags & kSerializable) chain.push_back(c);
  }
  return {chain.rbegin(), chain.rend()};
}

inline Value* JavaObject::field(std::string_view name) {
  const auto chain = data_classes();
  if (chain.size() != data.size()) return nullptr;
  for (std::size_t i = chain.size(); i-- > 0;) {
    auto& fields = data[i].fields;
    for (std::size_t f = 0; f < chain[i]->fields.size() && f < fields.size(); ++f) {
      if (chain[i]->fields[f].name == name) return &fields[f];
    }
  }
  return nullptr;
}

}  // namespace serval
