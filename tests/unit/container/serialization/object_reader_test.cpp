#include "container/serialization/object_reader.h"

#include <gtest/gtest.h>

#include "container/serialization/object_writer.h"
#include "tests/support/vector_file.h"

namespace serval {
namespace {

using testing::from_hex;
using testing::vector_of;

/// A stream from the hex behind the header.
Bytes stream(std::string_view hex) { return from_hex("aced0005" + std::string(hex)); }

Error error_of(const Bytes& bytes) {
  ObjectReader reader(bytes);
  const auto value = reader.read_object();
  EXPECT_FALSE(value);
  return value ? Error{} : value.error();
}

// Primitives and blocks ---------------------------------------------------------------------------

TEST(ObjectReader, AlternatesPrimitivesAndObjects) {
  const auto bytes = vector_of("both/java-mixed-blockdata").bytes;
  ObjectReader reader(bytes);
  EXPECT_EQ(*reader.read_int(), 1);
  EXPECT_EQ(*reader.read_utf(), "u");
  EXPECT_EQ(*reader.read_object()->get_if<std::string>(), "x");
  EXPECT_EQ(*reader.read_long(), 2);
  EXPECT_TRUE(*reader.read_bool());
  EXPECT_EQ(*reader.read_bytes(300), Bytes(300));
  EXPECT_EQ(*reader.read_object()->get_if<std::string>(), "x");
  EXPECT_FALSE(reader.at_end());
  EXPECT_EQ(*reader.read_double(), 1.5);
  EXPECT_TRUE(reader.at_end());
}

TEST(ObjectReader, JoinsBlocksOfAnySplit) {
  const auto long_blocks = vector_of("both/java-blockdata-2500").bytes;
  EXPECT_EQ(*ObjectReader(long_blocks).read_bytes(2500), Bytes(2500));
  const Bytes split = stream("7700 7701 00 7700 7a00000002 0000 7a00000000 7703 07 0002 7702 6869");
  ObjectReader reader(split);
  EXPECT_EQ(*reader.read_int(), 7);
  EXPECT_EQ(*reader.read_utf(), "hi");
  EXPECT_TRUE(reader.at_end());
}

TEST(ObjectReader, TellsWhenSomethingElseIsNextAndConsumesNothing) {
  const Bytes bytes = stream("7702 0102 70");
  ObjectReader reader(bytes);
  EXPECT_EQ(reader.read_object().error().code, Errc::kBadState);
  EXPECT_EQ(*reader.read_short(), 0x0102);
  EXPECT_EQ(reader.read_byte().error().code, Errc::kBadState);
  EXPECT_TRUE(reader.read_object()->is_null());
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.read_object().error().code, Errc::kBadState);
  EXPECT_EQ(reader.read_int().error().code, Errc::kBadState);
  EXPECT_TRUE(reader.status());
}

TEST(ObjectReader, ACutPrimitiveBreaksTheStream) {
  const Bytes bytes = stream("7702 0102 70");
  ObjectReader reader(bytes);
  EXPECT_EQ(reader.read_int().error().code, Errc::kProtocol);
  EXPECT_EQ(reader.read_object().error().code, Errc::kProtocol);
  EXPECT_FALSE(reader.status());
  EXPECT_TRUE(reader.at_end());
}

TEST(ObjectReader, ReadsNoPrimitiveOutOfABlockInWhichItBroke) {
  // An ArrayList whose block has three bytes more than the capacity: an element is expected there.
  const Bytes bytes = stream(
      "73720013 6a6176612e7574696c2e41727261794c697374 7881d21d99c7619d 03 0001 49 0004 73697a65 "
      "78 70 00000001 7707 00000001 010203 70 78");
  ObjectReader reader(bytes);
  EXPECT_EQ(reader.read_object().error().code, Errc::kProtocol);
  EXPECT_EQ(reader.read_byte().error().code, Errc::kProtocol);
  EXPECT_TRUE(reader.at_end());
}

TEST(ObjectReader, ForgetsHandlesAtAReset) {
  const auto bytes = vector_of("both/java-reset").bytes;
  ObjectReader reader(bytes);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*reader.read_object()->get_if<std::string>(), "a");
  EXPECT_TRUE(reader.at_end());
  const Bytes behind = stream("740001 61 79 71007e0000");
  ObjectReader strict(behind);
  EXPECT_TRUE(strict.read_object());
  EXPECT_EQ(strict.read_object().error().code, Errc::kProtocol);
}

// Exceptions --------------------------------------------------------------------------------------

TEST(ObjectReader, GoesOnBehindAnObjectThatTheSenderGaveUp) {
  const auto throwable = vector_of("both/java-exception").bytes;
  // An array of two: the first element is given up in the middle of the array.
  Bytes bytes = stream("740001 61 75720013");
  const std::string_view name = "[Ljava.lang.Object;";
  bytes.insert(bytes.end(), name.begin(), name.end());
  for (const auto b : from_hex("90ce589f1073296c 02 0000 78 70 00000002 7b")) bytes.push_back(b);
  bytes.insert(bytes.end(), throwable.begin() + 4, throwable.end());
  for (const auto b : from_hex("740001 62 71007e0000 7701 05")) bytes.push_back(b);
  ObjectReader reader(bytes);
  EXPECT_TRUE(reader.read_object());
  const auto given_up = reader.read_object();
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().code, Errc::kCancelled);
  EXPECT_NE(given_up.error().message.find("java.lang.IllegalStateException: boom"),
            std::string::npos);
  EXPECT_EQ(*reader.read_object()->get_if<std::string>(), "b");
  EXPECT_EQ(*reader.read_object()->get_if<std::string>(), "b");  // handles began anew
  EXPECT_EQ(*reader.read_byte(), 5);
  EXPECT_TRUE(reader.at_end());
}

TEST(ObjectReader, RejectsAnExceptionThatIsNoThrowable) {
  EXPECT_EQ(error_of(stream("7b 7b 70")).code, Errc::kProtocol);
  EXPECT_EQ(error_of(stream("7b 70")).code, Errc::kProtocol);
  EXPECT_EQ(error_of(stream("7b 740001 61")).code, Errc::kProtocol);
}

TEST(ObjectReader, TakesNoExceptionForOneInDataWhoseClassLeavesItsFieldsOut) {
  // A class "a" with a short; its writeObject writes the four bytes 75 7b 70 70 and not the short.
  // Read with the short, an array whose class is given up (7b) would follow.
  const Bytes bytes =
      stream("73 720001 61 0000000000000001 03 0001 53 0001 62 78 70 7704757b7070 78");
  const auto object = ObjectReader(bytes).read_object();
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->class_name(), "a");
}

// Identity ----------------------------------------------------------------------------------------

TEST(ObjectReader, KeepsSharedObjectsShared) {
  const auto list = *ObjectReader(vector_of("both/java-arraylist-shared").bytes).read_object();
  ASSERT_EQ(list.list()->items.size(), 2U);
  EXPECT_EQ(list.list()->items[0].object(), list.list()->items[1].object());
}

TEST(ObjectReader, ACycleIsOwnedByEveryValueOutOfIt) {
  Value peer;
  {
    const auto node = *ObjectReader(vector_of("both/java-node-cycle").bytes).read_object();
    peer = *node.object()->field("peer");
  }
  EXPECT_EQ(*peer.object()->field("name")->get_if<std::string>(), "b");
  Value back = *peer.object()->field("peer");
  EXPECT_EQ(*back.object()->field("name")->get_if<std::string>(), "a");
  peer = Value();
  EXPECT_EQ(back.object()->field("peer")->object()->field("peer")->object(), back.object());
}

TEST(ObjectReader, ACycleThatIsCutOffIsFreed) {  // run with the address sanitizer
  const auto bytes = vector_of("both/java-node-cycle").bytes;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ObjectReader reader(std::span<const std::uint8_t>(bytes).first(size));
    EXPECT_FALSE(reader.read_object());
  }
}

TEST(ObjectReader, LaterObjectsMayReferToEarlierOnes) {
  ObjectWriter writer;
  const Value list = make_list({1, "two"});
  ASSERT_TRUE(writer.write_object(list));
  ASSERT_TRUE(writer.write_object(make_list({list, "two"})));
  const Bytes bytes = writer.finish();
  ObjectReader reader(bytes);
  const Value first = *reader.read_object();
  const Value second = *reader.read_object();
  EXPECT_EQ(second.list()->items[0].list(), first.list());
}

TEST(ObjectReader, AListMayContainItself) {
  const auto list = std::make_shared<JavaList>();
  list->items.emplace_back(list);
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object(Value(list)));
  const Bytes bytes = writer.finish();
  const Value again = *ObjectReader(bytes).read_object();
  EXPECT_EQ(again.list()->items[0].list(), again.list());
  list->items.clear();
}

// Class knowledge ---------------------------------------------------------------------------------

TEST(ObjectReader, AKnownNameWithAnotherDescriptorStaysGeneric) {
  // java.util.Date with another serialVersionUID.
  const Bytes bytes = stream(
      "7372000e 6a6176612e7574696c2e44617465 0000000000000001 03 0000 78 70 7708 "
      "0000000000000005 78");
  const Value value = *ObjectReader(bytes).read_object();
  ASSERT_NE(value.object(), nullptr);
  EXPECT_EQ(value.object()->type->serial_version_uid, 1);
}

TEST(ObjectReader, UnderstandsAWriteObjectThatLeavesTheFieldsOut) {
  // class a { int n; String t; writeObject: writeInt(5), writeObject("x") }, twice; then text.
  const std::string described =
      "72 0001 61 0000000000000001 03 0002 49 0001 6e 4c 0001 74 740012 "
      "4c6a6176612f6c616e672f537472696e673b 78 70";
  const Bytes bytes = stream(
      "73 " + described + "7704 00000005 740001 78 78 73 71007e0000 7704 00000006 70 78 740001 79");
  ObjectReader reader(bytes);
  const Value first = *reader.read_object();
  const Value second = *reader.read_object();
  EXPECT_EQ(*reader.read_object()->get_if<std::string>(), "y");
  EXPECT_TRUE(reader.at_end());
  const auto& data = first.object()->data[0];
  EXPECT_TRUE(data.fields.empty());
  ASSERT_EQ(data.annotation.size(), 2U);
  EXPECT_EQ(std::get<Bytes>(data.annotation[0]), (Bytes{0, 0, 0, 5}));
  EXPECT_EQ(*std::get<Value>(data.annotation[1]).get_if<std::string>(), "x");
  EXPECT_EQ(first.object()->field("n"), nullptr);
  ObjectWriter writer;
  for (const Value& value : {first, second, Value("y")}) ASSERT_TRUE(writer.write_object(value));
  EXPECT_EQ(testing::to_hex(writer.finish()), testing::to_hex(bytes));
}

TEST(ObjectReader, GuessesAboutFieldsLeaveABrokenStreamBroken) {
  const Bytes bytes = stream(
      "740001 7a 73 72 0001 61 0000000000000001 03 0001 49 0001 6e 78 70 7704 00000005 6f 78");
  ObjectReader reader(bytes);
  EXPECT_TRUE(reader.read_object());
  const auto broken = reader.read_object();
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Errc::kProtocol);
  EXPECT_FALSE(reader.status());
}

TEST(ObjectReader, KeepsWhatIsUnusualInANativeMap) {
  const auto map = std::make_shared<JavaMap>();
  map->java_class = "java.util.LinkedHashMap";
  map->settings = {Value(0.5F), Value(true)};
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object(Value(map)));
  const Value again = *ObjectReader(writer.finish()).read_object();
  ASSERT_EQ(again.map()->settings.size(), 2U);
  EXPECT_EQ(*again.map()->settings[0].get_if<float>(), 0.5F);
  EXPECT_TRUE(*again.map()->settings[1].get_if<bool>());
}

// Hostile bytes -----------------------------------------------------------------------------------

TEST(ObjectReader, RejectsBrokenStreams) {
  struct Case {
    const char* what;
    const char* hex;
    const char* message;
  };
  const Case cases[] = {
      {"unknown type code", "6f", "type code 0x6f"},
      {"end mark outside an annotation", "78", "type code 0x78"},
      {"future handle", "71007e0000", "does not exist"},
      {"handle below the first", "7100000001", "does not exist"},
      {"object without class", "7370", "without a class"},
      {"class that is a string", "73740001 61", "where a class"},
      {"negative array", "75720002 5b42 acf317f8060854e0 02 0000 78 70 ffffffff", "does not fit"},
      {"array larger than the stream", "75720002 5b42 acf317f8060854e0 02 0000 78 70 7fffffff 00",
       "does not fit"},
      {"array of objects larger than the stream",
       "75720013 5b4c6a6176612e6c616e672e4f626a6563743b 90ce589f1073296c 02 0000 78 70 00ffffff 70",
       "do not fit"},
      {"block longer than the stream", "77 05 00", "a block is longer"},
      {"long string longer than the stream", "7c ffffffffffffffff 61", "longer than the stream"},
      {"malformed text", "740001 80", "modified UTF-8"},
      {"both kinds of serialization", "73720001 61 0000000000000000 06 0000 78 70", "Serializable"},
      {"protocol 1 external", "73720001 61 0000000000000000 04 0000 78 70", "JDK 1.1"},
      {"not serializable", "73720001 61 0000000000000000 00 0000 78 70", "not serializable"},
      {"enum with a uid", "7e720001 61 0000000000000001 12 0000 78 70 740001 62", "enum"},
      {"enum name that is no text", "7e720001 61 0000000000000000 12 0000 78 70 70", "not text"},
      {"object of an enum class", "73720001 61 0000000000000000 12 0000 78 70", "an object of"},
      {"empty class name", "73720000 0000000000000000 02 0000 78 70", "class name"},
      {"control character in a class name", "73720001 07 0000000000000000 02 0000 78 70",
       "class name"},
      {"unknown field type", "73720001 61 0000000000000000 02 0001 51 0001 62 78 70", "field type"},
      {"type string of the other kind",
       "73720001 61 0000000000000000 02 0001 4c 0001 62 740002 5b42 78 70", "does not fit"},
      {"super class that is itself", "73720001 61 0000000000000000 02 0000 78 71007e0000",
       "complete descriptor"},
      {"type string that is no text",
       "73720001 61 0000000000000000 02 0001 4c 0001 62 71007e0000 78 70", "something else"},
      {"too many interfaces", "737d 00000100 00", "interfaces"},
      {"reset inside an object", "73720001 61 0000000000000000 03 0000 78 70 79 78",
       "type code 0x79"},
  };
  for (const auto& [what, hex, message] : cases) {
    SCOPED_TRACE(what);
    const Error error = error_of(stream(hex));
    EXPECT_NE(error.code, Errc::kCancelled);
    EXPECT_NE(error.message.find(message), std::string::npos) << error.message;
  }
  EXPECT_NE(error_of({0xac, 0xed, 0, 4, 0x70}).message.find("aced0005"), std::string::npos);
  EXPECT_NE(error_of({}).message.find("aced0005"), std::string::npos);
}

TEST(ObjectReader, RejectsEveryPrefixOfEveryVector) {
  for (const auto& name : testing::vector_names("both", "java-")) {
    if (name.find("string-") != std::string::npos || name == "both/java-blockdata-2500") continue;
    SCOPED_TRACE(name);
    const auto bytes = vector_of(name).bytes;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ObjectReader reader(std::span<const std::uint8_t>(bytes).first(size));
      for (int i = 0; i < 4 && !reader.at_end(); ++i) {
        if (!reader.read_object()) reader.read_byte().has_value();
      }
    }
  }
}

TEST(ObjectReader, LimitsDepthHandlesAndMemory) {
  const Value leaf = make_list({});
  Value nested = leaf;
  for (int i = 0; i < 100; ++i) nested = make_list({nested});
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object(nested));
  const Bytes deep = writer.finish();
  ObjectReader::Options options;
  options.max_depth = 50;
  EXPECT_NE(ObjectReader(deep, options).read_object().error().message.find("deeper than 50"),
            std::string::npos);
  options = {};
  options.max_handles = 50;
  EXPECT_NE(ObjectReader(deep, options).read_object().error().message.find("50 handles"),
            std::string::npos);
  options = {};
  options.max_stream = 50;
  EXPECT_FALSE(ObjectReader(deep, options).status());
  options = {};
  options.max_memory = 1000;
  EXPECT_NE(ObjectReader(deep, options).read_object().error().message.find("1000 bytes"),
            std::string::npos);
  EXPECT_TRUE(ObjectReader(deep).read_object());
}

TEST(ObjectReader, KeysOfOneHashCodeCostNoMoreThanOthers) {
  std::vector<std::pair<Value, Value>> entries;
  for (unsigned i = 0; i < 1U << 14; ++i) {  // "Aa" and "BB" have the same hash code in Java
    std::string key;
    for (int bit = 0; bit < 14; ++bit) key += (i >> bit & 1U) != 0 ? "Aa" : "BB";
    entries.emplace_back(std::move(key), Value());
  }
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object(make_map(std::move(entries))));
  const Bytes bytes = writer.finish();
  EXPECT_EQ(ObjectReader(bytes).read_object()->map()->entries.size(), 1U << 14);
}

TEST(ObjectReader, ManyReferencesToOneTextDoNotMultiplyMemory) {
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object(make_list(std::vector<Value>(200, std::string(10000, 'x')))));
  const Bytes bytes = writer.finish();
  EXPECT_LT(bytes.size(), 20000U);
  ObjectReader::Options options;
  options.max_memory = 1UL << 20;
  EXPECT_FALSE(ObjectReader(bytes, options).read_object());
}

TEST(ObjectReader, NestingWithinTheLimitDoesNotOverflowTheStack) {
  Value nested = make_list({});
  for (int i = 0; i < 500; ++i) nested = make_map({{"k", nested}});
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object(nested));
  EXPECT_TRUE(ObjectReader(writer.finish()).read_object());
}

}  // namespace
}  // namespace serval
