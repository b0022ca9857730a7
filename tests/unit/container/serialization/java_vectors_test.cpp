#include <gtest/gtest.h>

#include <map>

#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"
#include "tests/support/value_compare.h"
#include "tests/support/vector_file.h"

namespace serval {
namespace {

using testing::GraphDifference;
using testing::to_hex;
using testing::vector_of;

Value read_one(const Bytes& bytes) {
  ObjectReader reader(bytes);
  auto value = reader.read_object();
  EXPECT_TRUE(value) << value.error().message;
  EXPECT_TRUE(reader.at_end());
  return value ? *value : Value();
}

Bytes write_one(const Value& value) {
  ObjectWriter writer;
  const auto done = writer.write_object(value);
  EXPECT_TRUE(done) << done.error().message;
  return writer.finish();
}

/// Streams of primitives and several objects: read with their own tests below.
const std::map<std::string, std::string, std::less<>> kNotOneObject = {
    {"both/java-mixed-blockdata", "primitives and objects in turn"},
    {"both/java-blockdata-2500", "primitives only"},
    {"both/java-reset", "three objects with a reset"}};

constexpr const char* kSegments =
    "it has a ConcurrentHashMap: a JVM adds 16 empty lock segments for readers before Java 8, "
    "Serval writes null for them";
constexpr const char* kSmallTable =
    "its HashMap was copied from another map, so its table has 2 buckets, not 16";

/// Objects whose bytes differ from the JVM's after a round trip, for a reason.
const std::map<std::string, std::string, std::less<>> kOtherBytes = {
    {"both/java-concurrenthashmap", kSegments},
    {"v9/sso-entry-nosession", kSegments},
    {"v9/sso-entry-session", kSegments},
    {"v10/sso-entry-nosession", kSegments},
    {"v10/sso-entry-session", kSegments},
    {"both/java-collections-synchronizedmap", kSmallTable},
    {"both/java-collections-unmodifiablemap", kSmallTable}};

class JavaVector : public ::testing::TestWithParam<std::string> {};

TEST_P(JavaVector, IsWrittenAgainAsTheJvmWroteIt) {
  const Bytes golden = vector_of(GetParam()).bytes;
  const Value value = read_one(golden);
  const Bytes again = write_one(value);
  if (kOtherBytes.contains(GetParam())) {
    EXPECT_NE(to_hex(again), to_hex(golden)) << "it is the same by now: no exception is needed";
  } else {
    EXPECT_EQ(to_hex(again), to_hex(golden));
  }
  EXPECT_EQ(GraphDifference::of(value, read_one(again)), "");
}

std::vector<std::string> one_object_vectors() {
  std::vector<std::string> names;
  for (const char* folder : {"both", "v9", "v10"}) {
    for (auto& name : testing::vector_names(folder, "java-")) {
      if (!kNotOneObject.contains(name)) names.push_back(std::move(name));
    }
    for (const char* prefix : {"principal-", "sso-entry", "sso-listener", "sso-map", "map-", "rpc-",
                               "sessionmessage-", "farm-", "session-", "backup-", "member-ext"}) {
      for (auto& name : testing::vector_names(folder, prefix)) {
        if (!vector_of(name).bytes.empty()) names.push_back(std::move(name));
      }
    }
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, JavaVector, ::testing::ValuesIn(one_object_vectors()),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           for (char& c : name) {
                             if (c == '-' || c == '/') c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace serval
