#include "cluster/tribes/group/rpc_message.h"

#include <gtest/gtest.h>

#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::testing::to_hex;
using serval::testing::vector_of;

const Bytes kUuid = serval::testing::from_hex("404142434445464748494a4b4c4d4e4f");
Bytes text(std::string_view chars) { return {chars.begin(), chars.end()}; }

TEST(RpcMessage, HeadersOfRequestsAndRepliesAreRead) {
  struct {
    const char* vector;
    bool reply;
    const char* id;
  } const rows[] = {{"both/rpc-request-string", false, "rpc-id-1"},
                    {"both/rpc-reply-string", true, "rpc-id-1"},
                    {"both/rpc-reply-null", true, "rpc-id-1"},
                    {"v9/rpc-map-init", false, "Catalina-Cluster-map"},
                    {"v10/rpc-map-init", false, "Catalina-Cluster-map"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.vector);
    const auto header = read_rpc_header(vector_of(row.vector).bytes);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->reply, row.reply);
    EXPECT_EQ(header->uuid, kUuid);
    EXPECT_EQ(header->rpc_id, text(row.id));
  }
}

TEST(RpcMessage, NothingElseIsTakenForOne) {
  EXPECT_FALSE(read_rpc_header(vector_of("both/rpc-norpcchannelreply").bytes));
  EXPECT_FALSE(read_rpc_header(vector_of("both/java-string").bytes));
  EXPECT_FALSE(read_rpc_header({}));
  const Bytes whole = vector_of("both/rpc-request-string").bytes;
  for (std::size_t size = 0; size < 97; ++size) {
    EXPECT_FALSE(read_rpc_header(std::span(whole).first(size))) << size;
  }
}

TEST(RpcMessage, NoRpcChannelReplyHasTheBytesOfTomcat) {
  EXPECT_EQ(to_hex(encode_no_rpc_channel_reply({false, kUuid, text("rpc-id-1")})),
            to_hex(vector_of("both/rpc-norpcchannelreply").bytes));
}

TEST(RpcMessage, LongIdsTakeALongBlock) {
  const Bytes bytes = encode_no_rpc_channel_reply({false, kUuid, Bytes(300, 'x')});
  EXPECT_NE(to_hex(bytes).find("78707a00000144"), std::string::npos);
}

}  // namespace
}  // namespace serval::tribes
