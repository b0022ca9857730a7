#include <gtest/gtest.h>

#include <map>
#include <set>
#include <variant>

#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"
#include "container/serialization/value_children.h"
#include "tests/support/value_compare.h"
#include "tests/support/vector_file.h"

namespace serval {
namespace {

using testing::GraphDifference;
using testing::to_hex;
using testing::vector_of;

/// What a stream holds: bytes of primitives and objects, in turn.
using Items = std::vector<std::variant<Bytes, Value>>;

Items read_all(const Bytes& bytes) {
  ObjectReader reader(bytes);
  Items items;
  while (!reader.at_end()) {
    auto value = reader.read_object();
    if (value) {
      items.emplace_back(*std::move(value));
      continue;
    }
    EXPECT_EQ(value.error().code, Errc::kBadState) << value.error().message;
    Bytes block;
    for (auto byte = reader.read_byte(); byte; byte = reader.read_byte()) block.push_back(*byte);
    if (block.empty()) break;
    items.emplace_back(std::move(block));
  }
  EXPECT_TRUE(reader.status()) << reader.status().error().message;
  return items;
}

Bytes write_all(const Items& items) {
  ObjectWriter writer;
  for (const auto& item : items) {
    if (const auto* block = std::get_if<Bytes>(&item)) {
      writer.write_bytes(*block);
    } else {
      const auto done = writer.write_object(std::get<Value>(item));
      EXPECT_TRUE(done) << done.error().message;
    }
  }
  return writer.finish();
}

std::string difference(const Items& a, const Items& b) {
  if (a.size() != b.size()) return "number of items";
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].index() != b[i].index()) return "kind of item " + std::to_string(i);
    if (const auto* block = std::get_if<Bytes>(&a[i])) {
      if (*block != std::get<Bytes>(b[i])) return "bytes of item " + std::to_string(i);
    } else if (auto found = GraphDifference::of(std::get<Value>(a[i]), std::get<Value>(b[i]));
               !found.empty()) {
      return found;
    }
  }
  return "";
}

constexpr const char* kSegments =
    "it has a ConcurrentHashMap: a JVM adds 16 empty lock segments for readers before Java 8, "
    "Serval writes null for them";
constexpr const char* kSmallTable =
    "its HashMap was copied from another map, so its table has 2 buckets, not 16";

/// Streams whose bytes differ from the JVM's after a round trip, for a reason.
const std::map<std::string, std::string, std::less<>> kOtherBytes = {
    {"both/java-concurrenthashmap", kSegments},
    {"v9/sso-entry-nosession", kSegments},
    {"v9/sso-entry-session", kSegments},
    {"v10/sso-entry-nosession", kSegments},
    {"v10/sso-entry-session", kSegments},
    {"both/java-collections-synchronizedmap", kSmallTable},
    {"both/java-collections-unmodifiablemap", kSmallTable},
    {"both/java-reset",
     "a reader does not see a reset, so none is written; ObjectWriter.Reset..."}};

class JavaVector : public ::testing::TestWithParam<std::string> {};

TEST_P(JavaVector, IsWrittenAgainAsTheJvmWroteIt) {
  const Bytes golden = vector_of(GetParam()).bytes;
  const Items items = read_all(golden);
  ASSERT_FALSE(items.empty());
  const Bytes again = write_all(items);
  if (kOtherBytes.contains(GetParam())) {
    EXPECT_NE(to_hex(again), to_hex(golden)) << "it is the same by now: no exception is needed";
  } else {
    EXPECT_EQ(to_hex(again), to_hex(golden));
  }
  EXPECT_EQ(difference(items, read_all(again)), "");
}

bool is_stream(const std::string& name) {
  const Bytes bytes = vector_of(name).bytes;
  return bytes.size() > 4 && to_hex(bytes).starts_with("aced0005");
}

/// Every vector of the index that is a Java object stream, whatever wrote it.
std::vector<std::string> stream_vectors() {
  std::vector<std::string> names = testing::indexed_vectors();
  std::erase_if(names, [](const auto& name) { return !is_stream(name); });
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, JavaVector, ::testing::ValuesIn(stream_vectors()),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           for (char& c : name) {
                             if (c == '-' || c == '/') c = '_';
                           }
                           return name;
                         });

TEST(JavaVectors, AreThoseOfTheIndex) {
  const auto names = stream_vectors();
  EXPECT_GE(names.size(), 205U);  // as many as there were
  for (const auto& [name, reason] : kOtherBytes) {
    EXPECT_TRUE(std::ranges::find(names, name) != names.end()) << name;
  }
}

/// The descriptors of all objects in a graph.
void collect_classes(const Value& value, std::set<const void*>& seen,
                     std::set<const JavaClass*>& classes) {
  const JavaClass* type = value.object() != nullptr ? value.object()->type.get() : nullptr;
  const void* node = std::visit(
      [](const auto& content) -> const void* {
        if constexpr (requires { content->graph; }) return content.get();
        return nullptr;
      },
      value.variant());
  if (node == nullptr || !seen.insert(node).second) return;
  for (; type != nullptr; type = type->super.get()) classes.insert(type);
  for_each_child(value, [&](const Value& child) { collect_classes(child, seen, classes); });
}

/// A descriptor as serialversionuids.hex has it.
std::string facts_of(const JavaClass& type) {
  std::string text =
      type.name + " serialVersionUID=" + std::to_string(type.serial_version_uid) + " fields=";
  for (const auto& field : type.fields) {
    text += field.type;
    if (!field.signature.empty()) text += "(" + field.signature + ")";
    text += ":" + field.name + " ";
  }
  return text;
}

TEST(JavaVectors, HaveTheDescriptorsThatTheClassesHad) {
  std::set<std::string> found;
  for (const std::string list : {"v9/serialversionuids", "v10/serialversionuids"}) {
    const std::string folder = list.substr(0, list.find('/'));
    std::map<std::string, std::string> facts;  // by class
    const auto listed = vector_of(list).facts;
    for (auto [it, last] = listed.equal_range("class"); it != last; ++it) {
      facts[it->second.substr(0, it->second.find(' '))] = it->second;
    }
    for (const auto& name : testing::vector_names(folder, "")) {
      if (!is_stream(name)) continue;
      SCOPED_TRACE(name);
      const Items items = read_all(vector_of(name).bytes);
      std::set<const JavaClass*> classes;
      std::set<const void*> seen;
      for (const auto& item : items) {
        if (const auto* value = std::get_if<Value>(&item)) collect_classes(*value, seen, classes);
      }
      for (const JavaClass* type : classes) {
        if (!facts.contains(type->name) || (type->flags & 2) == 0) continue;
        EXPECT_EQ(facts_of(*type), facts[type->name]);
        found.insert(type->name);
      }
    }
  }
  EXPECT_GE(found.size(), 5U);
}

}  // namespace
}  // namespace serval
