#include "container/serialization/known_classes.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

namespace serval {
namespace {

constexpr std::size_t kCount = static_cast<std::size_t>(Known::kCount);

struct Row {
  Known id;
  const char* name;
  std::uint64_t uid;
  std::uint8_t flags;
  Known super;
  /// "I size" or "L comparator Ljava/util/Comparator;", separated by commas.
  const char* fields;
};

constexpr Row kRows[] = {
    {Known::kNumber, "java.lang.Number", 0x86ac951d0b94e08b, 2, Known::kNone, ""},
    {Known::kByte, "java.lang.Byte", 0x9c4e6084ee50f51c, 2, Known::kNumber, "B value"},
    {Known::kShort, "java.lang.Short", 0x684d37133460da52, 2, Known::kNumber, "S value"},
    {Known::kInteger, "java.lang.Integer", 0x12e2a0a4f7818738, 2, Known::kNumber, "I value"},
    {Known::kLong, "java.lang.Long", 0x3b8be490cc8f23df, 2, Known::kNumber, "J value"},
    {Known::kFloat, "java.lang.Float", 0xdaedc9a2db3cf0ec, 2, Known::kNumber, "F value"},
    {Known::kDouble, "java.lang.Double", 0x80b3c24a296bfb04, 2, Known::kNumber, "D value"},
    {Known::kCharacter, "java.lang.Character", 0x348b47d96b1a2678, 2, Known::kNone, "C value"},
    {Known::kBoolean, "java.lang.Boolean", 0xcd207280d59cfaee, 2, Known::kNone, "Z value"},
    {Known::kDate, "java.util.Date", 0x686a81014b597419, 3, Known::kNone, ""},
    {Known::kArrayList, "java.util.ArrayList", 0x7881d21d99c7619d, 3, Known::kNone, "I size"},
    {Known::kLinkedList, "java.util.LinkedList", 0x0c29535d4a608822, 3, Known::kNone, ""},
    {Known::kVector, "java.util.Vector", 0xd9977d5b803baf01, 3, Known::kNone,
     "I capacityIncrement,I elementCount,[ elementData [Ljava/lang/Object;"},
    {Known::kStack, "java.util.Stack", 0x10fe2ac2bb09861d, 2, Known::kVector, ""},
    {Known::kArrayDeque, "java.util.ArrayDeque", 0x207cda2e240da08b, 3, Known::kNone, ""},
    {Known::kCopyOnWriteArrayList, "java.util.concurrent.CopyOnWriteArrayList", 0x785d9fd546ab90c3,
     3, Known::kNone, ""},
    {Known::kCopyOnWriteArraySet, "java.util.concurrent.CopyOnWriteArraySet", 0x4bbdd092901569d7, 2,
     Known::kNone, "L al Ljava/util/concurrent/CopyOnWriteArrayList;"},
    {Known::kConcurrentLinkedQueue, "java.util.concurrent.ConcurrentLinkedQueue",
     0x02bafb2a664c708c, 3, Known::kNone, ""},
    {Known::kPriorityQueue, "java.util.PriorityQueue", 0x94da30b4fb3f82b1, 3, Known::kNone,
     "I size,L comparator Ljava/util/Comparator;"},
    {Known::kHashSet, "java.util.HashSet", 0xba44859596b8b734, 3, Known::kNone, ""},
    {Known::kLinkedHashSet, "java.util.LinkedHashSet", 0xd86cd75a95dd2a1e, 2, Known::kHashSet, ""},
    {Known::kTreeSet, "java.util.TreeSet", 0xdd98509395ed875b, 3, Known::kNone, ""},
    {Known::kHashMap, "java.util.HashMap", 0x0507dac1c31660d1, 3, Known::kNone,
     "F loadFactor,I threshold"},
    {Known::kLinkedHashMap, "java.util.LinkedHashMap", 0x34c04e5c106cc0fb, 2, Known::kHashMap,
     "Z accessOrder"},
    {Known::kHashtable, "java.util.Hashtable", 0x13bb0f25214ae4b8, 3, Known::kNone,
     "F loadFactor,I threshold"},
    {Known::kProperties, "java.util.Properties", 0x3912d07a70363e98, 2, Known::kHashtable,
     "L defaults Ljava/util/Properties;"},
    {Known::kTreeMap, "java.util.TreeMap", 0x0cc1f63e2d256ae6, 3, Known::kNone,
     "L comparator Ljava/util/Comparator;"},
    {Known::kConcurrentHashMap, "java.util.concurrent.ConcurrentHashMap", 0x6499de129d87293d, 3,
     Known::kNone,
     "I segmentMask,I segmentShift,[ segments [Ljava/util/concurrent/ConcurrentHashMap$Segment;"},
    {Known::kConcurrentSkipListMap, "java.util.concurrent.ConcurrentSkipListMap",
     0x884675ae061146a7, 3, Known::kNone, "L comparator Ljava/util/Comparator;"},
    {Known::kIdentityHashMap, "java.util.IdentityHashMap", 0x71a2650133f2e980, 3, Known::kNone,
     "I size"},
    {Known::kEnumMap, "java.util.EnumMap", 0x065d7df7be907ca1, 3, Known::kNone,
     "L keyType Ljava/lang/Class;"},
    {Known::kByteArray, "[B", 0xacf317f8060854e0, 2, Known::kNone, ""},
    {Known::kBooleanArray, "[Z", 0x578f203914b85de2, 2, Known::kNone, ""},
    {Known::kCharArray, "[C", 0xb02666b0e25d84ac, 2, Known::kNone, ""},
    {Known::kShortArray, "[S", 0xef832e06e55db0fa, 2, Known::kNone, ""},
    {Known::kIntArray, "[I", 0x4dba602676eab2a5, 2, Known::kNone, ""},
    {Known::kLongArray, "[J", 0x782004b512b17593, 2, Known::kNone, ""},
    {Known::kFloatArray, "[F", 0x0b9c818922e00c42, 2, Known::kNone, ""},
    {Known::kDoubleArray, "[D", 0x3ea68c14ab635a1e, 2, Known::kNone, ""},
    {Known::kStringArray, "[Ljava.lang.String;", 0xadd256e7e91d7b47, 2, Known::kNone, ""},
    {Known::kObjectArray, "[Ljava.lang.Object;", 0x90ce589f1073296c, 2, Known::kNone, ""},
    {Known::kEnum, "java.lang.Enum", 0, 18, Known::kNone, ""},
    {Known::kBigInteger, "java.math.BigInteger", 0x8cfc9f1fa93bfb1d, 3, Known::kNumber,
     "I bitCount,I bitLength,I firstNonzeroByteNum,I lowestSetBit,I signum,[ magnitude [B"},
    {Known::kBigDecimal, "java.math.BigDecimal", 0x54c71557f981284f, 3, Known::kNumber,
     "I scale,L intVal Ljava/math/BigInteger;"},
    {Known::kUuid, "java.util.UUID", 0xbc9903f7986d852f, 2, Known::kNone,
     "J leastSigBits,J mostSigBits"},
    {Known::kSqlDate, "java.sql.Date", 0x14fa46683f356697, 2, Known::kDate, ""},
    {Known::kSqlTimestamp, "java.sql.Timestamp", 0x2618d5c80153bf65, 2, Known::kDate, "I nanos"},
    {Known::kAtomicInteger, "java.util.concurrent.atomic.AtomicInteger", 0x563f5ecc8c6c168a, 2,
     Known::kNumber, "I value"},
    {Known::kAtomicLong, "java.util.concurrent.atomic.AtomicLong", 0x1ac0fab477001718, 2,
     Known::kNumber, "J value"},
    {Known::kAtomicBoolean, "java.util.concurrent.atomic.AtomicBoolean", 0x4098b70a4f3ffc33, 2,
     Known::kNone, "I value"},
    {Known::kTimeSer, "java.time.Ser", 0x955d84ba1b2248b2, 12, Known::kNone, ""},
};
static_assert(std::size(kRows) == kCount - 1);

std::vector<JavaClass::Field> parse_fields(std::string_view text) {
  std::vector<JavaClass::Field> fields;
  while (!text.empty()) {
    std::string_view row = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), row.size() + 1));
    const char type = row[0];
    row.remove_prefix(2);
    const std::size_t blank = row.find(' ');
    fields.push_back(
        {type, std::string(row.substr(0, blank)),
         blank == std::string_view::npos ? std::string() : std::string(row.substr(blank + 1))});
  }
  return fields;
}

void append(Bytes& out, std::uint64_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

Bytes descriptor_of(const JavaClass& type) {
  Bytes out;
  append(out, 0x72, 1);
  append(out, type.name.size(), 2);
  out.insert(out.end(), type.name.begin(), type.name.end());
  append(out, static_cast<std::uint64_t>(type.serial_version_uid), 8);
  append(out, type.flags, 1);
  append(out, type.fields.size(), 2);
  for (const auto& field : type.fields) {
    if (!field.signature.empty()) return {};
    append(out, static_cast<std::uint8_t>(field.type), 1);
    append(out, field.name.size(), 2);
    out.insert(out.end(), field.name.begin(), field.name.end());
  }
  append(out, 0x78, 1);
  return out;
}

/// All rows as objects that live as long as the program.
struct Table {
  std::array<JavaClass, kCount> classes;
  std::array<std::shared_ptr<const JavaClass>, kCount> pointers;  // own nothing
  std::array<Bytes, kCount> descriptors;
  std::unordered_map<std::string_view, Known> by_name;

  Table() {
    for (const Row& row : kRows) {
      const auto index = static_cast<std::size_t>(row.id);
      JavaClass& type = classes[index];
      type.name = row.name;
      type.serial_version_uid = static_cast<std::int64_t>(row.uid);
      type.flags = row.flags;
      type.fields = parse_fields(row.fields);
      type.super = pointers[static_cast<std::size_t>(row.super)];
      pointers[index] = std::shared_ptr<const JavaClass>(std::shared_ptr<void>(), &type);
      descriptors[index] = descriptor_of(type);
      by_name.emplace(row.name, row.id);
    }
  }
};

const Table& table() {
  static const Table* const the_table = new Table;  // never freed: threads may outlive main
  return *the_table;
}

}  // namespace

const std::shared_ptr<const JavaClass>& java_class(Known id) {
  return table().pointers[static_cast<std::size_t>(id)];
}

std::shared_ptr<const JavaClass> java_class(std::string_view name) {
  return java_class(known_class(name));
}

Known known_class(std::string_view name) {
  const auto it = table().by_name.find(name);
  return it == table().by_name.end() ? Known::kNone : it->second;
}

Known known_class(const JavaClass* type) {
  const auto& classes = table().classes;
  if (std::less<>{}(type, classes.data() + 1) || !std::less<>{}(type, classes.data() + kCount)) {
    return Known::kNone;
  }
  return static_cast<Known>(type - classes.data());
}

Known known_equal(const JavaClass& type) {
  const Known id = known_class(type.name);
  if (id == Known::kNone || type.is_proxy) return Known::kNone;
  const JavaClass& known = *java_class(id);
  const bool same = known.serial_version_uid == type.serial_version_uid &&
                    known.flags == type.flags &&
                    (known.super == nullptr) == (type.super == nullptr) &&
                    std::ranges::equal(known.fields, type.fields, [](const auto& a, const auto& b) {
                      return a.type == b.type && a.name == b.name && a.signature == b.signature;
                    });
  if (!same) return Known::kNone;
  const bool same_super =
      type.super == nullptr || known_equal(*type.super) == known_class(known.super.get());
  return same_super ? id : Known::kNone;
}

std::shared_ptr<const JavaClass> describe_class(std::string_view name, std::int64_t uid,
                                                std::uint8_t flags, std::string_view fields,
                                                std::shared_ptr<const JavaClass> super) {
  auto type = std::make_shared<JavaClass>();
  type->name = name;
  type->serial_version_uid = uid;
  type->flags = flags;
  type->fields = parse_fields(fields);
  type->super = std::move(super);
  return type;
}

const Bytes& known_descriptor(Known id) {
  return table().descriptors[static_cast<std::size_t>(id)];
}

}  // namespace serval
