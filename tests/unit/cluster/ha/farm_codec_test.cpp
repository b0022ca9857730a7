#include <gtest/gtest.h>

#include <algorithm>

#include "cluster/ha/deploy/file_message.h"
#include "container/serialization/object_writer.h"
#include "tests/support/vector_file.h"

namespace serval::ha {
namespace {

using serval::testing::to_hex;
using serval::testing::vector_of;

TEST(FileMessage, ReadsAndWritesTheVectorsByteForByte) {
  for (const std::string name : {"first", "middle", "last", "tiny"}) {
    SCOPED_TRACE(name);
    const auto vector = vector_of("both/farm-filemessage-" + name);
    const auto message = FileMessage::decode(vector.bytes);
    ASSERT_TRUE(message) << message.error().message;
    EXPECT_EQ(message->file_name, "farm.war");
    EXPECT_EQ(message->context_name, "/farm");
    EXPECT_EQ(std::to_string(message->message_number), vector.fact("messageNumber"));
    EXPECT_EQ(std::to_string(message->total_messages), vector.fact("totalNrOfMsgs"));
    EXPECT_EQ(std::to_string(message->data.size()), vector.fact("dataLength"));
    // Tomcat leaves bytes of the piece before behind the last piece of a file; Serval sends zeros
    // there, so that nothing leaves that was not meant to.
    Bytes expected = vector.bytes;
    if (name == "last") {
      const auto tail = expected.end() - 11;  // the file name as text object
      std::fill(tail - static_cast<long>(FileMessage::kChunkSize - message->data.size()), tail, 0);
    }
    EXPECT_EQ(to_hex(message->encode()), to_hex(expected));
  }
}

TEST(FileMessage, RejectsNumbersThatContradictEachOther) {
  FileMessage message;
  message.message_number = 3;
  message.total_messages = 2;
  EXPECT_FALSE(FileMessage::decode(message.encode()));
  message.message_number = 0;
  EXPECT_FALSE(FileMessage::decode(message.encode()));
  message.message_number = 2;
  EXPECT_TRUE(FileMessage::decode(message.encode()));
}

TEST(UndeployMessage, ReadsAndWritesTheVectorsByteForByte) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"v9/farm-undeploy", 3323947316117794076}, {"v10/farm-undeploy", -8901659902996040089}};
  for (const auto& [name, member_uid] : cases) {
    SCOPED_TRACE(name);
    const auto vector = vector_of(name);
    const auto message = UndeployMessage::decode(vector.bytes);
    ASSERT_TRUE(message) << message.error().message;
    EXPECT_EQ(message->context_name, "/farm");
    EXPECT_EQ(message->unique_id, "Undeploy:/farm:1700000000000");
    EXPECT_EQ(message->timestamp, 1700000000000);
    EXPECT_EQ(message->sender.size(), 77U);
    EXPECT_EQ(message->member_impl_uid, member_uid);
    EXPECT_EQ(to_hex(message->encode(member_uid)), to_hex(vector.bytes));
  }
}

TEST(UndeployMessage, RejectsAnotherObject) {
  EXPECT_FALSE(UndeployMessage::decode(vector_of("both/farm-filemessage-tiny").bytes));
  EXPECT_FALSE(FileMessage::decode(vector_of("v9/farm-undeploy").bytes));
}

}  // namespace
}  // namespace serval::ha
