// container/serialization/known_classes.h
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "container/servlet/serval/value.h"

namespace serval {

/// JDK classes whose descriptors are constants of the program. The order is that of the table in
/// known_classes.cpp.
enum class Known : std::uint8_t {
  kNone,
  kNumber,
  kByte,
  kShort,
  kInteger,
  kLong,
  kFloat,
  kDouble,
  kCharacter,
  kBoolean,
  kDate,
  kArrayList,
  kLinkedList,
  kVector,
  kStack,
  kArrayDeque,
  kCopyOnWriteArrayList,
  kCopyOnWriteArraySet,
  kConcurrentLinkedQueue,
  kPriorityQueue,
  kHashSet,
  kLinkedHashSet,
  kTreeSet,
  kHashMap,
  kLinkedHashMap,
  kHashtable,
  kProperties,
  kTreeMap,
  kConcurrentHashMap,
  kConcurrentSkipListMap,
  kIdentityHashMap,
  kEnumMap,
  kByteArray,
  kBooleanArray,
  kCharArray,
  kShortArray,
  kIntArray,
  kLongArray,
  kFloatArray,
  kDoubleArray,
  kStringArray,
  kObjectArray,
  kEnum,
  kBigInteger,
  kBigDecimal,
  kUuid,
  kSqlDate,
  kSqlTimestamp,
  kAtomicInteger,
  kAtomicLong,
  kAtomicBoolean,
  kTimeSer,
  kCount
};

/// The descriptor of a well known class. Never null for an enumerator between kNone and kCount;
/// copying the pointer costs nothing.
const std::shared_ptr<const JavaClass>& java_class(Known id);

/// The same by name ("java.util.Date", "[Ljava.lang.String;"), or nullptr.
std::shared_ptr<const JavaClass> java_class(std::string_view name);

/// kNone when there is none of this name.
Known known_class(std::string_view name);
/// kNone when the descriptor is not one of java_class(): the test is on identity.
Known known_class(const JavaClass* type);

/// The known class that says the same as this descriptor, wherever it was made; else kNone.
Known known_equal(const JavaClass& type);

/// A descriptor of the program's own: fields as "I size,L name Ljava/lang/String;" in the order of
/// the stream.
std::shared_ptr<const JavaClass> describe_class(std::string_view name, std::int64_t uid,
                                                std::uint8_t flags, std::string_view fields,
                                                std::shared_ptr<const JavaClass> super = nullptr);

/// The bytes of the descriptor from its 72 to its 78, without the super class; empty for classes
/// with fields of object type, whose bytes depend on the stream.
const Bytes& known_descriptor(Known id);

}  // namespace serval
