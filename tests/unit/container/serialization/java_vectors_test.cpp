#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <variant>

#include "container/serialization/value_children.h"
#include "tests/support/seed.h"
#include "tests/support/stream_round_trip.h"
#include "tests/support/vector_file.h"

namespace serval {
namespace {

using testing::StreamItem;
using testing::to_hex;
using testing::vector_of;

using Items = std::vector<StreamItem>;

Items read_all(const Bytes& bytes) {
  auto all = testing::read_items(bytes);
  EXPECT_TRUE(all.status) << all.status.error().message;
  return std::move(all.items);
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
  Items items = read_all(golden);
  const std::size_t count = items.size();
  ASSERT_GT(count, 0U);
  const Bytes again = testing::write_items(items);
  EXPECT_EQ(items.size(), count) << "something cannot be written";
  if (kOtherBytes.contains(GetParam())) {
    EXPECT_NE(to_hex(again), to_hex(golden)) << "it is the same by now: no exception is needed";
  } else {
    EXPECT_EQ(to_hex(again), to_hex(golden));
  }
  EXPECT_EQ(testing::difference(items, read_all(again)), "");
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

/// Some bytes changed, inserted, removed, or taken from another stream.
Bytes mutate(Bytes bytes, const Bytes& other, std::mt19937_64& random) {
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  const auto at = [&](const Bytes& of, std::size_t i) {
    return of.begin() + static_cast<std::ptrdiff_t>(i);
  };
  for (std::size_t times = 1 + below(3); times > 0; --times) {
    const std::size_t place = below(bytes.size());
    switch (below(5)) {
      case 0:
        bytes[place] = static_cast<std::uint8_t>(random());
        break;
      case 1:
        bytes[place] = static_cast<std::uint8_t>(0x70 + below(15));  // a type code
        break;
      case 2:
        bytes.insert(at(bytes, place), static_cast<std::uint8_t>(0x70 + below(15)));
        break;
      case 3:
        bytes.erase(at(bytes, place), at(bytes, std::min(bytes.size(), place + 1 + below(4))));
        break;
      default: {
        const std::size_t from = below(other.size());
        bytes.insert(at(bytes, place), at(other, from),
                     at(other, std::min(other.size(), from + 1 + below(40))));
      }
    }
    if (bytes.empty()) bytes.push_back(0x70);
  }
  return bytes;
}

TEST(JavaVectors, DamagedOnesAreRefusedOrReadToSomethingThatCanBeWritten) {
  std::vector<Bytes> streams;
  for (const auto& name : stream_vectors()) {
    if (auto bytes = vector_of(name).bytes; bytes.size() < 4000) streams.push_back(bytes);
  }
  const std::uint64_t seed = testing::test_seed();
  SCOPED_TRACE(testing::seed_hint(seed));
  std::mt19937_64 random(seed);
  ObjectReader::Options options;
  options.max_memory = 16UL << 20;
  for (int i = 0; i < 10000; ++i) {
    const Bytes& stream = streams[random() % streams.size()];
    const Bytes damaged = mutate(stream, streams[random() % streams.size()], random);
    ASSERT_EQ(testing::round_trip_problem(damaged, options), "") << to_hex(damaged);
  }
}

}  // namespace
}  // namespace serval
